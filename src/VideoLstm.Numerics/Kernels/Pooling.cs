using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static VideoLstm.Numerics.Kernels.ConvolutionActivations;

namespace VideoLstm.Numerics.Kernels;

/// <summary>A square pooling window. Padding is on all sides; a window never begins or ends beyond it.</summary>
internal readonly record struct PoolingShape(int Size, int Stride, int Padding)
{
    public int Output(int input) => ConvolutionShape.Size(input, Size, Stride, Padding);
}

/// <summary>Pooling over activations in blocks of 16 channels. What lies beyond the picture is never read.</summary>
internal static unsafe class Pooling
{
    /// <summary>The largest value of each window; padding never wins.</summary>
    public static void Max(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape, SimdLevel level)
    {
        switch (level)
        {
            case SimdLevel.Avx512:
                MaxLanes<Vector512<float>, Float512>(input, output, shape);
                break;
            case SimdLevel.Avx2:
                MaxLanes<Vector256<float>, Float256>(input, output, shape);
                break;
            case SimdLevel.Vector128:
                MaxLanes<Vector128<float>, Float128>(input, output, shape);
                break;
            default:
                MaxScalar(input, output, shape);
                break;
        }
    }

    /// <summary>
    /// The mean of each window: of all its places where <paramref name="countPadding"/>, padding being zeros (PyTorch's
    /// default), else of those inside the picture (TensorFlow and Keras).
    /// </summary>
    public static void Average(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape, bool countPadding, SimdLevel level)
    {
        switch (level)
        {
            case SimdLevel.Avx512:
                AverageLanes<Vector512<float>, Float512>(input, output, shape, countPadding);
                break;
            case SimdLevel.Avx2:
                AverageLanes<Vector256<float>, Float256>(input, output, shape, countPadding);
                break;
            case SimdLevel.Vector128:
                AverageLanes<Vector128<float>, Float128>(input, output, shape, countPadding);
                break;
            default:
                AverageScalar(input, output, shape, countPadding);
                break;
        }
    }

    /// <summary>
    /// The mean of each channel: <c>[blocks, height, width, 16]</c> to <c>[blocks, 1, 1, 16]</c>. Rows are summed first, so that
    /// the rounding error does not grow with the size of the picture but with its width plus its height.
    /// </summary>
    public static void GlobalAverage(in ConvolutionActivations input, in ConvolutionActivations output)
    {
        float* row = stackalloc float[BlockSize];
        float factor = 1f / ((float)input.Height * input.Width);
        for (int block = 0; block < input.Blocks; block++)
        {
            Span<float> total = new(output.At(block, 0, 0), BlockSize);
            total.Clear();
            for (int y = 0; y < input.Height; y++)
            {
                new Span<float>(row, BlockSize).Clear();
                float* value = input.At(block, y, 0);
                for (int x = 0; x < input.Width; x++, value += input.PixelStride)
                    for (int i = 0; i < BlockSize; i += Float128.Count)
                        Float128.Store(Float128.Add(Float128.Load(row + i), Float128.Load(value + i)), row + i);
                for (int i = 0; i < BlockSize; i++)
                    total[i] += row[i];
            }
            foreach (ref float value in total)
                value *= factor;
        }
    }

    private static void MaxScalar(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape)
    {
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
                for (int x = 0; x < output.Width; x++)
                    for (int channel = 0; channel < BlockSize; channel++)
                    {
                        (Range rows, Range columns) = (Window(y, input.Height, shape), Window(x, input.Width, shape));
                        float largest = float.NegativeInfinity;
                        for (int row = rows.Start; row < rows.End; row++)
                            for (int column = columns.Start; column < columns.End; column++)
                                largest = Math.Max(largest, input.At(block, row, column)[channel]);
                        output.At(block, y, x)[channel] = largest;
                    }
    }

    private static void AverageScalar(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape, bool countPadding)
    {
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
                for (int x = 0; x < output.Width; x++)
                    for (int channel = 0; channel < BlockSize; channel++)
                    {
                        (Range rows, Range columns) = (Window(y, input.Height, shape), Window(x, input.Width, shape));
                        float sum = 0;
                        for (int row = rows.Start; row < rows.End; row++)
                            for (int column = columns.Start; column < columns.End; column++)
                                sum += input.At(block, row, column)[channel];
                        output.At(block, y, x)[channel] = sum / (countPadding ? shape.Size * shape.Size : rows.Length * columns.Length);
                    }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxLanes<TVector, TLanes>(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector lowest = TLanes.Broadcast(float.NegativeInfinity);
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
            {
                Range rows = Window(y, input.Height, shape);
                float* target = output.At(block, y, 0);
                for (int x = 0; x < output.Width; x++, target += BlockSize)
                {
                    Range columns = Window(x, input.Width, shape);
                    for (int i = 0; i < BlockSize; i += TLanes.Count)
                    {
                        TVector largest = lowest;
                        float* first = input.At(block, rows.Start, columns.Start) + i;
                        for (int row = rows.Length; row > 0; row--, first += input.RowStride)
                        {
                            float* value = first;
                            for (int column = columns.Length; column > 0; column--, value += BlockSize)
                                largest = TLanes.Max(largest, TLanes.Load(value));
                        }
                        TLanes.Store(largest, target + i);
                    }
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AverageLanes<TVector, TLanes>(in ConvolutionActivations input, in ConvolutionActivations output, PoolingShape shape, bool countPadding)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        for (int block = 0; block < output.Blocks; block++)
            for (int y = 0; y < output.Height; y++)
            {
                Range rows = Window(y, input.Height, shape);
                float* target = output.At(block, y, 0);
                for (int x = 0; x < output.Width; x++, target += BlockSize)
                {
                    Range columns = Window(x, input.Width, shape);
                    TVector factor = TLanes.Broadcast(1f / (countPadding ? shape.Size * shape.Size : rows.Length * columns.Length));
                    for (int i = 0; i < BlockSize; i += TLanes.Count)
                    {
                        TVector sum = default;
                        float* first = input.At(block, rows.Start, columns.Start) + i;
                        for (int row = rows.Length; row > 0; row--, first += input.RowStride)
                        {
                            float* value = first;
                            for (int column = columns.Length; column > 0; column--, value += BlockSize)
                                sum = TLanes.Add(sum, TLanes.Load(value));
                        }
                        TLanes.Store(TLanes.Multiply(sum, factor), target + i);
                    }
                }
            }
    }

    /// <summary>What of a window lies inside the picture.</summary>
    private static Range Window(int index, int size, PoolingShape shape)
    {
        int start = index * shape.Stride - shape.Padding;
        return new(Math.Max(0, start), Math.Min(size, start + shape.Size));
    }

    private readonly record struct Range(int Start, int End)
    {
        public int Length => End - Start;
    }
}
