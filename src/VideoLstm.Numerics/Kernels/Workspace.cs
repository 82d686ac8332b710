using System.Diagnostics.CodeAnalysis;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// What the layers of a network share, because only one of them computes at a time: the memory for packed matrices and the
/// instruction set. Not for several threads at once; each layer uses <see cref="Workers"/> by itself.
/// </summary>
/// <param name="level">The instruction set, or null for <see cref="Simd.Level"/>.</param>
public sealed class Workspace(SimdLevel? level = null)
{
    private readonly GemmPanels _left = GemmPanels.OfRows(level ?? Simd.Level);
    private AlignedBuffer? _ones;

    internal SimdLevel Level => _left.Level;

    /// <summary>The packed right operand of a product. Holds what was packed last until the next product with another one.</summary>
    internal GemmPanels Packed { get; } = GemmPanels.OfColumns(level ?? Simd.Level);

    /// <summary>What convolutions keep between their steps.</summary>
    internal ConvolutionScratch Convolution { get; } = new();

    /// <summary>C [m, n] = (accumulate ? C : 0) + A [m, k] * B [k, n].</summary>
    internal void Multiply(MatrixView a, MatrixView b, MatrixView c, bool accumulate = false)
    {
        Packed.Pack(b);
        MultiplyByPacked(a, c, accumulate);
    }

    /// <summary>C [m, n] = (accumulate ? C : 0) + A [m, k] * B [k, n], where B is what <see cref="Packed"/> holds.</summary>
    internal void MultiplyByPacked(MatrixView a, MatrixView c, bool accumulate = false)
    {
        _left.Pack(a.Transposed);
        Gemm.Multiply(_left, Packed, c, accumulate);
    }

    /// <summary>Sums [columns] of each column of the matrix that <see cref="Packed"/> holds, from the first row to the last.</summary>
    internal unsafe void SumPackedColumns(float* sums)
    {
        AlignedBuffer ones = EnsureCapacity(ref _ones, Packed.Depth);
        ones.Span.Fill(1f);
        fixed (float* row = ones)
            MultiplyByPacked(new MatrixView(row, 1, Packed.Depth), new MatrixView(sums, 1, Packed.Count));
    }

    /// <summary>
    /// Makes sure that <paramref name="buffer"/> holds at least <paramref name="length"/> floats. A new one is zero, one that is
    /// kept holds what it held.
    /// </summary>
    internal static AlignedBuffer EnsureCapacity([NotNull] ref AlignedBuffer? buffer, int length) =>
        buffer is { } kept && kept.Length >= length ? kept : buffer = new AlignedBuffer(length);
}
