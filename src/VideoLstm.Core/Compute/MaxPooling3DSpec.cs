using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>The largest value of each window of a volume, <c>[time, height, width, channels]</c>.</summary>
/// <param name="Time">Steps of a window.</param>
/// <param name="Size">Height and width of a window.</param>
public sealed record MaxPooling3DSpec(int Time, int Size = 2) : SpatialSpec
{
    /// <summary>Steps from a window to the next.</summary>
    public int TimeStride { get; init; } = Time;

    /// <summary>From a window to the next, down and across.</summary>
    public int Stride { get; init; } = Size;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; }

    /// <inheritdoc/>
    public override string Kind => "max_pooling3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return
        [
            ConvolutionAxis.Of(input[0], Time, TimeStride, Padding),
            ConvolutionAxis.Of(input[1], Size, Stride, Padding),
            ConvolutionAxis.Of(input[2], Size, Stride, Padding),
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
