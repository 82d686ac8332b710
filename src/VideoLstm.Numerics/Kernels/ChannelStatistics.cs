using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Sums over the pixels of each channel of <c>[frames, blocks, pixels, 16]</c>, and what batch normalization does with them.
/// A plane is summed in short chains of floats; planes are added up in double precision, in order.
/// </summary>
internal static unsafe class ChannelStatistics
{
    // Pixels of a chain.
    private const int Chain = 128;

    /// <summary>
    /// Multiplies the gradient by the derivative of an activation with outputs <paramref name="y"/>, in place, and sums each
    /// channel.
    /// </summary>
    public static void Sum(float* dy, float* y, Activation activation, (int Frames, int Pixels) size, Span<float> sums, SimdLevel level)
    {
        double[] totals = new double[ChannelBlocks.Count(sums.Length) * BlockSize];
        float[] parts = new float[size.Frames * totals.Length];
        fixed (float* partial = parts)
        {
            SumPlane kernel = new() { Gradient = dy, Y = y, Activation = activation, Pixels = size.Pixels, Sums = partial };
            Elementwise.RunPlanes(kernel, parts.Length / BlockSize, level);
        }
        for (int i = 0; i < parts.Length; i++)
            totals[i % totals.Length] += parts[i];
        for (int channel = 0; channel < sums.Length; channel++)
            sums[channel] = (float)totals[channel];
    }

    /// <summary>Mean and variance (of the batch, not an estimate of more) of each channel, filled blocks included.</summary>
    public static (float[] Mean, float[] Variance) Moments(float* values, int frames, int blocks, int pixels, Workspace workspace)
    {
        int channels = blocks * BlockSize;
        float[] sums = new float[frames * channels], squares = new float[frames * channels];
        fixed (float* s = sums, q = squares)
            Elementwise.RunPlanes(new MomentsPlane { Values = values, Pixels = pixels, Means = s, Squares = q }, frames * blocks,
                workspace.Level);
        double[] mean = new double[channels], square = new double[channels];
        for (int i = 0; i < sums.Length; i++)
            mean[i % channels] += (double)sums[i] / frames;

        // Squares around each plane's own mean, moved to the mean of all.
        for (int i = 0; i < sums.Length; i++)
        {
            double distance = sums[i] - mean[i % channels];
            square[i % channels] += squares[i] + pixels * distance * distance;
        }
        double count = (double)frames * pixels;
        return ([.. mean.Select(m => (float)m)], [.. square.Select(q => (float)(q / count))]);
    }

    /// <summary>The sums of dy and of dy · (x - mean) for each channel; dy where y shows that the activation let it through.</summary>
    public static (double[] Gradient, double[] Product) Products(
        float* x, float* y, float* dy, float* mean, Activation activation, int frames, int blocks, int pixels, Workspace workspace)
    {
        int channels = blocks * BlockSize;
        float[] sums = new float[frames * channels], products = new float[frames * channels];
        fixed (float* s = sums, p = products)
            Elementwise.RunPlanes(new ProductsPlane { X = x, Y = activation == Activation.None ? x : y, Gradient = dy, Mean = mean,
                Activation = activation, Blocks = blocks, Pixels = pixels, Sums = s, Products = p }, frames * blocks, workspace.Level);
        double[] gradient = new double[channels], product = new double[channels];
        for (int i = 0; i < sums.Length; i++)
        {
            gradient[i % channels] += sums[i];
            product[i % channels] += products[i];
        }
        return (gradient, product);
    }

    /// <summary>The sum over the pixels of a plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sum<TVector, TLanes>(float* value, int pixels)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector total = default;
        for (int first = 0; first < pixels; first += Chain)
        {
            TVector a = default, b = default, c = default, d = default;
            int count = Math.Min(Chain, pixels - first), i = 0;
            for (; i + 4 <= count; i += 4, value += 4 * BlockSize)
            {
                a = TLanes.Add(a, TLanes.Load(value));
                b = TLanes.Add(b, TLanes.Load(value + BlockSize));
                c = TLanes.Add(c, TLanes.Load(value + 2 * BlockSize));
                d = TLanes.Add(d, TLanes.Load(value + 3 * BlockSize));
            }
            for (; i < count; i++, value += BlockSize)
                a = TLanes.Add(a, TLanes.Load(value));
            total = TLanes.Add(total, TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)));
        }
        return total;
    }

    /// <summary>The gradient where the output of the activation says that it passes, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Pass<TVector, TLanes>(TVector gradient, TVector output, Activation activation)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector zero = default;
        if (activation == Activation.Relu6)
            gradient = TLanes.IfLess(output, TLanes.Broadcast(6f), gradient, zero);
        return activation == Activation.None ? gradient : TLanes.IfLess(zero, output, gradient, zero);
    }

    private struct SumPlane : IElementKernel
    {
        public float* Gradient, Y, Sums;
        public Activation Activation;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            float* gradient = Gradient + (nint)plane * Pixels * BlockSize + lane, y = Y + (nint)plane * Pixels * BlockSize + lane;
            TVector total = default;
            for (int first = 0; first < Pixels && Activation != Activation.None; first += Chain)
            {
                int count = Math.Min(Chain, Pixels - first);
                for (int i = 0; i < count; i++, y += BlockSize)
                    TLanes.Store(Pass<TVector, TLanes>(TLanes.Load(gradient + (nint)i * BlockSize), TLanes.Load(y), Activation),
                        gradient + (nint)i * BlockSize);
                total = TLanes.Add(total, Sum<TVector, TLanes>(gradient, count));
                gradient += (nint)count * BlockSize;
            }
            if (Activation == Activation.None)
                total = Sum<TVector, TLanes>(gradient, Pixels);
            TLanes.Store(total, Sums + plane * BlockSize + lane);
        }
    }

    private struct MomentsPlane : IElementKernel
    {
        public float* Values, Means, Squares;
        public int Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            float* value = Values + (nint)plane * Pixels * BlockSize + lane;
            TVector mean = TLanes.Multiply(Sum<TVector, TLanes>(value, Pixels), TLanes.Broadcast(1f / Pixels)), total = default;
            for (int first = 0; first < Pixels; first += Chain)
            {
                TVector a = default, b = default;
                int count = Math.Min(Chain, Pixels - first), i = 0;
                for (; i + 2 <= count; i += 2, value += 2 * BlockSize)
                {
                    TVector da = TLanes.Subtract(TLanes.Load(value), mean), db = TLanes.Subtract(TLanes.Load(value + BlockSize), mean);
                    a = TLanes.MultiplyAdd(da, da, a);
                    b = TLanes.MultiplyAdd(db, db, b);
                }
                for (; i < count; i++, value += BlockSize)
                {
                    TVector da = TLanes.Subtract(TLanes.Load(value), mean);
                    a = TLanes.MultiplyAdd(da, da, a);
                }
                total = TLanes.Add(total, TLanes.Add(a, b));
            }
            TLanes.Store(mean, Means + plane * BlockSize + lane);
            TLanes.Store(total, Squares + plane * BlockSize + lane);
        }
    }

    private struct ProductsPlane : IElementKernel
    {
        public float* X, Y, Gradient, Mean, Sums, Products;
        public Activation Activation;
        public int Blocks, Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint start = (nint)plane * Pixels * BlockSize + lane;
            float* x = X + start, y = Y + start, dy = Gradient + start;
            TVector mean = TLanes.Load(Mean + plane % Blocks * BlockSize + lane), sum = default, product = default;
            for (int first = 0; first < Pixels; first += Chain)
            {
                TVector a = default, b = default, p = default, q = default;
                int count = Math.Min(Chain, Pixels - first), i = 0;
                for (; i + 2 <= count; i += 2, x += 2 * BlockSize, y += 2 * BlockSize, dy += 2 * BlockSize)
                {
                    TVector g = Pass<TVector, TLanes>(TLanes.Load(dy), TLanes.Load(y), Activation),
                        h = Pass<TVector, TLanes>(TLanes.Load(dy + BlockSize), TLanes.Load(y + BlockSize), Activation);
                    a = TLanes.Add(a, g);
                    b = TLanes.Add(b, h);
                    p = TLanes.MultiplyAdd(g, TLanes.Subtract(TLanes.Load(x), mean), p);
                    q = TLanes.MultiplyAdd(h, TLanes.Subtract(TLanes.Load(x + BlockSize), mean), q);
                }
                for (; i < count; i++, x += BlockSize, y += BlockSize, dy += BlockSize)
                {
                    TVector g = Pass<TVector, TLanes>(TLanes.Load(dy), TLanes.Load(y), Activation);
                    a = TLanes.Add(a, g);
                    p = TLanes.MultiplyAdd(g, TLanes.Subtract(TLanes.Load(x), mean), p);
                }
                sum = TLanes.Add(sum, TLanes.Add(a, b));
                product = TLanes.Add(product, TLanes.Add(p, q));
            }
            TLanes.Store(sum, Sums + plane * BlockSize + lane);
            TLanes.Store(product, Products + plane * BlockSize + lane);
        }
    }

    /// <summary>y = activation((x - mean) · scale + shift).</summary>
    internal struct NormalizePlane : IElementKernel
    {
        public float* X, Y, Mean, Scale, Shift;
        public Activation Activation;
        public int Blocks, Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint start = (nint)plane * Pixels * BlockSize + lane, channel = plane % Blocks * BlockSize + lane;
            float* x = X + start, y = Y + start;
            TVector mean = TLanes.Load(Mean + channel), scale = TLanes.Load(Scale + channel), shift = TLanes.Load(Shift + channel);
            TVector floor = TLanes.Broadcast(Activation == Activation.None ? float.NegativeInfinity : 0f),
                ceiling = TLanes.Broadcast(Activation == Activation.Relu6 ? 6f : float.PositiveInfinity);
            for (int i = 0; i < Pixels; i++, x += BlockSize, y += BlockSize)
                TLanes.Store(Transcendental.Min<TVector, TLanes>(
                    ceiling, TLanes.Max(floor, TLanes.MultiplyAdd(TLanes.Subtract(TLanes.Load(x), mean), scale, shift))), y);
        }
    }

    /// <summary>dx = scale · dy + slope · (x - mean) + shift, each in its channel; dx times the derivative of what made x.</summary>
    internal struct GradientPlane : IElementKernel
    {
        public float* X, Y, Gradient, InputGradient, Mean, Scale, Slope, Shift;
        public Activation Activation, InputActivation;
        public int Blocks, Pixels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compute<TVector, TLanes>(nint element)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (int plane, int lane) = Elementwise.Plane(element);
            nint start = (nint)plane * Pixels * BlockSize + lane, channel = plane % Blocks * BlockSize + lane;
            float* x = X + start, y = Y + start, dy = Gradient + start, dx = InputGradient + start;
            TVector mean = TLanes.Load(Mean + channel), scale = TLanes.Load(Scale + channel), slope = TLanes.Load(Slope + channel),
                shift = TLanes.Load(Shift + channel);
            for (int i = 0; i < Pixels; i++, x += BlockSize, y += BlockSize, dy += BlockSize, dx += BlockSize)
            {
                TVector value = TLanes.Load(x), gradient = TLanes.Load(dy);
                if (Activation != Activation.None)
                    gradient = Pass<TVector, TLanes>(gradient, TLanes.Load(y), Activation);
                TVector own = TLanes.MultiplyAdd(TLanes.Subtract(value, mean), slope, shift);
                TLanes.Store(Pass<TVector, TLanes>(TLanes.MultiplyAdd(gradient, scale, own), value, InputActivation), dx);
            }
        }
    }
}
