using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// The largest value of each window of a volume, windows side by side: <c>[time, height, width, channels]</c> to <c>[time / time, height /
/// size, width / size, channels]</c>.
/// </summary>
/// <param name="Time">Steps of a window.</param>
/// <param name="Size">Height and width of a window.</param>
public sealed record MaxPooling3DSpec(int Time, int Size = 2) : SpatialSpec
{
    /// <inheritdoc/>
    public override string Kind => "max_pooling3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return
        [
            ConvolutionAxis.Of(input[0], Time, Time, Padding.Valid),
            ConvolutionAxis.Of(input[1], Size, Size, Padding.Valid),
            ConvolutionAxis.Of(input[2], Size, Size, Padding.Valid),
        ];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return Slid(input, input[^1]);
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;
}
