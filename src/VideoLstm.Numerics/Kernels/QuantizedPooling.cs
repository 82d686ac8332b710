using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static VideoLstm.Numerics.Kernels.ConvolutionActivations;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Pooling over bytes in blocks of 16 channels; see <see cref="Pooling"/>. Input and output have the same scales.</summary>
internal static unsafe class QuantizedPooling
{
    // Windows up to 16 x 16 sum to less than 2^16.
    private const int MaximumSize = 16;

    /// <summary>The largest value of each window; padding never wins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Max(in QuantizedActivations input, in QuantizedActivations output, PoolingShape shape)
    {
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
            {
                PoolingWindow rows = new(y, input.Height, shape);
                byte* target = output.At(block, y, 0);
                for (int x = 0; x < output.Width; x++, target += BlockSize)
                {
                    PoolingWindow columns = new(x, input.Width, shape);
                    Vector128<byte> largest = default;
                    for (int row = rows.Start; row < rows.End; row++)
                    {
                        byte* value = input.At(block, row, columns.Start);
                        for (int column = columns.Length; column > 0; column--, value += BlockSize)
                            largest = Vector128.Max(largest, Vector128.Load(value));
                    }
                    largest.Store(target);
                }
            }
    }

    /// <summary>The mean of each window, rounded, halves up: of all its places where <paramref name="countPadding"/>, else of those inside the picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Average(in QuantizedActivations input, in QuantizedActivations output, PoolingShape shape, bool countPadding)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.Size, MaximumSize, nameof(shape));
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
            {
                PoolingWindow rows = new(y, input.Height, shape);
                byte* target = output.At(block, y, 0);
                for (int x = 0; x < output.Width; x++, target += BlockSize)
                {
                    PoolingWindow columns = new(x, input.Width, shape);
                    Vector128<ushort> low = default, high = default;
                    for (int row = rows.Start; row < rows.End; row++)
                    {
                        byte* value = input.At(block, row, columns.Start);
                        for (int column = columns.Length; column > 0; column--, value += BlockSize)
                        {
                            (Vector128<ushort> l, Vector128<ushort> h) = Vector128.Widen(Vector128.Load(value));
                            low += l;
                            high += h;
                        }
                    }
                    int count = countPadding ? shape.Size * shape.Size : rows.Length * columns.Length;
                    Vector128.Narrow(Divide(low, count), Divide(high, count)).Store(target);
                }
            }
    }

    /// <summary>The mean of each channel in floats, <c>[channels]</c>.</summary>
    /// <param name="input">At most 2^23 pixels.</param>
    /// <param name="channels">What they stand for, <c>[channels]</c>.</param>
    /// <param name="output"><c>[channels]</c>.</param>
    public static void GlobalAverage(in QuantizedActivations input, ReadOnlySpan<QuantizedChannel> channels, float* output)
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
                output[block * BlockSize + i] = (float)((double)sums[i] / ((double)input.Height * input.Width) * channels[block * BlockSize + i].Scale);
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

/// <summary>What of a pooling window lies inside the picture, in one direction.</summary>
internal readonly struct PoolingWindow
{
    public PoolingWindow(int index, int size, PoolingShape shape)
    {
        int start = index * shape.Stride - shape.Padding;
        (Start, End) = (Math.Max(0, start), Math.Min(size, start + shape.Size));
    }

    public int Start { get; }

    public int End { get; }

    public int Length => End - Start;
}
