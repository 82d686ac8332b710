using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Pooling over bytes in blocks of 16 channels; see <see cref="Pooling"/>. Input and output have the same scales.</summary>
internal static unsafe class QuantizedPooling
{
    // Windows up to 16 x 16 sum to less than 2^16.
    private const int MaximumSize = 16;

    /// <summary>The largest value of each window; padding never wins.</summary>
    public static void Max(in ActivationMap<byte> input, in ActivationMap<byte> output, PoolingShape shape)
    {
        ConvolutionAxis rows = shape.Axis(input.Height), columns = shape.Axis(input.Width);
        for (int block = 0; block < output.Blocks; block++)
            Pooling.MaxPlane<byte, Vector128<byte>, Byte128>(input.From(block), output.From(block), rows, columns, lane: 0);
    }

    /// <summary>
    /// The mean of each window, rounded, halves up: of all its places where <paramref name="countPadding"/>, else of those inside
    /// the picture.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Average(in ActivationMap<byte> input, in ActivationMap<byte> output, PoolingShape shape, bool countPadding)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Size, MaximumSize, nameof(shape));
        ConvolutionAxis rows = shape.Axis(input.Height), columns = shape.Axis(input.Width);
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
            {
                (int top, int bottom) = rows.At(y);
                byte* target = output.At(block, y, 0);
                for (int x = 0; x < output.Width; x++, target += BlockSize)
                {
                    (int left, int right) = columns.At(x);
                    Vector128<ushort> low = default, high = default;
                    for (int row = top; row < bottom; row++)
                    {
                        byte* value = input.At(block, row, left);
                        for (int column = left; column < right; column++, value += BlockSize)
                        {
                            (Vector128<ushort> l, Vector128<ushort> h) = Vector128.Widen(Vector128.Load(value));
                            low += l;
                            high += h;
                        }
                    }
                    int count = countPadding ? shape.Size * shape.Size : (bottom - top) * (right - left);
                    Vector128.Narrow(Divide(low, count), Divide(high, count)).Store(target);
                }
            }
    }

    /// <summary>The mean of each channel in floats, <c>[channels]</c>.</summary>
    /// <param name="input">At most 2^23 pixels.</param>
    /// <param name="channels">What they stand for, <c>[channels]</c>.</param>
    /// <param name="output"><c>[channels]</c>.</param>
    public static void GlobalAverage(in ActivationMap<byte> input, ReadOnlySpan<QuantizedChannel> channels, float* output)
    {
        Span<int> sums = stackalloc int[BlockSize];
        for (int block = 0; block < input.Blocks; block++)
        {
            sums.Clear();
            for (int y = 0; y < input.Height; y++)
            {
                byte* value = input.At(block, y, 0);
                for (int x = 0; x < input.Width; x++, value += BlockSize)
                    for (int i = 0; i < BlockSize; i++)
                        sums[i] += value[i];
            }
            for (int i = 0; i < BlockSize; i++)
                output[block * BlockSize + i] =
                    (float)((double)sums[i] / ((double)input.Height * input.Width) * channels[block * BlockSize + i].Scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Divide(Vector128<ushort> sums, int count)
    {
        Vector128<float> divisor = Vector128.Create((float)count);
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(sums);
        return Vector128.Narrow(Divide(low.AsInt32(), divisor, count).AsUInt32(), Divide(high.AsInt32(), divisor, count).AsUInt32());
    }

    // Whole numbers below 2^24: a quotient that is rounded to a float never reaches the next whole number from below.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Divide(Vector128<int> sums, Vector128<float> divisor, int count) =>
        Vector128.ConvertToInt32(Vector128.ConvertToSingle(sums + Vector128.Create(count / 2)) / divisor);
}
