namespace VideoLstm.Numerics.Kernels;

internal static unsafe class FloatConvolution
{
    /// <inheritdoc cref="IConvolution{T}.Run"/>
    public static void Run(
        this IFloatConvolution convolution, in ActivationMap<float> input, in ActivationMap<float> output, float* scratch, SimdLevel level,
        int part, int parts)
    {
        SimdKernel.Run(new Kernel(convolution, input, output, (nint)scratch, part, parts), level);
        GC.KeepAlive(convolution);
    }

    private readonly record struct Kernel(
        IFloatConvolution Convolution, ActivationMap<float> Input, ActivationMap<float> Output, nint Scratch, int Part, int Parts)
            : ISimdKernel
    {
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> =>
            Convolution.Run<TVector, TLanes>(Input, Output, (float*)Scratch, Part, Parts);
    }
}
