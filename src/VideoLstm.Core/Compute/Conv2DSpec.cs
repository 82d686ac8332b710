using System.Globalization;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A convolution over height and width, <c>[height, width, channels]</c> to as many filters. Parameters: kernel <c>[size, size, in,
/// out]</c>, bias <c>[out]</c>.
/// </summary>
/// <param name="Filters">Channels that go out.</param>
/// <param name="Size">Height and width of a window.</param>
public sealed record Conv2DSpec(int Filters, int Size) : SpatialSpec
{
    /// <summary>From a window to the next, in both directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary><see cref="ParameterSpec.L2"/> of the kernel.</summary>
    public float L2 { get; init; }

    /// <inheritdoc/>
    public override string Kind => "conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input) => PictureAxes(input, (Size, Size), Stride, Padding);

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Filters);
        return Slid(input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckPictures(input);
        ParameterSpec kernel = new("kernel", [Size, Size, input[^1], Filters]) { L2 = L2 };
        return UseBias ? [kernel, new("bias", [Filters])] : [kernel];
    }

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Filters}");
}
