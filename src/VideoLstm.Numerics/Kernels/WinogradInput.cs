using System.Runtime.Intrinsics.X86;
using static VideoLstm.Numerics.Kernels.ConvolutionActivations;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Takes the inputs of tiles to the points of <see cref="WinogradPoints"/>: Bᵀ d B.</summary>
/// <param name="vertical">Points of a column; null where the kernel has one row.</param>
/// <param name="horizontal">Points of a row; null where the kernel has one column.</param>
/// <param name="borderY">Rows of zeros that lie above and below the pictures. What lies beyond is zero too, but not in memory.</param>
/// <param name="borderX">Columns of zeros on the left and on the right.</param>
internal sealed unsafe class WinogradInput(WinogradPoints? vertical, WinogradPoints? horizontal, int borderY, int borderX)
{
    private readonly int _rows = vertical?.Count ?? 1;
    private readonly int _columns = horizontal?.Count ?? 1;

    /// <summary>The input of a tile at all points.</summary>
    /// <param name="input">A picture.</param>
    /// <param name="block">Which channels.</param>
    /// <param name="y">First row of the tile.</param>
    /// <param name="x">First column.</param>
    /// <param name="target">The block at the first point.</param>
    /// <param name="point">Floats from a point to the next.</param>
    /// <param name="patch">Memory for a block of each point.</param>
    /// <param name="temporary">Memory for a block of each point.</param>
    /// <param name="large">Whether the maps are larger than the cache.</param>
    public void Transform<TVector, TLanes>(in ConvolutionActivations input, int block, int y, int x, float* target, nint point, float* patch, float* temporary, bool large)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* source = input.At(block, y, x);
        nint row = input.RowStep, columns = _columns * BlockSize;
        int top = Math.Max(0, -borderY - y), bottom = Math.Min(_rows, input.Height + borderY - y);
        int left = Math.Max(0, -borderX - x), right = Math.Min(_columns, input.Width + borderX - x);
        if (top > 0 || left > 0 || bottom < _rows || right < _columns)
        {
            // What lies beyond belongs to others.
            new Span<float>(patch, _rows * _columns * BlockSize).Clear();
            for (int i = top; i < bottom; i++)
                new ReadOnlySpan<float>(source + i * row + left * BlockSize, (right - left) * BlockSize).CopyTo(new Span<float>(patch + i * columns + left * BlockSize, (right - left) * BlockSize));
            source = patch;
            row = columns;
        }
        else if (large)
        {
            Ahead(source + columns, row, _rows, horizontal?.Outputs ?? 1);
        }

        if (vertical is not null)
        {
            bool last = horizontal is null;
            WinogradLines lines = new()
            {
                Source = source, SourceStep = row, SourceLine = BlockSize, Count = _columns,
                Target = last ? target : temporary, TargetStep = last ? point : columns, TargetLine = BlockSize,
            };
            WinogradConvolution.Input<TVector, TLanes>(vertical)(lines, vertical.InputCoefficients);
        }
        if (horizontal is not null)
        {
            WinogradLines lines = new()
            {
                Source = vertical is null ? source : temporary, SourceStep = BlockSize, SourceLine = columns, Count = _rows,
                Target = target, TargetStep = point, TargetLine = _columns * point,
            };
            WinogradConvolution.Input<TVector, TLanes>(horizontal)(lines, horizontal.InputCoefficients);
        }
    }

    /// <summary>Asks for blocks of the next tile, row by row. Only a hint: no address is wrong.</summary>
    internal static void Ahead(float* source, nint row, int height, int width)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < height; i++, source += row)
            for (int j = 0; j < width; j++)
                Sse.Prefetch0(source + j * BlockSize);
    }
}
