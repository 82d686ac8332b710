using System.Runtime.Intrinsics;

namespace VideoLstm.Numerics.Kernels;

/// <summary>The one place where a level becomes a kind of vector.</summary>
internal static class SimdKernel
{
    public static void Run<TKernel>(in TKernel kernel, SimdLevel level)
        where TKernel : ISimdKernel
    {
        switch (level)
        {
            case SimdLevel.Avx512:
                kernel.Run<Vector512<float>, Float512>();
                break;
            case SimdLevel.Avx2:
                kernel.Run<Vector256<float>, Float256>();
                break;
            case SimdLevel.Vector128:
                kernel.Run<Vector128<float>, Float128>();
                break;
            default:
                kernel.Run<float, Float1>();
                break;
        }
    }
}
