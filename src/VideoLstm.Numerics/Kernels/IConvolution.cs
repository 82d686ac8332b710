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
