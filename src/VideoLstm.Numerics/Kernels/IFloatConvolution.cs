namespace VideoLstm.Numerics.Kernels;

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
