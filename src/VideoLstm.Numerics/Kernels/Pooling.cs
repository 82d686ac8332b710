using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Pooling over activations in blocks of 16 channels. What lies beyond the picture is never read.</summary>
internal static unsafe class Pooling
{
    /// <summary>The largest value of each window; padding never wins.</summary>
    public static void Max(in ActivationMap<float> input, in ActivationMap<float> output, PoolingShape shape, SimdLevel level) =>
        Elementwise.RunRange(
            new MaxKernel { Input = input, Output = output, Time = ConvolutionAxis.One, Rows = shape.Axis(input.Height),
                Columns = shape.Axis(input.Width) },
            0, output.Blocks * BlockSize, level);

    /// <summary>
    /// The mean of each window: of all its places where <paramref name="countPadding"/>, padding being zeros (PyTorch's
    /// default), else of those inside the picture (TensorFlow and Keras).
    /// </summary>
    public static void Average(
        in ActivationMap<float> input, in ActivationMap<float> output, PoolingShape shape, bool countPadding, SimdLevel level) =>
        Elementwise.RunRange(
            new AverageKernel { Input = input, Output = output, Shape = shape, CountPadding = countPadding }, 0, output.Blocks * BlockSize,
                level);

    /// <summary>
    /// The mean of each channel: <c>[blocks, height, width, 16]</c> to <c>[blocks, 1, 1, 16]</c>. Rows are summed first, so that
    /// the rounding error does not grow with the size of the picture but with its width plus its height.
    /// </summary>
    public static void GlobalAverage(in ActivationMap<float> input, in ActivationMap<float> output)
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

    /// <summary>One plane of an output: the largest value of each window that slides over all frames of the input at once.</summary>
    /// <param name="input">Its first block counts.</param>
    /// <param name="output">Its first block counts.</param>
    /// <param name="rows">Windows from top to bottom.</param>
    /// <param name="columns">Windows from left to right.</param>
    /// <param name="lane">The first channel that counts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxPlane<T, TVector, TLanes>(
        in ActivationMap<T> input, in ActivationMap<T> output, in ConvolutionAxis rows, in ConvolutionAxis columns, int lane)
        where T : unmanaged
        where TVector : struct
        where TLanes : struct, ILanes<T, TVector>
    {
        for (int y = 0; y < output.Height; y++)
        {
            (int top, int bottom) = rows.At(y);
            T* target = output.At(0, y, 0) + lane;
            for (int x = 0; x < output.Width; x++, target += BlockSize)
            {
                (int left, int right) = columns.At(x);
                T* first = input.At(0, top, left) + lane;
                TVector largest = TLanes.Lowest;
                for (int frame = 0; frame < input.Frames; frame++, first += input.FrameStride - (bottom - top) * input.RowStride)
                    for (int line = top; line < bottom; line++, first += input.RowStride)
                    {
                        T* value = first;
                        for (int pixel = left; pixel < right; pixel++, value += BlockSize)
                            largest = TLanes.Max(largest, TLanes.Load(value));
                    }
                TLanes.Store(largest, target);
            }
        }
    }

    /// <summary>The largest value of each window of volumes; a plane is that of an output.</summary>
    internal struct MaxKernel : IElementKernel
    {
        public ActivationMap<float> Input, Output;
        public ConvolutionAxis Time, Rows, Columns;

        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(i);
            (int frame, int block) = Math.DivRem(plane, Output.Blocks);
            (int sample, int t) = Math.DivRem(frame, Time.Output);
            (int first, int end) = Time.At(t);
            ActivationMap<float> input = Input.Slice(sample * Time.Input + first, end - first), output = Output.Slice(frame, 1);
            MaxPlane<float, TVector, TLanes>(input.From(block), output.From(block), Rows, Columns, lane);
        }
    }

    private struct AverageKernel : IElementKernel
    {
        public ActivationMap<float> Input, Output;
        public PoolingShape Shape;
        public bool CountPadding;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int block, int lane) = Elementwise.Plane(i);
            ConvolutionAxis rows = Shape.Axis(Input.Height), columns = Shape.Axis(Input.Width);
            for (int y = 0; y < Output.Height; y++)
            {
                (int top, int bottom) = rows.At(y);
                float* target = Output.At(block, y, 0) + lane;
                for (int x = 0; x < Output.Width; x++, target += BlockSize)
                {
                    (int left, int right) = columns.At(x);
                    int count = CountPadding ? Shape.Size * Shape.Size : (bottom - top) * (right - left);
                    TVector sum = default;
                    float* first = Input.At(block, top, left) + lane;
                    for (int row = top; row < bottom; row++, first += Input.RowStride)
                    {
                        float* value = first;
                        for (int column = left; column < right; column++, value += BlockSize)
                            sum = TLanes.Add(sum, TLanes.Load(value));
                    }
                    // The plain path divides: what the definition says. The others multiply: a digit in the last place, and faster.
                    TVector mean = TLanes.Count == 1 ? TLanes.Divide(sum, TLanes.Broadcast(count))
                        : TLanes.Multiply(sum, TLanes.Broadcast(1f / count));
                    TLanes.Store(mean, target);
                }
            }
        }
    }
}
