namespace VideoLstm.Core.Compute;

/// <summary>The mean of each channel of a picture: <c>[height, width, channels]</c> to <c>[channels]</c>.</summary>
public sealed record GlobalAveragePooling2DSpec : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "global_average_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return [.. input.SkipLast(3), input[^1]];
    }
}
