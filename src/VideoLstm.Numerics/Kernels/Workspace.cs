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

    /// <summary>The packed right operand. Whoever packs it by himself uses it before the next product is asked for.</summary>
    internal GemmPanels Right { get; } = GemmPanels.OfColumns(level ?? Simd.Level);

    /// <summary>What convolutions keep between their steps.</summary>
    internal ConvolutionScratch Convolution { get; } = new();

    /// <summary>C [m, n] = (accumulate ? C : 0) + A [m, k] * B [k, n].</summary>
    internal void Multiply(MatrixView a, MatrixView b, MatrixView c, bool accumulate = false)
    {
        Right.Pack(b);
        MultiplyByRight(a, c, accumulate);
    }

    /// <summary>C [m, n] = (accumulate ? C : 0) + A [m, k] * B [k, n], where B is what <see cref="Right"/> holds.</summary>
    internal void MultiplyByRight(MatrixView a, MatrixView c, bool accumulate = false)
    {
        _left.Pack(a.Transposed);
        Gemm.Multiply(_left, Right, c, accumulate);
    }

    /// <summary>Sums [columns] of each column of the matrix that <see cref="Right"/> holds, from the first row to the last.</summary>
    internal unsafe void SumColumnsOfRight(float* sums)
    {
        AlignedBuffer ones = EnsureCapacity(ref _ones, Right.Depth);
        ones.Span.Fill(1f);
        MultiplyByRight(new MatrixView(ones.Pointer, 1, Right.Depth), new MatrixView(sums, 1, Right.Count));
        GC.KeepAlive(ones);
    }

    /// <summary>Makes sure that <paramref name="buffer"/> holds at least <paramref name="length"/> floats. A new one is zero, one that is kept holds what it held.</summary>
    internal static AlignedBuffer EnsureCapacity([NotNull] ref AlignedBuffer? buffer, int length) =>
        buffer is { } kept && kept.Length >= length ? kept : buffer = new AlignedBuffer(length);
}
