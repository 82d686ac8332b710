namespace VideoLstm.Core.Compute;

/// <summary>The mean of each window of a picture, <c>[height, width, channels]</c> to as many; windows reach over the border.</summary>
/// <param name="Size">Height and width of a window, odd.</param>
/// <param name="CountsPadding">Whether what lies outside the picture counts as zeros, PyTorch's default, or not at all, as in
/// Keras.</param>
public sealed record AveragePooling2DSpec(int Size, bool CountsPadding) : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "average_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return input;
    }
}
