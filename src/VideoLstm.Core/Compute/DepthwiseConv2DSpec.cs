using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A convolution of each channel by itself, <c>[height, width, channels]</c> to as many channels. Parameters: depthwise_kernel <c>[size,
/// size, channels, 1]</c>,
/// bias <c>[channels]</c>.
/// </summary>
/// <param name="Size">Height and width of a window.</param>
public sealed record DepthwiseConv2DSpec(int Size) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "depthwise_conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input) => PictureAxes(input, (Size, Size), Stride, Padding);

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        return Slid(input, input[^1]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        ParameterSpec kernel = new("depthwise_kernel", [Size, Size, input[^1], 1]);
        return UseBias ? [kernel, new("bias", [input[^1]])] : [kernel];
    }
}
