using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The innermost part of a convolution: a tile of up to 6 neighbouring pixels of a row by up to 4 vectors of output
/// channels, held in registers while everything that it sums is streamed past. Each loaded weight serves all pixels and
/// each broadcast input value all channels, so 24 multiply-adds cost 10 loads and the multiply-add units are never short of work.
/// </summary>
/// <typeparam name="TVector">A register.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
/// <typeparam name="TVectors">Vectors of output channels in the tile, 1 to 4.</typeparam>
/// <typeparam name="TPixels">Pixels in the tile, 1 to 6.</typeparam>
internal static unsafe class ConvolutionTile<TVector, TLanes, TVectors, TPixels>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TVectors : struct, IConstant
    where TPixels : struct, IConstant
{
    /// <summary>Sums one tile.</summary>
    /// <param name="input">Upper left input value of the first pixel.</param>
    /// <param name="weights">First weight: rows of 16 output channels, in the order in which the input is walked.</param>
    /// <param name="output">First pixel, first channel.</param>
    /// <param name="bias">What to begin with; null: with what the output holds.</param>
    /// <param name="relu">Negative sums become zero.</param>
    /// <param name="steps">The shape.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* input, float* weights, float* output, float* bias, bool relu, TileSteps* steps)
    {
        TVector a00 = default, a01 = default, a02 = default, a03 = default;
        TVector a10 = default, a11 = default, a12 = default, a13 = default;
        TVector a20 = default, a21 = default, a22 = default, a23 = default;
        TVector a30 = default, a31 = default, a32 = default, a33 = default;
        TVector a40 = default, a41 = default, a42 = default, a43 = default;
        TVector a50 = default, a51 = default, a52 = default, a53 = default;
        nint outputStep = steps->OutputVector;

        if (bias != null)
        {
            LoadPixel(bias, TLanes.Count, out a00, out a01, out a02, out a03);
            (a10, a11, a12, a13) = (a00, a01, a02, a03);
            (a20, a21, a22, a23) = (a00, a01, a02, a03);
            (a30, a31, a32, a33) = (a00, a01, a02, a03);
            (a40, a41, a42, a43) = (a00, a01, a02, a03);
            (a50, a51, a52, a53) = (a00, a01, a02, a03);
        }
        else
        {
            LoadPixel(output, outputStep, out a00, out a01, out a02, out a03);
            if (TPixels.Value > 1) LoadPixel(output + 16, outputStep, out a10, out a11, out a12, out a13);
            if (TPixels.Value > 2) LoadPixel(output + 32, outputStep, out a20, out a21, out a22, out a23);
            if (TPixels.Value > 3) LoadPixel(output + 48, outputStep, out a30, out a31, out a32, out a33);
            if (TPixels.Value > 4) LoadPixel(output + 64, outputStep, out a40, out a41, out a42, out a43);
            if (TPixels.Value > 5) LoadPixel(output + 80, outputStep, out a50, out a51, out a52, out a53);
        }

        nint pixel = steps->InputPixel;
        nint weightStep = steps->WeightVector;
        nint run = steps->Run;
        for (int block = 0; block < steps->Blocks; block++)
        {
            float* p0 = input + block * steps->InputBlock;
            float* w0 = weights + block * steps->WeightBlock;
            for (int row = 0; row < steps->Rows; row++)
            {
                float* p1 = p0 + pixel, p2 = p1 + pixel, p3 = p2 + pixel, p4 = p3 + pixel, p5 = p4 + pixel;
                float* w1 = w0 + weightStep, w2 = w1 + weightStep, w3 = w2 + weightStep;
                // Values that no other tile in the row reads come from memory where maps are large: asked for a tile ahead.
                if (Sse.IsSupported && pixel >= run)
                {
                    nint ahead = TPixels.Value * pixel;
                    Sse.Prefetch0(p0 + ahead);
                    if (TPixels.Value > 1) Sse.Prefetch0(p1 + ahead);
                    if (TPixels.Value > 2) Sse.Prefetch0(p2 + ahead);
                    if (TPixels.Value > 3) Sse.Prefetch0(p3 + ahead);
                    if (TPixels.Value > 4) Sse.Prefetch0(p4 + ahead);
                    if (TPixels.Value > 5) Sse.Prefetch0(p5 + ahead);
                }
                for (nint i = 0; i < run; i++)
                {
                    nint o = i * 16;
                    TVector v0 = TLanes.Load(w0 + o), v1 = default, v2 = default, v3 = default;
                    if (TVectors.Value > 1) v1 = TLanes.Load(w1 + o);
                    if (TVectors.Value > 2) v2 = TLanes.Load(w2 + o);
                    if (TVectors.Value > 3) v3 = TLanes.Load(w3 + o);
                    MultiplyAdd(p0[i], v0, v1, v2, v3, ref a00, ref a01, ref a02, ref a03);
                    if (TPixels.Value > 1) MultiplyAdd(p1[i], v0, v1, v2, v3, ref a10, ref a11, ref a12, ref a13);
                    if (TPixels.Value > 2) MultiplyAdd(p2[i], v0, v1, v2, v3, ref a20, ref a21, ref a22, ref a23);
                    if (TPixels.Value > 3) MultiplyAdd(p3[i], v0, v1, v2, v3, ref a30, ref a31, ref a32, ref a33);
                    if (TPixels.Value > 4) MultiplyAdd(p4[i], v0, v1, v2, v3, ref a40, ref a41, ref a42, ref a43);
                    if (TPixels.Value > 5) MultiplyAdd(p5[i], v0, v1, v2, v3, ref a50, ref a51, ref a52, ref a53);
                }
                p0 += steps->InputRow;
                w0 += run * 16;
            }
        }

        TVector floor = TLanes.Broadcast(relu ? 0f : float.NegativeInfinity);
        StorePixel(output, outputStep, floor, a00, a01, a02, a03);
        if (TPixels.Value > 1) StorePixel(output + 16, outputStep, floor, a10, a11, a12, a13);
        if (TPixels.Value > 2) StorePixel(output + 32, outputStep, floor, a20, a21, a22, a23);
        if (TPixels.Value > 3) StorePixel(output + 48, outputStep, floor, a30, a31, a32, a33);
        if (TPixels.Value > 4) StorePixel(output + 64, outputStep, floor, a40, a41, a42, a43);
        if (TPixels.Value > 5) StorePixel(output + 80, outputStep, floor, a50, a51, a52, a53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadPixel(float* source, nint step, out TVector a, out TVector b, out TVector c, out TVector d)
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
    private static void StorePixel(float* target, nint step, TVector floor, TVector a, TVector b, TVector c, TVector d)
    {
        TLanes.Store(TLanes.Max(floor, a), target);
        if (TVectors.Value > 1) TLanes.Store(TLanes.Max(floor, b), target + step);
        if (TVectors.Value > 2) TLanes.Store(TLanes.Max(floor, c), target + 2 * step);
        if (TVectors.Value > 3) TLanes.Store(TLanes.Max(floor, d), target + 3 * step);
    }
}
