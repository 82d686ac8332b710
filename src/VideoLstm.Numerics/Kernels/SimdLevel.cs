namespace VideoLstm.Numerics.Kernels;

/// <summary>The instruction sets for which kernels exist, worst first.</summary>
public enum SimdLevel
{
    /// <summary>Plain loops: the reference that every other path is tested against.</summary>
    Scalar,

    /// <summary>128-bit vectors of any machine that .NET supports: NEON, SSE, WebAssembly.</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors, 32 registers.</summary>
    Avx512,
}
