using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Single-precision matrix product C = A * B or C += A * B. Both operands are packed into panels; C is cut into blocks that
/// the workers take one by one. For each element a block sums <see cref="DepthStep"/> products in one chain of multiply-adds, then
/// adds the sums, always in this order: the result is the same, bit for bit, for every instruction set that fuses them and every
/// number of threads, and more accurate than one long chain.
/// </summary>
/// <remarks>Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).</remarks>
internal static unsafe class Gemm
{
    /// <summary>Products in a partial sum: a panel of B this deep stays in the first-level cache (36 of 48 KB with AVX-512).</summary>
    private const int DepthStep = 192;

    /// <summary>Rows of a block of C: this many of A, a step deep, stay in the second-level cache.</summary>
    private const int BlockRows = 512;

    /// <summary>The most panels of B in a block of C.</summary>
    private const int BlockPanels = 8;

    /// <summary>The fewest tiles of rows in a block that is cut for the workers' sake.</summary>
    private const int LeastTiles = 8;

    /// <summary>Multiply-adds that are not worth waking another thread for.</summary>
    private const long Small = 256 * 1024;

    /// <summary>C [m, n] = (accumulate ? C : 0) + A [m, k] * B [k, n].</summary>
    /// <param name="a">Rows of A, packed.</param>
    /// <param name="b">Columns of B, packed for the same instruction set.</param>
    /// <param name="c">Rows of floats side by side.</param>
    /// <param name="accumulate">Add to what C holds.</param>
    public static void Multiply(GemmPanels a, GemmPanels b, MatrixView c, bool accumulate)
    {
        if (a.Depth != b.Depth || a.Count != c.Rows || b.Count != c.Columns || a.Level != b.Level)
            throw new ArgumentException($"[{a.Count}, {a.Depth}] x [{b.Depth}, {b.Count}] does not make [{c.Rows}, {c.Columns}]");
        if (c.ColumnStride != 1 && c.Columns > 1)
            throw new ArgumentException("the rows of C must lie side by side", nameof(c));

        SimdKernel.Run(new Product(a, b, c, accumulate), a.Level);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
    }

    /// <summary>The same in plain loops: what every fast path is tested against.</summary>
    public static void MultiplyReference(MatrixView a, MatrixView b, MatrixView c, bool accumulate)
    {
        for (int i = 0; i < c.Rows; i++)
        {
            for (int j = 0; j < c.Columns; j++)
            {
                float* element = c.Data + i * c.RowStride + j * c.ColumnStride;
                float total = accumulate ? *element : 0f;
                for (int first = 0; first < a.Columns; first += DepthStep)
                {
                    float sum = 0;
                    for (int k = first; k < Math.Min(first + DepthStep, a.Columns); k++)
                        sum = MathF.FusedMultiplyAdd(a.Data[i * a.RowStride + k * a.ColumnStride],
                            b.Data[k * b.RowStride + j * b.ColumnStride], sum);
                    total += sum;
                }
                *element = total;
            }
        }
    }

    private readonly record struct Product(GemmPanels A, GemmPanels B, MatrixView C, bool Accumulate) : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> => Multiply<TVector, TLanes>(A, B, C, Accumulate);
    }

    private static void Multiply<TVector, TLanes>(GemmPanels a, GemmPanels b, MatrixView c, bool accumulate)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        if (a.Panels == 0 || b.Panels == 0)
            return;

        // Few rows: the weights are what is moved, so each panel of them is read from end to end. Many rows: a block is as
        // wide as its rows are many, so that each side is read equally often.
        int columnBlocks = Parts.CeilDiv(b.Panels, Math.Clamp(a.Panels / 4, 1, BlockPanels));

        // A few blocks for each worker, so that they end together, as long as the blocks do not get small.
        int rowBlocks = Math.Max(Parts.CeilDiv(a.Panels, BlockRows / TLanes.TileRows),
            Math.Min(Parts.CeilDiv(a.Panels, LeastTiles), Parts.CeilDiv(4 * Workers.Count, columnBlocks)));

        void Block(int index)
        {
            (int column, int row) = Math.DivRem(index, rowBlocks);
            MultiplyBlock<TVector, TLanes>(
                a, b, c, accumulate, Parts.Start(a.Panels, rowBlocks, row), Parts.Start(a.Panels, rowBlocks, row + 1),
                    Parts.Start(b.Panels, columnBlocks, column), Parts.Start(b.Panels, columnBlocks, column + 1));
        }

        int blocks = rowBlocks * columnBlocks;
        if (blocks > 1 && (long)c.Rows * c.Columns * a.Depth > Small)
        {
            Workers.For(blocks, Block);
        }
        else
        {
            for (int i = 0; i < blocks; i++)
                Block(i);
        }
    }

    [SkipLocalsInit]
    private static void MultiplyBlock<TVector, TLanes>(
        GemmPanels a, GemmPanels b, MatrixView c, bool accumulate, int firstTile, int endTile, int firstPanel, int endPanel)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        int tileRows = TLanes.TileRows, tileColumns = 3 * TLanes.Count, depth = a.Depth;
        float* edge = stackalloc float[tileRows * tileColumns];

        // Entered at least once: a product of depth zero still clears C.
        for (int k = 0; k == 0 || k < depth; k += DepthStep)
        {
            int step = Math.Min(DepthStep, depth - k);
            bool add = accumulate || k > 0;
            for (int panel = firstPanel; panel < endPanel; panel++)
            {
                float* right = b.Panel(panel) + (nint)k * tileColumns;
                float* next = panel + 1 < endPanel ? b.Panel(panel + 1) + (nint)k * tileColumns
                    : b.Panel(firstPanel) + (nint)(k + step) * tileColumns;
                int column = panel * tileColumns, columns = Math.Min(tileColumns, c.Columns - column),
                    vectors = Parts.CeilDiv(columns, TLanes.Count);
                delegate*<float*, float*, nint, float*, nint, bool, float*, void> run = vectors switch
                {
                    1 => &GemmTile<TVector, TLanes>.Run<One>,
                    2 => &GemmTile<TVector, TLanes>.Run<Two>,
                    _ => &GemmTile<TVector, TLanes>.Run<Three>,
                };
                for (int tile = firstTile; tile < endTile; tile++)
                {
                    // Each of the first tiles of a column fetches its share of the next panel; the others look at what is there already.
                    int share = tile - firstTile;
                    float* ahead = share * 16 < tileColumns ? next + (nint)share * step * 16 : right;
                    float* left = a.Panel(tile) + (nint)k * tileRows;
                    int row = tile * tileRows, rows = Math.Min(tileRows, c.Rows - row);
                    float* target = c.Data + row * c.RowStride + column;
                    if (rows == tileRows && columns == vectors * TLanes.Count)
                    {
                        run(left, right, step, target, c.RowStride, add, ahead);
                        continue;
                    }
                    if (add)
                        Copy(target, c.RowStride, edge, tileColumns, rows, columns);
                    run(left, right, step, edge, tileColumns, add, ahead);
                    Copy(edge, tileColumns, target, c.RowStride, rows, columns);
                }
            }
        }
    }

    private static void Copy(float* source, nint sourceStep, float* target, nint targetStep, int rows, int columns)
    {
        for (int i = 0; i < rows; i++)
            new ReadOnlySpan<float>(source + i * sourceStep, columns).CopyTo(new Span<float>(target + i * targetStep, columns));
    }
}
