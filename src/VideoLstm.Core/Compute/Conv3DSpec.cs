using System.Globalization;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A convolution over time, height and width, <c>[time, height, width, channels]</c> to as many filters. Parameters: kernel <c>[size, size,
/// size, in, out]</c>,
/// bias <c>[out]</c>.
/// </summary>
/// <param name="Filters">Channels that go out.</param>
/// <param name="Size">Steps, height and width of a window.</param>
public sealed record Conv3DSpec(int Filters, int Size) : SpatialSpec
{
    /// <summary>From a window to the next, in all directions.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "conv3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return [.. input.Take(3).Select(length => ConvolutionAxis.Of(length, Size, Stride, Padding))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Filters);
        return Slid(input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        ParameterSpec kernel = new("kernel", [Size, Size, Size, input[^1], Filters]);
        return UseBias ? [kernel, new("bias", [Filters])] : [kernel];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Filters}");
}
