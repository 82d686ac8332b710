namespace VideoLstm.Numerics.Kernels;

/// <summary>An <see cref="IConvolution"/> from bytes to bytes. Its sums are whole numbers, so every level gives the same bits.</summary>
internal unsafe interface IQuantizedConvolution
{
    /// <summary>Floats of scratch memory that <see cref="Run"/> needs.</summary>
    int ScratchLength { get; }

    /// <inheritdoc cref="IConvolution.Run"/>
    void Run(in QuantizedActivations input, in QuantizedActivations output, float* scratch, SimdLevel level, int part, int parts);
}
