using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// One operand of a matrix product, copied into the order in which the tiles read it: panels of as many vectors as a
/// tile is wide, in each panel [depth, width] without gaps, the last one filled up with zeros. The buffer is kept and
/// grows to the largest matrix seen.
/// </summary>
internal sealed unsafe class GemmPanels
{
    /// <summary>Depth that one task packs: its part of a panel stays in the first-level cache.</summary>
    private const int Chunk = 64;

    private AlignedBuffer? _buffer;

    private GemmPanels(SimdLevel level, int width) => (Level, Width) = (level, width);

    /// <summary>The instruction set whose tiles can read the panels.</summary>
    public SimdLevel Level { get; }

    /// <summary>Vectors in a panel: rows of A, columns of B.</summary>
    public int Width { get; }

    /// <summary>Vectors packed, without the filling.</summary>
    public int Count { get; private set; }

    /// <summary>Length of each vector: what the product sums over.</summary>
    public int Depth { get; private set; }

    public int Panels => (Count + Width - 1) / Width;

    /// <summary>Panels for the left operand: its rows.</summary>
    public static GemmPanels OfRows(SimdLevel level) => new(level, TileShape.Of(level).Rows);

    /// <summary>Panels for the right operand: its columns.</summary>
    public static GemmPanels OfColumns(SimdLevel level) => new(level, TileShape.Of(level).Columns);

    /// <summary>The first float of a panel. Valid until the next call of <see cref="Pack"/>.</summary>
    public float* Panel(int index) => _buffer!.Pointer + (nint)index * Depth * Width;

    /// <summary>Copies the columns of <paramref name="source"/> [depth, count]; for the left operand, pass it transposed.</summary>
    public void Pack(MatrixView source)
    {
        if (source.RowStride != 1 && source.ColumnStride != 1)
            throw new ArgumentException("one step of the matrix must be 1", nameof(source));
        (Depth, Count) = (source.Rows, source.Columns);
        Workspace.EnsureCapacity(ref _buffer, checked(Panels * Width * Depth));

        int chunks = (Depth + Chunk - 1) / Chunk;
        if ((long)Depth * Count < 32 * 1024)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
                PackChunk(source, chunk * Chunk);
        }
        else
        {
            Workers.For(chunks, chunk => PackChunk(source, chunk * Chunk));
        }
        GC.KeepAlive(this);
    }

    private void PackChunk(MatrixView source, int first)
    {
        int depth = Math.Min(Chunk, Depth - first);
        for (int panel = 0; panel < Panels; panel++)
        {
            float* target = Panel(panel) + (nint)first * Width;
            float* from = source.Data + first * source.RowStride + panel * Width * source.ColumnStride;
            int count = Math.Min(Width, Count - panel * Width);
            if (count < Width)
                new Span<float>(target, depth * Width).Clear();
            if (source.ColumnStride == 1)
                CopyRows(from, source.RowStride, target, depth, count);
            else
                Transpose(from, source.ColumnStride, target, depth, count);
        }
    }

    private void CopyRows(float* from, nint step, float* target, int depth, int count)
    {
        for (int k = 0; k < depth; k++)
        {
            new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(target, count));
            from += step;
            target += Width;
        }
    }

    /// <summary>8 vectors are read side by side, so that each line of the target is written in one go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(float* from, nint step, float* target, int depth, int count)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            float* p0 = from + i * step, p1 = p0 + step, p2 = p1 + step, p3 = p2 + step;
            float* p4 = p3 + step, p5 = p4 + step, p6 = p5 + step, p7 = p6 + step;
            float* t = target + i;
            for (nint k = 0; k < depth; k++)
            {
                t[0] = p0[k];
                t[1] = p1[k];
                t[2] = p2[k];
                t[3] = p3[k];
                t[4] = p4[k];
                t[5] = p5[k];
                t[6] = p6[k];
                t[7] = p7[k];
                t += Width;
            }
        }
        for (; i < count; i++)
        {
            float* p = from + i * step;
            for (nint k = 0; k < depth; k++)
                target[k * Width + i] = p[k];
        }
    }

    private sealed class TileShape : ISimdKernel
    {
        public int Rows { get; private set; }

        public int Columns { get; private set; }

        public static TileShape Of(SimdLevel level)
        {
            TileShape shape = new();
            SimdKernel.Run(shape, level);
            return shape;
        }

        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> =>
            (Rows, Columns) = (GemmTile<TVector, TLanes>.Rows, GemmTile<TVector, TLanes>.Columns);
    }
}
