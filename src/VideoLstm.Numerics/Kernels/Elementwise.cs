using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// What to do with one vector of elements. A struct that holds its pointers; it never mixes lanes, so neither the
/// vector's width nor where the work is cut changes a result.
/// </summary>
internal interface IElementKernel
{
    /// <summary>Computes the elements from <paramref name="i"/> on, as many as a vector has lanes.</summary>
    void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>;
}

/// <summary>Runs element-wise kernels over arrays of any length, with any instruction set, on all workers.</summary>
internal static class Elementwise
{
    /// <summary>Elements of a task: a few microseconds' worth, far more than handing it over costs. A multiple of every vector.</summary>
    private const int Chunk = 16 * 1024;

    /// <summary>Computes elements 0 to <paramref name="count"/> - 1 on all workers.</summary>
    public static void Run<TKernel>(TKernel kernel, int count, SimdLevel level)
        where TKernel : struct, IElementKernel
    {
        if (count <= Chunk)
            RunRange(kernel, 0, count, level);
        else
            Workers.For((count - 1) / Chunk + 1, chunk => RunRange(kernel, chunk * Chunk, Math.Min(Chunk, count - chunk * Chunk), level));
    }

    /// <summary>Computes <paramref name="count"/> elements on this thread.</summary>
    public static void RunRange<TKernel>(TKernel kernel, nint first, nint count, SimdLevel level)
        where TKernel : struct, IElementKernel
    {
        switch (level)
        {
            case SimdLevel.Avx512:
                RunRange<TKernel, Vector512<float>, Float512>(kernel, first, first + count);
                break;
            case SimdLevel.Avx2:
                RunRange<TKernel, Vector256<float>, Float256>(kernel, first, first + count);
                break;
            case SimdLevel.Vector128:
                RunRange<TKernel, Vector128<float>, Float128>(kernel, first, first + count);
                break;
            default:
                RunRange<TKernel, float, Float1>(kernel, first, first + count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunRange<TKernel, TVector, TLanes>(TKernel kernel, nint i, nint end)
        where TKernel : struct, IElementKernel
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        for (; i + TLanes.Count <= end; i += TLanes.Count)
            kernel.Compute<TVector, TLanes>(i);
        for (; i < end; i++)
            kernel.Compute<float, Float1>(i);
    }
}
