using System.Runtime.Intrinsics.X86;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Which levels have instructions for small whole numbers.</summary>
internal static class QuantizedSimd
{
    /// <summary>
    /// Whether <paramref name="level"/> multiplies bytes and 16-bit numbers in the vectors that the kernels are written for:
    /// AVX-512BW beside AVX-VNNI. All others run the plain loops.
    /// </summary>
    public static bool IsFast(SimdLevel level) => level == SimdLevel.Avx512 && Avx512BW.IsSupported && AvxVnni.IsSupported;
}
