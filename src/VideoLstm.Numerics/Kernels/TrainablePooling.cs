using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Pooling over volumes <c>[samples, time, blocks, height, width, 16]</c>, with gradients. Pictures are volumes of one frame.
/// </summary>
internal static unsafe class TrainablePooling
{
    /// <summary>The largest value of each window.</summary>
    public static void Max(
        float* x, float* y, ConvolutionAxis time, ConvolutionAxis rows, ConvolutionAxis columns, int samples, int blocks, SimdLevel level)
    {
        Pooling.MaxKernel kernel = new()
        {
            Input = Frames(x, blocks, rows.Input, columns.Input),
            Output = Frames(y, blocks, rows.Output, columns.Output),
            Time = time, Rows = rows, Columns = columns,
        };
        Elementwise.RunPlanes(kernel, samples * time.Output * blocks, level);
    }

    private static ActivationMap<float> Frames(float* start, int blocks, int height, int width)
    {
        ActivationMap<float> frame = Blocked(start, blocks * BlockSize, height, width);
        return frame with { FrameStride = blocks * frame.BlockStride };
    }

    /// <summary>The gradient of each window goes to the first of its largest values.</summary>
    public static void MaxGradient(
        float* x, float* y, float* dy, float* dx, (ConvolutionAxis Time, ConvolutionAxis Rows, ConvolutionAxis Columns) windows,
            int samples,
        int blocks, SimdLevel level)
    {
        MaxPoolingGradient kernel = new()
        {
            X = x, Y = y, OutputGradient = dy, InputGradient = dx, Time = windows.Time, Rows = windows.Rows, Columns = windows.Columns,
                Blocks = blocks,
        };
        Elementwise.RunPlanes(kernel, samples * blocks, level);
    }

    /// <summary>The largest value of each plane.</summary>
    public static void GlobalMax(float* x, float* y, int planes, int pixels, SimdLevel level) =>
        Elementwise.RunPlanes(new GlobalMaxPooling { X = x, Y = y, Pixels = pixels }, planes, level);

    /// <summary>The gradient of each plane goes to all of its largest values in equal shares, as TensorFlow has it.</summary>
    public static void GlobalMaxGradient(float* x, float* y, float* dy, float* dx, int planes, int pixels, SimdLevel level) =>
        Elementwise.RunPlanes(new GlobalMaxPoolingGradient { X = x, Y = y, OutputGradient = dy, InputGradient = dx, Pixels = pixels },
            planes, level);

    /// <summary>The mean of each plane.</summary>
    public static void GlobalAverage(float* x, float* y, int planes, int pixels, SimdLevel level) =>
        Elementwise.RunPlanes(new GlobalAveragePooling { X = x, Y = y, Pixels = pixels }, planes, level);

    /// <summary>The gradient of each plane, in equal shares.</summary>
    public static void GlobalAverageGradient(float* dy, float* dx, int planes, int pixels, SimdLevel level) =>
        Elementwise.RunPlanes(new GlobalAveragePoolingGradient { OutputGradient = dy, InputGradient = dx, Pixels = pixels }, planes, level);

    private struct MaxPoolingGradient : IElementKernel
    {
        public float* X, Y, OutputGradient, InputGradient;
        public ConvolutionAxis Time, Rows, Columns;
        public int Blocks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            (int sample, int block) = Math.DivRem(plane, Blocks);
            nint row = (nint)Columns.Input * BlockSize, step = Blocks * Rows.Input * row,
                outputPlane = (nint)Rows.Output * Columns.Output * BlockSize;
            nint source = ((nint)sample * Time.Input * Blocks + block) * Rows.Input * row + lane,
                target = ((nint)sample * Time.Output * Blocks + block) * outputPlane + lane;
            TVector zero = default;
            bool add = !(Once(Time) && Once(Rows) && Once(Columns));
            if (add)
            {
                for (int time = 0; time < Time.Input; time++)
                    for (nint i = 0; i < Rows.Input * row; i += BlockSize)
                        TLanes.Store(zero, InputGradient + source + time * step + i);
            }
            for (int t = 0; t < Time.Output; t++, target += (Blocks - 1) * outputPlane)
            {
                (int firstTime, int endTime) = Time.At(t);
                for (int y = 0; y < Rows.Output; y++)
                {
                    (int top, int bottom) = Rows.At(y);
                    for (int x = 0; x < Columns.Output; x++, target += BlockSize)
                    {
                        (int left, int right) = Columns.At(x);
                        TVector largest = TLanes.Load(Y + target), rest = TLanes.Load(OutputGradient + target);
                        for (int time = firstTime; time < endTime; time++)
                            for (int line = top; line < bottom; line++)
                            {
                                nint place = source + time * step + line * row + left * BlockSize;
                                for (int pixel = left; pixel < right; pixel++, place += BlockSize)
                                {
                                    TVector value = TLanes.Load(X + place), share = TLanes.IfLess(value, largest, zero, rest);
                                    rest = TLanes.IfLess(value, largest, rest, zero);
                                    TLanes.Store(add ? TLanes.Add(TLanes.Load(InputGradient + place), share) : share,
                                        InputGradient + place);
                                }
                            }
                    }
                }
            }
        }

        /// <summary>Whether every position is in one window and no more.</summary>
        private static bool Once(ConvolutionAxis windows) =>
            windows.Stride == windows.Size && windows.Output * windows.Size - windows.PadBefore >= windows.Input;
    }

    private struct GlobalMaxPooling : IElementKernel
    {
        public float* X, Y;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            float* value = X + (nint)plane * Pixels * BlockSize + lane;
            TVector largest = TLanes.Load(value);
            for (int i = 1; i < Pixels; i++)
                largest = TLanes.Max(largest, TLanes.Load(value + (nint)i * BlockSize));
            TLanes.Store(largest, Y + (nint)plane * BlockSize + lane);
        }
    }

    private struct GlobalMaxPoolingGradient : IElementKernel
    {
        public float* X, Y, OutputGradient, InputGradient;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint start = (nint)plane * Pixels * BlockSize + lane;
            TVector largest = TLanes.Load(Y + (nint)plane * BlockSize + lane), count = default, zero = default, one = TLanes.Broadcast(1f);
            for (int i = 0; i < Pixels; i++)
                count = TLanes.Add(count, TLanes.IfLess(TLanes.Load(X + start + (nint)i * BlockSize), largest, zero, one));
            TVector share = TLanes.Divide(TLanes.Load(OutputGradient + (nint)plane * BlockSize + lane), count);
            for (int i = 0; i < Pixels; i++)
                TLanes.Store(TLanes.IfLess(TLanes.Load(X + start + (nint)i * BlockSize), largest, zero, share),
                    InputGradient + start + (nint)i * BlockSize);
        }
    }

    private struct GlobalAveragePooling : IElementKernel
    {
        public float* X, Y;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            TVector sum = ChannelStatistics.Sum<TVector, TLanes>(X + (nint)plane * Pixels * BlockSize + lane, Pixels);
            TLanes.Store(TLanes.Multiply(sum, TLanes.Broadcast(1f / Pixels)), Y + element);
        }
    }

    private struct GlobalAveragePoolingGradient : IElementKernel
    {
        public float* OutputGradient, InputGradient;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            TVector share = TLanes.Multiply(TLanes.Load(OutputGradient + (nint)plane * BlockSize + lane), TLanes.Broadcast(1f / Pixels));
            float* target = InputGradient + (nint)plane * Pixels * BlockSize + lane;
            for (int i = 0; i < Pixels; i++, target += BlockSize)
                TLanes.Store(share, target);
        }
    }
}
