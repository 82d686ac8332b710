using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Inference;

/// <summary>What is known of precisions.</summary>
public static class Precisions
{
    /// <summary>
    /// Whether there are instructions for it at the level in use; if not, plain loops give the same bits in a hundred times the
    /// time.
    /// </summary>
    public static bool IsFast(this Precision precision) => precision != Precision.Int8 || QuantizedSimd.IsFast(Simd.Level);
}
