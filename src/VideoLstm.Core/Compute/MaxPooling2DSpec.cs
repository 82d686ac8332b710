using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>The largest value of each window of a picture, <c>[height, width, channels]</c>; windows lie inside.</summary>
/// <param name="Size">Height and width of a window.</param>
public sealed record MaxPooling2DSpec(int Size = 2) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = Size;

    /// <inheritdoc/>
    public override string Kind => "max_pooling2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input) =>
        PictureAxes(input, (Size, Size), Stride, Padding.Valid);

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return Slid(input, input[^1]);
    }
}
