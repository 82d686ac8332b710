using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The innermost part of a matrix product: a tile of C, <see cref="IFloatLanes{TVector}.TileRows"/> rows by 3 vectors, held in
/// registers while a panel of A and a panel of B stream past. 3 loads and 8 broadcasts serve 24 multiply-adds, so the
/// multiply-add units are never short of work.
/// </summary>
internal static unsafe class GemmTile<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    public static int Rows => TLanes.TileRows;

    public static int Columns => 3 * TLanes.Count;

    /// <summary>C[rows, columns] = (accumulate ? C : 0) + A[rows, depth] * B[depth, columns].</summary>
    /// <param name="a">Panel [depth, rows].</param>
    /// <param name="b">Panel [depth, columns].</param>
    /// <param name="depth">Products to sum for each element.</param>
    /// <param name="c">First element of the tile.</param>
    /// <param name="stride">Floats from row to row of C.</param>
    /// <param name="accumulate">Add to what C holds.</param>
    /// <param name="ahead">What will be needed next: one cache line a step is fetched from here.</param>
    /// <typeparam name="TVectors">Vectors of the tile's columns that are wanted, 1 to 3; panels always hold 3.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TVectors>(float* a, float* b, nint depth, float* c, nint stride, bool accumulate, float* ahead)
        where TVectors : struct, IConstant
    {
        // C comes from far away, and is wanted at the end.
        if (Sse.IsSupported && accumulate)
        {
            for (int row = 0; row < TLanes.TileRows; row++)
            {
                Sse.Prefetch0(c + row * stride);
                if (TVectors.Value > 1) Sse.Prefetch0(c + row * stride + TLanes.Count);
                if (TVectors.Value > 2) Sse.Prefetch0(c + row * stride + 2 * TLanes.Count);
            }
        }

        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        TVector c40 = default, c41 = default, c42 = default;
        TVector c50 = default, c51 = default, c52 = default;
        TVector c60 = default, c61 = default, c62 = default;
        TVector c70 = default, c71 = default, c72 = default;

        for (float* end = b + depth * 3 * TLanes.Count; b < end; b += 3 * TLanes.Count)
        {
            if (Sse.IsSupported)
                Sse.Prefetch0(ahead);
            Load<TVectors>(b, out TVector b0, out TVector b1, out TVector b2);
            MultiplyAdd<TVectors>(a[0], b0, b1, b2, ref c00, ref c01, ref c02);
            if (TLanes.TileRows > 1)
            {
                MultiplyAdd<TVectors>(a[1], b0, b1, b2, ref c10, ref c11, ref c12);
                MultiplyAdd<TVectors>(a[2], b0, b1, b2, ref c20, ref c21, ref c22);
                MultiplyAdd<TVectors>(a[3], b0, b1, b2, ref c30, ref c31, ref c32);
            }
            if (TLanes.TileRows > 4)
            {
                MultiplyAdd<TVectors>(a[4], b0, b1, b2, ref c40, ref c41, ref c42);
                MultiplyAdd<TVectors>(a[5], b0, b1, b2, ref c50, ref c51, ref c52);
                MultiplyAdd<TVectors>(a[6], b0, b1, b2, ref c60, ref c61, ref c62);
                MultiplyAdd<TVectors>(a[7], b0, b1, b2, ref c70, ref c71, ref c72);
            }
            a += TLanes.TileRows;
            ahead += 16;
        }

        if (accumulate)
        {
            Add<TVectors>(c, ref c00, ref c01, ref c02);
            if (TLanes.TileRows > 1)
            {
                Add<TVectors>(c + stride, ref c10, ref c11, ref c12);
                Add<TVectors>(c + 2 * stride, ref c20, ref c21, ref c22);
                Add<TVectors>(c + 3 * stride, ref c30, ref c31, ref c32);
            }
            if (TLanes.TileRows > 4)
            {
                Add<TVectors>(c + 4 * stride, ref c40, ref c41, ref c42);
                Add<TVectors>(c + 5 * stride, ref c50, ref c51, ref c52);
                Add<TVectors>(c + 6 * stride, ref c60, ref c61, ref c62);
                Add<TVectors>(c + 7 * stride, ref c70, ref c71, ref c72);
            }
        }

        Store<TVectors>(c, c00, c01, c02);
        if (TLanes.TileRows > 1)
        {
            Store<TVectors>(c + stride, c10, c11, c12);
            Store<TVectors>(c + 2 * stride, c20, c21, c22);
            Store<TVectors>(c + 3 * stride, c30, c31, c32);
        }
        if (TLanes.TileRows > 4)
        {
            Store<TVectors>(c + 4 * stride, c40, c41, c42);
            Store<TVectors>(c + 5 * stride, c50, c51, c52);
            Store<TVectors>(c + 6 * stride, c60, c61, c62);
            Store<TVectors>(c + 7 * stride, c70, c71, c72);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<TVectors>(float* source, out TVector x, out TVector y, out TVector z)
        where TVectors : struct, IConstant
    {
        x = TLanes.Load(source);
        y = TVectors.Value > 1 ? TLanes.Load(source + TLanes.Count) : default;
        z = TVectors.Value > 2 ? TLanes.Load(source + 2 * TLanes.Count) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TVectors>(float* source, ref TVector x, ref TVector y, ref TVector z)
        where TVectors : struct, IConstant
    {
        x = TLanes.Add(TLanes.Load(source), x);
        if (TVectors.Value > 1) y = TLanes.Add(TLanes.Load(source + TLanes.Count), y);
        if (TVectors.Value > 2) z = TLanes.Add(TLanes.Load(source + 2 * TLanes.Count), z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(float* target, TVector x, TVector y, TVector z)
        where TVectors : struct, IConstant
    {
        TLanes.Store(x, target);
        if (TVectors.Value > 1) TLanes.Store(y, target + TLanes.Count);
        if (TVectors.Value > 2) TLanes.Store(z, target + 2 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<TVectors>(float value, TVector b0, TVector b1, TVector b2, ref TVector x, ref TVector y, ref TVector z)
        where TVectors : struct, IConstant
    {
        TVector v = TLanes.Broadcast(value);
        x = TLanes.MultiplyAdd(v, b0, x);
        if (TVectors.Value > 1) y = TLanes.MultiplyAdd(v, b1, y);
        if (TVectors.Value > 2) z = TLanes.MultiplyAdd(v, b2, z);
    }
}
