using System.Runtime.Intrinsics;
using static VideoLstm.Numerics.Kernels.ConvolutionActivations;

namespace VideoLstm.Numerics.Kernels;

/// <summary>What to do with one plane of blocked activations, <c>[height, width, 16]</c>. A struct that holds its pointers; it never mixes lanes.</summary>
internal interface IPlaneKernel
{
    /// <summary>Computes the lanes of a plane from <paramref name="lane"/> on, as many as a vector has.</summary>
    void Compute<TVector, TLanes>(int plane, int lane)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>;
}

/// <summary>Runs kernels over all planes, with any instruction set, on all workers.</summary>
internal static class Planes
{
    /// <summary>Computes planes 0 to <paramref name="count"/> - 1.</summary>
    public static void Run<TKernel>(TKernel kernel, int count, SimdLevel level)
        where TKernel : struct, IPlaneKernel =>
        Workers.For(count, plane =>
        {
            switch (level)
            {
                case SimdLevel.Avx512:
                    Run<TKernel, Vector512<float>, Float512>(kernel, plane);
                    break;
                case SimdLevel.Avx2:
                    Run<TKernel, Vector256<float>, Float256>(kernel, plane);
                    break;
                case SimdLevel.Vector128:
                    Run<TKernel, Vector128<float>, Float128>(kernel, plane);
                    break;
                default:
                    Run<TKernel, float, Float1>(kernel, plane);
                    break;
            }
        });

    private static void Run<TKernel, TVector, TLanes>(TKernel kernel, int plane)
        where TKernel : struct, IPlaneKernel
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        for (int lane = 0; lane < BlockSize; lane += TLanes.Count)
            kernel.Compute<TVector, TLanes>(plane, lane);
    }
}
