using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The innermost part of a gradient of weights: sums over pixels of the products of up to 6 input channels with up to 4
/// vectors of output channels, held in registers while the pixels stream past. 24 multiply-adds cost 10 loads.
/// </summary>
/// <typeparam name="TVector">A register.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
/// <typeparam name="TVectors">Vectors of output channels in the tile, 1 to 4.</typeparam>
/// <typeparam name="TRows">Input channels in the tile, 1 to 6.</typeparam>
internal static unsafe class OuterProductTile<TVector, TLanes, TVectors, TRows>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TVectors : struct, IConstant
    where TRows : struct, IConstant
{
    /// <summary>Adds to one tile.</summary>
    /// <param name="left">First pixel's first input channel; the others lie beside it.</param>
    /// <param name="right">First pixel's first output channel; the next pixel's is 16 floats further.</param>
    /// <param name="c">The sums: a row of output channels for each input channel.</param>
    /// <param name="ahead">What will be needed next: for each pixel, one cache line is asked for from here.</param>
    /// <param name="steps">The shape.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* left, float* right, float* c, float* ahead, OuterProductSteps* steps)
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        TVector a10 = default, a11 = default, a12 = default, a13 = default;
        TVector a20 = default, a21 = default, a22 = default, a23 = default;
        TVector a30 = default, a31 = default, a32 = default, a33 = default;
        TVector a40 = default, a41 = default, a42 = default, a43 = default;
        TVector a50 = default, a51 = default, a52 = default, a53 = default;
        nint row = steps->SumRow, step = steps->SumVector;
        LoadRow(c, step, out a00, out a01, out a02, out a03);
        if (TRows.Value > 1) LoadRow(c + row, step, out a10, out a11, out a12, out a13);
        if (TRows.Value > 2) LoadRow(c + 2 * row, step, out a20, out a21, out a22, out a23);
        if (TRows.Value > 3) LoadRow(c + 3 * row, step, out a30, out a31, out a32, out a33);
        if (TRows.Value > 4) LoadRow(c + 4 * row, step, out a40, out a41, out a42, out a43);
        if (TRows.Value > 5) LoadRow(c + 5 * row, step, out a50, out a51, out a52, out a53);

        nint pixel = steps->LeftPixel, vector = steps->RightVector, end = (nint)steps->Run * 16;
        for (int line = 0; line < steps->Rows; line++)
        {
            float* p = left + line * steps->LeftRow;
            float* w0 = right + line * steps->RightRow;
            float* w1 = w0 + vector, w2 = w1 + vector, w3 = w2 + vector;
            for (nint o = 0; o < end; o += 16)
            {
                TVector v0 = TLanes.Load(w0 + o), v1 = default, v2 = default, v3 = default;
                if (TVectors.Value > 1) v1 = TLanes.Load(w1 + o);
                if (TVectors.Value > 2) v2 = TLanes.Load(w2 + o);
                if (TVectors.Value > 3) v3 = TLanes.Load(w3 + o);
                MultiplyAdd(p[0], v0, v1, v2, v3, ref a00, ref a01, ref a02, ref a03);
                if (TRows.Value > 1) MultiplyAdd(p[1], v0, v1, v2, v3, ref a10, ref a11, ref a12, ref a13);
                if (TRows.Value > 2) MultiplyAdd(p[2], v0, v1, v2, v3, ref a20, ref a21, ref a22, ref a23);
                if (TRows.Value > 3) MultiplyAdd(p[3], v0, v1, v2, v3, ref a30, ref a31, ref a32, ref a33);
                if (TRows.Value > 4) MultiplyAdd(p[4], v0, v1, v2, v3, ref a40, ref a41, ref a42, ref a43);
                if (TRows.Value > 5) MultiplyAdd(p[5], v0, v1, v2, v3, ref a50, ref a51, ref a52, ref a53);
                p += pixel;
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(ahead);
                    ahead += 16;
                }
            }
        }

        StoreRow(c, step, a00, a01, a02, a03);
        if (TRows.Value > 1) StoreRow(c + row, step, a10, a11, a12, a13);
        if (TRows.Value > 2) StoreRow(c + 2 * row, step, a20, a21, a22, a23);
        if (TRows.Value > 3) StoreRow(c + 3 * row, step, a30, a31, a32, a33);
        if (TRows.Value > 4) StoreRow(c + 4 * row, step, a40, a41, a42, a43);
        if (TRows.Value > 5) StoreRow(c + 5 * row, step, a50, a51, a52, a53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow(float* source, nint step, out TVector a, out TVector b, out TVector c, out TVector d)
    {
        a = TLanes.Load(source);
        b = TVectors.Value > 1 ? TLanes.Load(source + step) : default;
        c = TVectors.Value > 2 ? TLanes.Load(source + 2 * step) : default;
        d = TVectors.Value > 3 ? TLanes.Load(source + 3 * step) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(float value, TVector w0, TVector w1, TVector w2, TVector w3, ref TVector a, ref TVector b,
        ref TVector c, ref TVector d)
    {
        TVector x = TLanes.Broadcast(value);
        a = TLanes.MultiplyAdd(x, w0, a);
        if (TVectors.Value > 1) b = TLanes.MultiplyAdd(x, w1, b);
        if (TVectors.Value > 2) c = TLanes.MultiplyAdd(x, w2, c);
        if (TVectors.Value > 3) d = TLanes.MultiplyAdd(x, w3, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(float* target, nint step, TVector a, TVector b, TVector c, TVector d)
    {
        TLanes.Store(a, target);
        if (TVectors.Value > 1) TLanes.Store(b, target + step);
        if (TVectors.Value > 2) TLanes.Store(c, target + 2 * step);
        if (TVectors.Value > 3) TLanes.Store(d, target + 3 * step);
    }
}
