namespace VideoLstm.Numerics.Inference;

/// <summary>What a network that takes features computes with.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Float,

    /// <summary>
    /// Activations of one byte with a scale for each channel, weights of one byte with a scale for each output channel; of 16
    /// bits where a convolution is shortened by Winograd's method. Faster, and nearly as exact.
    /// </summary>
    Int8,

    /// <summary>
    /// 16-bit floats of IEEE 754 between the layers, batch norm folded in before weights are rounded, sums in single precision. An
    /// <see cref="InferenceNetwork"/> has none: it is for other engines.
    /// </summary>
    Half,
}
