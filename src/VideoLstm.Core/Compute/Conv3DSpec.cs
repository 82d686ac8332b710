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
    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; } = Padding.Same;

    /// <inheritdoc/>
    public override string Kind => "conv3d";

    /// <inheritdoc/>
    public override IReadOnlyList<ConvolutionAxis> Axes(IReadOnlyList<int> input)
    {
        CheckVolume(input);
        return [.. input.Take(3).Select(length => ConvolutionAxis.Of(length, Size, 1, Padding))];
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
        return [new("kernel", [Size, Size, Size, input[^1], Filters]), new("bias", [Filters])];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Filters}");
}
