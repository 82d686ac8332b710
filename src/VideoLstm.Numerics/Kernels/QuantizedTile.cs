using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The innermost part of a quantized direct convolution: a tile of up to 6 neighbouring pixels of a row by 16 output channels.
/// An instruction multiplies 4 input bytes by 4 weights for 8 output channels; 12 sums, 2 weights and 1 input take 15 of the
/// 16 registers that AVX-VNNI can name. Sums stay in registers from the first weight to the last.
/// </summary>
/// <typeparam name="TPixels">Pixels in the tile, 1 to 6.</typeparam>
internal static unsafe class QuantizedTile<TPixels>
    where TPixels : struct, IConstant
{
    /// <summary>Sums one tile and stores <c>round(sum * factor + addend)</c>, held in 0..255.</summary>
    /// <param name="input">Upper left input value of the first pixel.</param>
    /// <param name="weights">Rows of <c>[16 out][4 in]</c>, in the order in which the input is walked.</param>
    /// <param name="output">First pixel, first channel.</param>
    /// <param name="factor"><c>[16]</c>.</param>
    /// <param name="addend"><c>[16]</c>.</param>
    /// <param name="steps">The shape.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(byte* input, sbyte* weights, byte* output, float* factor, float* addend, QuantizedTileSteps* steps)
    {
        Vector256<int> a0 = default, b0 = default;
        Vector256<int> a1 = default, b1 = default;
        Vector256<int> a2 = default, b2 = default;
        Vector256<int> a3 = default, b3 = default;
        Vector256<int> a4 = default, b4 = default;
        Vector256<int> a5 = default, b5 = default;
        nint pixel = steps->InputPixel;
        nint run = steps->Run;
        for (int block = 0; block < steps->Blocks; block++)
        {
            byte* p0 = input + block * steps->InputBlock;
            for (int row = 0; row < steps->Rows; row++)
            {
                byte* p1 = p0 + pixel, p2 = p1 + pixel, p3 = p2 + pixel, p4 = p3 + pixel, p5 = p4 + pixel;
                for (nint i = 0; i < run; i++)
                {
                    Vector256<sbyte> v = Vector256.Load(weights), w = Vector256.Load(weights + 32);
                    weights += 64;
                    MultiplyAdd(p0 + 4 * i, v, w, ref a0, ref b0);
                    if (TPixels.Value > 1) MultiplyAdd(p1 + 4 * i, v, w, ref a1, ref b1);
                    if (TPixels.Value > 2) MultiplyAdd(p2 + 4 * i, v, w, ref a2, ref b2);
                    if (TPixels.Value > 3) MultiplyAdd(p3 + 4 * i, v, w, ref a3, ref b3);
                    if (TPixels.Value > 4) MultiplyAdd(p4 + 4 * i, v, w, ref a4, ref b4);
                    if (TPixels.Value > 5) MultiplyAdd(p5 + 4 * i, v, w, ref a5, ref b5);
                }
                p0 += steps->InputRow;
            }
        }

        Store(a0, b0, factor, addend, output);
        if (TPixels.Value > 1) Store(a1, b1, factor, addend, output + 16);
        if (TPixels.Value > 2) Store(a2, b2, factor, addend, output + 32);
        if (TPixels.Value > 3) Store(a3, b3, factor, addend, output + 48);
        if (TPixels.Value > 4) Store(a4, b4, factor, addend, output + 64);
        if (TPixels.Value > 5) Store(a5, b5, factor, addend, output + 80);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(byte* values, Vector256<sbyte> v, Vector256<sbyte> w, ref Vector256<int> a, ref Vector256<int> b)
    {
        Vector256<byte> x = Vector256.Create(*(uint*)values).AsByte();
        a = AvxVnni.MultiplyWideningAndAdd(a, x, v);
        b = AvxVnni.MultiplyWideningAndAdd(b, x, w);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> a, Vector256<int> b, float* factor, float* addend, byte* target)
    {
        Vector256<int> low =
            Round(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(a), Vector256.Load(factor), Vector256.Load(addend)));
        Vector256<int> high =
            Round(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(b), Vector256.Load(factor + 8), Vector256.Load(addend + 8)));
        Vector256<short> words = Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsInt16();
        Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper()).Store(target);
    }

    // Held below 256 first: what is beyond all whole numbers would round to the smallest of them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<float> values) =>
        Avx.ConvertToVector256Int32(Avx.Min(values, Vector256.Create((float)byte.MaxValue)));
}
