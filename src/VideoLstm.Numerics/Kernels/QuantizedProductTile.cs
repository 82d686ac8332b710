using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The innermost part of a quantized Winograd convolution, a matrix product of 16-bit numbers with 32-bit sums: up to 6 tiles
/// of the picture by up to 4 blocks of 16 output channels. An instruction multiplies and adds pairs of input channels.
/// </summary>
/// <typeparam name="TVectors">Blocks of output channels, 1 to 4.</typeparam>
/// <typeparam name="TPixels">Tiles of the picture, 1 to 6.</typeparam>
internal static unsafe class QuantizedProductTile<TVectors, TPixels>
    where TVectors : struct, IConstant
    where TPixels : struct, IConstant
{
    /// <summary>Sums over so many blocks of input channels.</summary>
    /// <param name="input"><c>[in / 16]</c>, a plane from one to the next, of <c>[tiles][16 in]</c>.</param>
    /// <param name="weights"><c>[in / 2][16 out][2 in]</c> for each vector.</param>
    /// <param name="output"><c>[16 out]</c> for each tile.</param>
    /// <param name="add">Whether the sums begin with what the output holds, else with zero.</param>
    /// <param name="blocks">Blocks of input channels.</param>
    /// <param name="inputBlock">From a block of input channels to the next.</param>
    /// <param name="weightVector">From the weights of a vector to the next one's.</param>
    /// <param name="outputVector">From the output of a vector to the next one's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(short* input, short* weights, int* output, bool add, int blocks, nint inputBlock, nint weightVector,
        nint outputVector)
    {
        Vector512<int> a00 = default, a01 = default, a02 = default, a03 = default;
        Vector512<int> a10 = default, a11 = default, a12 = default, a13 = default;
        Vector512<int> a20 = default, a21 = default, a22 = default, a23 = default;
        Vector512<int> a30 = default, a31 = default, a32 = default, a33 = default;
        Vector512<int> a40 = default, a41 = default, a42 = default, a43 = default;
        Vector512<int> a50 = default, a51 = default, a52 = default, a53 = default;
        if (add)
        {
            LoadPixel(output, outputVector, out a00, out a01, out a02, out a03);
            if (TPixels.Value > 1) LoadPixel(output + 16, outputVector, out a10, out a11, out a12, out a13);
            if (TPixels.Value > 2) LoadPixel(output + 32, outputVector, out a20, out a21, out a22, out a23);
            if (TPixels.Value > 3) LoadPixel(output + 48, outputVector, out a30, out a31, out a32, out a33);
            if (TPixels.Value > 4) LoadPixel(output + 64, outputVector, out a40, out a41, out a42, out a43);
            if (TPixels.Value > 5) LoadPixel(output + 80, outputVector, out a50, out a51, out a52, out a53);
        }

        short* w0 = weights, w1 = w0 + weightVector, w2 = w1 + weightVector, w3 = w2 + weightVector;
        for (int block = 0; block < blocks; block++)
        {
            for (nint i = 0; i < 16; i += 2)
            {
                Vector512<short> v0 = Vector512.Load(w0 + 16 * i), v1 = default, v2 = default, v3 = default;
                if (TVectors.Value > 1) v1 = Vector512.Load(w1 + 16 * i);
                if (TVectors.Value > 2) v2 = Vector512.Load(w2 + 16 * i);
                if (TVectors.Value > 3) v3 = Vector512.Load(w3 + 16 * i);
                MultiplyAdd(input + i, v0, v1, v2, v3, ref a00, ref a01, ref a02, ref a03);
                if (TPixels.Value > 1) MultiplyAdd(input + 16 + i, v0, v1, v2, v3, ref a10, ref a11, ref a12, ref a13);
                if (TPixels.Value > 2) MultiplyAdd(input + 32 + i, v0, v1, v2, v3, ref a20, ref a21, ref a22, ref a23);
                if (TPixels.Value > 3) MultiplyAdd(input + 48 + i, v0, v1, v2, v3, ref a30, ref a31, ref a32, ref a33);
                if (TPixels.Value > 4) MultiplyAdd(input + 64 + i, v0, v1, v2, v3, ref a40, ref a41, ref a42, ref a43);
                if (TPixels.Value > 5) MultiplyAdd(input + 80 + i, v0, v1, v2, v3, ref a50, ref a51, ref a52, ref a53);
            }
            input += inputBlock;
            w0 += 256;
            w1 += 256;
            w2 += 256;
            w3 += 256;
        }

        StorePixel(output, outputVector, a00, a01, a02, a03);
        if (TPixels.Value > 1) StorePixel(output + 16, outputVector, a10, a11, a12, a13);
        if (TPixels.Value > 2) StorePixel(output + 32, outputVector, a20, a21, a22, a23);
        if (TPixels.Value > 3) StorePixel(output + 48, outputVector, a30, a31, a32, a33);
        if (TPixels.Value > 4) StorePixel(output + 64, outputVector, a40, a41, a42, a43);
        if (TPixels.Value > 5) StorePixel(output + 80, outputVector, a50, a51, a52, a53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadPixel(int* source, nint step, out Vector512<int> a, out Vector512<int> b, out Vector512<int> c,
        out Vector512<int> d)
    {
        a = Vector512.Load(source);
        b = TVectors.Value > 1 ? Vector512.Load(source + step) : default;
        c = TVectors.Value > 2 ? Vector512.Load(source + 2 * step) : default;
        d = TVectors.Value > 3 ? Vector512.Load(source + 3 * step) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(
        short* values, Vector512<short> w0, Vector512<short> w1, Vector512<short> w2, Vector512<short> w3,
        ref Vector512<int> a, ref Vector512<int> b, ref Vector512<int> c, ref Vector512<int> d)
    {
        Vector512<short> x = Vector512.Create(*(int*)values).AsInt16();
        a += Avx512BW.MultiplyAddAdjacent(x, w0);
        if (TVectors.Value > 1) b += Avx512BW.MultiplyAddAdjacent(x, w1);
        if (TVectors.Value > 2) c += Avx512BW.MultiplyAddAdjacent(x, w2);
        if (TVectors.Value > 3) d += Avx512BW.MultiplyAddAdjacent(x, w3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixel(int* target, nint step, Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        a.Store(target);
        if (TVectors.Value > 1) b.Store(target + step);
        if (TVectors.Value > 2) c.Store(target + 2 * step);
        if (TVectors.Value > 3) d.Store(target + 3 * step);
    }
}
