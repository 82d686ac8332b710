namespace VideoLstm.Numerics.Inference;

/// <summary>What an <see cref="InferenceNetwork"/> computes with.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Float,

    /// <summary>
    /// Activations of one byte with a scale for each channel, weights of one byte with a scale for each output channel; of 16
    /// bits where a convolution is shortened by Winograd's method. Faster, and nearly as exact.
    /// </summary>
    Int8,
}
