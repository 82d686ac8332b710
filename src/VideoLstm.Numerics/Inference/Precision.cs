using VideoLstm.Numerics.Kernels;

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

/// <summary>What is known of precisions.</summary>
public static class Precisions
{
    /// <summary>
    /// Whether there are instructions for it at the level in use; if not, plain loops give the same bits in a hundred times the
    /// time.
    /// </summary>
    public static bool IsFast(this Precision precision) => precision == Precision.Float || QuantizedSimd.IsFast(Simd.Level);
}
