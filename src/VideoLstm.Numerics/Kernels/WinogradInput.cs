using System.Runtime.Intrinsics.X86;
using static VideoLstm.Numerics.Kernels.ActivationMap;

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
    /// <param name="target">Where they go.</param>
    /// <param name="patch">Memory for a block of each point.</param>
    /// <param name="temporary">Memory for a block of each point.</param>
    /// <param name="lead">How many tiles further in the row to ask for what is new there; 0: none.</param>
    public void Transform<TVector, TLanes>(in ActivationMap<float> input, int block, int y, int x, PointBlocks target, float* patch,
        float* temporary, int lead)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* source = input.At(block, y, x);
        nint row = input.RowStride, columns = _columns * BlockSize;
        int top = Math.Max(0, -borderY - y), bottom = Math.Min(_rows, input.Height + borderY - y);
        int left = Math.Max(0, -borderX - x), right = Math.Min(_columns, input.Width + borderX - x);
        if (top > 0 || left > 0 || bottom < _rows || right < _columns)
        {
            // What lies beyond belongs to others.
            CopyInside<TVector, TLanes>(source, row, patch, (_rows, _columns), (top, bottom), (left, right));
            source = patch;
            row = columns;
        }
        else if (lead > 0)
        {
            int width = horizontal?.Outputs ?? 1;
            Ahead(source + columns + (lead - 1) * width * BlockSize, row, _rows, width);
        }

        if (vertical is not null)
        {
            bool last = horizontal is null;
            WinogradLines lines = new()
            {
                Source = source, SourceStep = row, SourceLine = BlockSize, Count = _columns,
                Target = last ? target.First : temporary, TargetStep = last ? target.Stride : columns, TargetLine = BlockSize,
            };
            WinogradConvolution.Input<TVector, TLanes>(vertical)(&lines, vertical.InputCoefficients);
        }
        if (horizontal is not null)
        {
            WinogradLines lines = new()
            {
                Source = vertical is null ? source : temporary, SourceStep = BlockSize, SourceLine = columns, Count = _rows,
                Target = target.First, TargetStep = target.Stride, TargetLine = _columns * target.Stride,
            };
            WinogradConvolution.Input<TVector, TLanes>(horizontal)(&lines, horizontal.InputCoefficients);
        }
    }

    /// <summary>Copies the pixels of a tile between the given rows and columns; the others become zero.</summary>
    internal static void CopyInside<TVector, TLanes>(float* source, nint row, float* target, (int Rows, int Columns) size,
        (int Top, int Bottom) rows, (int Left, int Right) columns)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        for (int y = 0; y < size.Rows; y++, source += row)
        {
            bool inside = y >= rows.Top && y < rows.Bottom;
            for (int x = 0; x < size.Columns; x++)
            {
                bool copied = inside && x >= columns.Left && x < columns.Right;
                for (int lane = 0; lane < BlockSize; lane += TLanes.Count, target += TLanes.Count)
                    TLanes.Store(copied ? TLanes.Load(source + x * BlockSize + lane) : default, target);
            }
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
