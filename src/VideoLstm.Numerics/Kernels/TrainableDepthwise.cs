using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution of each channel by itself, over pictures <c>[frames, blocks, height, width, 16]</c>, with gradients. Weights
/// are <c>[blocks, taps, 16]</c>. What bounds it is reading: neighbouring pixels are summed together, so that a weight is
/// read once for all of them.
/// </summary>
internal static unsafe class TrainableDepthwise
{
    /// <summary>y = bias + weights * x.</summary>
    public static void Forward(
        float* x, float* weights, float* bias, float* y, (ConvolutionAxis Rows, ConvolutionAxis Columns) windows, int frames, int blocks,
        SimdLevel level)
    {
        Convolution kernel = new()
        {
            X = x, Weights = weights, Bias = bias, Y = y, Rows = windows.Rows, Columns = windows.Columns, Blocks = blocks,
        };
        Elementwise.RunPlanes(kernel, frames * blocks, level);
    }

    /// <summary>dx from dy.</summary>
    public static void InputGradient(float* dy, float* weights, float* dx, ConvolutionAxis rows, ConvolutionAxis columns, int frames,
        int blocks, SimdLevel level) =>
        Elementwise.RunPlanes(new Spreading { OutputGradient = dy, Weights = weights, InputGradient = dx, Rows = rows, Columns = columns,
            Blocks = blocks }, frames * blocks, level);

    /// <summary>The gradient of the weights that each frame gives, <c>[frames, blocks, taps, 16]</c>.</summary>
    public static void WeightGradient(float* x, float* dy, float* gradients, ConvolutionAxis rows, ConvolutionAxis columns, int frames,
        int blocks, SimdLevel level) =>
        Elementwise.RunPlanes(new Correlation { X = x, OutputGradient = dy, Gradients = gradients, Rows = rows, Columns = columns },
            frames * blocks, level);

    /// <summary>The outputs to which a tap leads from a position that there is.</summary>
    private static (int First, int End) Reach(ConvolutionAxis windows, int tap) =>
        (Math.Max(0, Parts.CeilDiv(windows.PadBefore - tap, windows.Stride)),
            Math.Min(windows.Output, (windows.Input - 1 + windows.PadBefore - tap + windows.Stride) / windows.Stride));

    private struct Convolution : IElementKernel
    {
        public float* X, Weights, Bias, Y;
        public ConvolutionAxis Rows, Columns;
        public int Blocks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint row = (nint)Columns.Input * BlockSize, step = (nint)Columns.Stride * BlockSize;
            float* source = X + (nint)plane * Rows.Input * row + lane,
                target = Y + (nint)plane * Rows.Output * Columns.Output * BlockSize + lane;
            float* weights = Weights + (nint)(plane % Blocks) * Rows.Size * Columns.Size * BlockSize + lane;
            TVector bias = TLanes.Load(Bias + plane % Blocks * BlockSize + lane);

            // Outputs whose windows lie inside from left to right.
            int left = Math.Min(Columns.Output, Parts.CeilDiv(Columns.PadBefore, Columns.Stride)),
                right = Math.Max(left, Columns.Input - Columns.Size + Columns.PadBefore < 0 ? 0 : Math.Min(Columns.Output,
                (Columns.Input - Columns.Size + Columns.PadBefore) / Columns.Stride + 1));
            for (int y = 0; y < Rows.Output; y++)
            {
                (int top, int bottom) = Rows.At(y);
                float* w = weights + (nint)(top - y * Rows.Stride + Rows.PadBefore) * Columns.Size * BlockSize, values = source + top * row;
                for (int x = 0; x < Columns.Output; target += BlockSize, x++)
                {
                    for (; x >= left && x + 8 <= right; x += 8, target += 8 * BlockSize)
                        Eight<TVector, TLanes>(values + (nint)(x * Columns.Stride - Columns.PadBefore) * BlockSize, row, step, w,
                            bottom - top, bias, target);
                    if (x == Columns.Output)
                        break;
                    (int first, int end) = Columns.At(x);
                    int skipped = first - x * Columns.Stride + Columns.PadBefore;
                    TVector sum = bias;
                    for (int ky = 0; ky < bottom - top; ky++)
                        for (int i = first; i < end; i++)
                            sum = TLanes.MultiplyAdd(TLanes.Load(values + ky * row + (nint)i * BlockSize),
                                TLanes.Load(w + (nint)(ky * Columns.Size + skipped + i - first) * BlockSize), sum);
                    TLanes.Store(sum, target);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Eight<TVector, TLanes>(float* source, nint row, nint step, float* weights, int height, TVector bias,
            float* target)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector a = bias, b = bias, c = bias, d = bias, e = bias, f = bias, g = bias, h = bias;
            for (int ky = 0; ky < height; ky++, source += row)
            {
                float* value = source;
                for (int kx = 0; kx < Columns.Size; kx++, value += BlockSize, weights += BlockSize)
                {
                    TVector weight = TLanes.Load(weights);
                    a = TLanes.MultiplyAdd(TLanes.Load(value), weight, a);
                    b = TLanes.MultiplyAdd(TLanes.Load(value + step), weight, b);
                    c = TLanes.MultiplyAdd(TLanes.Load(value + 2 * step), weight, c);
                    d = TLanes.MultiplyAdd(TLanes.Load(value + 3 * step), weight, d);
                    e = TLanes.MultiplyAdd(TLanes.Load(value + 4 * step), weight, e);
                    f = TLanes.MultiplyAdd(TLanes.Load(value + 5 * step), weight, f);
                    g = TLanes.MultiplyAdd(TLanes.Load(value + 6 * step), weight, g);
                    h = TLanes.MultiplyAdd(TLanes.Load(value + 7 * step), weight, h);
                }
            }
            TLanes.Store(a, target);
            TLanes.Store(b, target + BlockSize);
            TLanes.Store(c, target + 2 * BlockSize);
            TLanes.Store(d, target + 3 * BlockSize);
            TLanes.Store(e, target + 4 * BlockSize);
            TLanes.Store(f, target + 5 * BlockSize);
            TLanes.Store(g, target + 6 * BlockSize);
            TLanes.Store(h, target + 7 * BlockSize);
        }
    }

    private struct Spreading : IElementKernel
    {
        public float* OutputGradient, Weights, InputGradient;
        public ConvolutionAxis Rows, Columns;
        public int Blocks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint row = (nint)Columns.Input * BlockSize, step = (nint)Columns.Stride * BlockSize;
            float* target = InputGradient + (nint)plane * Rows.Input * row + lane,
                source = OutputGradient + (nint)plane * Rows.Output * Columns.Output * BlockSize + lane;
            float* weights = Weights + (nint)(plane % Blocks) * Rows.Size * Columns.Size * BlockSize + lane;
            for (nint i = 0; i < Rows.Input * row; i += BlockSize)
                TLanes.Store(default, target + i);
            for (int y = 0; y < Rows.Output; y++, source += (nint)Columns.Output * BlockSize)
            {
                (int top, int bottom) = Rows.At(y);
                for (int line = top; line < bottom; line++)
                    for (int kx = 0; kx < Columns.Size; kx++)
                    {
                        (int first, int end) = Reach(Columns, kx);
                        TVector weight = TLanes.Load(weights + (nint)((line - y * Rows.Stride + Rows.PadBefore) * Columns.Size + kx)
                            * BlockSize);
                        float* place = target + line * row + (nint)(first * Columns.Stride + kx - Columns.PadBefore) * BlockSize;
                        for (int x = first; x < end; x++, place += step)
                            TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(source + (nint)x * BlockSize), weight, TLanes.Load(place)), place);
                    }
            }
        }
    }

    private struct Correlation : IElementKernel
    {
        public float* X, OutputGradient, Gradients;
        public ConvolutionAxis Rows, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint row = (nint)Columns.Input * BlockSize, step = (nint)Columns.Stride * BlockSize;
            float* source = X + (nint)plane * Rows.Input * row + lane,
                gradient = OutputGradient + (nint)plane * Rows.Output * Columns.Output * BlockSize + lane;
            float* sums = Gradients + (nint)plane * Rows.Size * Columns.Size * BlockSize + lane;
            for (int tap = 0; tap < Rows.Size * Columns.Size; tap++)
                TLanes.Store(default, sums + (nint)tap * BlockSize);
            for (int y = 0; y < Rows.Output; y++, gradient += (nint)Columns.Output * BlockSize)
            {
                (int top, int bottom) = Rows.At(y);
                for (int line = top; line < bottom; line++)
                    for (int kx = 0; kx < Columns.Size; kx++)
                    {
                        (int x, int end) = Reach(Columns, kx);
                        float* value = source + line * row + (nint)(x * Columns.Stride + kx - Columns.PadBefore) * BlockSize,
                            dy = gradient + (nint)x * BlockSize;
                        float* sum = sums + (nint)((line - y * Rows.Stride + Rows.PadBefore) * Columns.Size + kx) * BlockSize;
                        TVector a = default, b = default, c = default, d = default;
                        for (; x + 4 <= end; x += 4, value += 4 * step, dy += 4 * BlockSize)
                        {
                            a = TLanes.MultiplyAdd(TLanes.Load(value), TLanes.Load(dy), a);
                            b = TLanes.MultiplyAdd(TLanes.Load(value + step), TLanes.Load(dy + BlockSize), b);
                            c = TLanes.MultiplyAdd(TLanes.Load(value + 2 * step), TLanes.Load(dy + 2 * BlockSize), c);
                            d = TLanes.MultiplyAdd(TLanes.Load(value + 3 * step), TLanes.Load(dy + 3 * BlockSize), d);
                        }
                        for (; x < end; x++, value += step, dy += BlockSize)
                            a = TLanes.MultiplyAdd(TLanes.Load(value), TLanes.Load(dy), a);
                        TLanes.Store(TLanes.Add(TLanes.Load(sum), TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d))), sum);
                    }
            }
        }
    }
}
