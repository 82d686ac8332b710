namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// A convolution with fixed weights, a bias and ReLU: <c>output = max(0, bias + weights * input)</c>, of floats or of bytes. Sums of
/// bytes are whole numbers, so that every level gives the same bits.
/// </summary>
internal unsafe interface IConvolution<T>
    where T : unmanaged
{
    ConvolutionShape Shape { get; }

    /// <summary>Floats of scratch memory that <see cref="Run"/> needs.</summary>
    int ScratchLength { get; }

    /// <summary>
    /// Computes a part of the output. Parts write to different places and may run at the same time; the result does not
    /// depend on how many there are.
    /// </summary>
    /// <param name="input">Its border is at least as wide as the padding, and zero.</param>
    /// <param name="output">Its border is not touched.</param>
    /// <param name="scratch">Memory of this call alone.</param>
    /// <param name="level">Instructions to use.</param>
    /// <param name="part">Which part, from 0.</param>
    /// <param name="parts">Of how many.</param>
    void Run(in ActivationMap<T> input, in ActivationMap<T> output, float* scratch, SimdLevel level, int part, int parts);
}

/// <summary>A convolution of floats that is compiled for each instruction set.</summary>
internal unsafe interface IFloatConvolution : IConvolution<float>
{
    /// <inheritdoc cref="IConvolution{T}.Run"/>
    void Run<TVector, TLanes>(in ActivationMap<float> input, in ActivationMap<float> output, float* scratch, int part, int parts)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>;

    void IConvolution<float>.Run(in ActivationMap<float> input, in ActivationMap<float> output, float* scratch, SimdLevel level, int part,
        int parts) =>
        FloatConvolution.Run(this, input, output, scratch, level, part, parts);
}

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
