using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Weights that change with every step of training, in single precision: to the points of <see cref="WinogradPoints"/> and
/// gradients back from them.
/// </summary>
internal static unsafe class WinogradWeights
{
    /// <summary>G w Gᵀ for each pair of channels, in the order of <see cref="WinogradConvolution"/>.</summary>
    /// <param name="shape">Channels in multiples of 16.</param>
    /// <param name="points">Those of the tiles.</param>
    /// <param name="weights">In the order of <see cref="DirectConvolution"/>.</param>
    /// <param name="target">Points · input channels · output channels floats.</param>
    /// <param name="level">Instructions to use.</param>
    public static void Transform(
        ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points, float* weights, float* target,
            SimdLevel level) =>
        SimdKernel.Run(new TransformKernel(shape, points, (nint)weights, (nint)target), level);

    /// <summary>
    /// Gᵀ s G for each pair of channels: sums <c>[points, in, out]</c> to gradients <c>[kernel height, kernel width, in, out]</c>.
    /// </summary>
    public static void Gradient(
        ConvolutionShape shape, (WinogradPoints Vertical, WinogradPoints Horizontal) points, float* sums, nint point, float* gradient,
            SimdLevel level) =>
        SimdKernel.Run(new GradientKernel(shape, points, (nint)sums, point, (nint)gradient), level);

    private readonly record struct TransformKernel(
        ConvolutionShape Shape, (WinogradPoints Vertical, WinogradPoints Horizontal) Points, nint Weights, nint Target) : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (ConvolutionShape shape, var points, nint weights, nint target) = this;
            int inBlocks = shape.InputChannels / BlockSize, outBlocks = shape.OutputChannels / BlockSize;
            int groups = WinogradPlan.GroupCount(shape.OutputChannels), count = points.Vertical.Count * points.Horizontal.Count;
            Workers.For(outBlocks, outBlock =>
            {
                int group = 0;
                while (Parts.Start(outBlocks, groups, group + 1) <= outBlock)
                    group++;
                int first = Parts.Start(outBlocks, groups, group), blocks = Parts.Start(outBlocks, groups, group + 1) - first;
                float* to = (float*)target + ((nint)first * count + (outBlock - first)) * BlockSize * shape.InputChannels;
                float* from = (float*)weights + (nint)outBlock * BlockSize * shape.Reduction;
                nint point = (nint)blocks * BlockSize * shape.InputChannels;
                for (int block = 0; block < inBlocks; block++)
                {
                    TransformBlock<TVector, TLanes>(points, from, to, point);
                    to += BlockSize * BlockSize;
                    from += BlockSize * BlockSize * shape.KernelHeight * shape.KernelWidth;
                }
            });
        }
    }

    private readonly record struct GradientKernel(
        ConvolutionShape Shape, (WinogradPoints Vertical, WinogradPoints Horizontal) Points, nint Sums, nint Point, nint Gradient)
            : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            (ConvolutionShape shape, var points, nint sums, nint point, nint gradient) = this;
            nint tap = (nint)shape.InputChannels * shape.OutputChannels;
            Workers.For(shape.InputChannels, channel =>
            {
                nint offset = (nint)channel * shape.OutputChannels;
                GradientRow<TVector, TLanes>(points, (float*)sums + offset, point, (float*)gradient + offset, tap, shape.OutputChannels);
            });
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformBlock<TVector, TLanes>((WinogradPoints Vertical, WinogradPoints Horizontal) points, float* weights,
        float* target, nint point)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        (int pointRows, int pointColumns, int height, int width) =
            (points.Vertical.Count, points.Horizontal.Count, points.Vertical.Taps, points.Horizontal.Taps);
        float* vertical = points.Vertical.FilterCoefficients, horizontal = points.Horizontal.FilterCoefficients;
        float* rows = stackalloc float[pointRows * width * TLanes.Count];
        nint tap = BlockSize * BlockSize;
        for (int i = 0; i < BlockSize * BlockSize; i += TLanes.Count)
        {
            for (int y = 0; y < pointRows; y++)
                for (int x = 0; x < width; x++)
                {
                    TVector sum = default;
                    for (int k = 0; k < height; k++)
                        sum = TLanes.MultiplyAdd(TLanes.Broadcast(vertical[y * height + k]),
                            TLanes.Load(weights + i + (k * width + x) * tap), sum);
                    TLanes.Store(sum, rows + (y * width + x) * TLanes.Count);
                }
            float* place = target + i;
            for (int y = 0; y < pointRows; y++)
                for (int x = 0; x < pointColumns; x++, place += point)
                {
                    TVector sum = default;
                    for (int k = 0; k < width; k++)
                        sum = TLanes.MultiplyAdd(TLanes.Broadcast(horizontal[x * width + k]),
                            TLanes.Load(rows + (y * width + k) * TLanes.Count), sum);
                    TLanes.Store(sum, place);
                }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientRow<TVector, TLanes>(
        (WinogradPoints Vertical, WinogradPoints Horizontal) points, float* sums, nint point, float* gradient, nint tap, int channels)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        (int pointRows, int pointColumns, int height, int width) =
            (points.Vertical.Count, points.Horizontal.Count, points.Vertical.Taps, points.Horizontal.Taps);
        float* vertical = points.Vertical.FilterCoefficients, horizontal = points.Horizontal.FilterCoefficients;
        float* rows = stackalloc float[height * pointColumns * TLanes.Count];
        for (int i = 0; i < channels; i += TLanes.Count)
        {
            for (int y = 0; y < height; y++)
                for (int x = 0; x < pointColumns; x++)
                {
                    TVector sum = default;
                    for (int k = 0; k < pointRows; k++)
                        sum = TLanes.MultiplyAdd(TLanes.Broadcast(vertical[k * height + y]),
                            TLanes.Load(sums + i + (k * pointColumns + x) * point), sum);
                    TLanes.Store(sum, rows + (y * pointColumns + x) * TLanes.Count);
                }
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    TVector sum = default;
                    for (int k = 0; k < pointColumns; k++)
                        sum = TLanes.MultiplyAdd(TLanes.Broadcast(horizontal[k * width + x]),
                            TLanes.Load(rows + (y * pointColumns + k) * TLanes.Count), sum);
                    TLanes.Store(sum, gradient + i + (y * width + x) * tap);
                }
        }
    }
}
