using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

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
        where TKernel : struct, IElementKernel => SimdKernel.Run(new Range<TKernel>(kernel, first, first + count), level);

    /// <summary>
    /// Computes planes 0 to <paramref name="count"/> - 1 of blocked activations, <c>[planes, height, width, 16]</c>: see
    /// <see cref="Plane"/>.
    /// </summary>
    public static void RunPlanes<TKernel>(TKernel kernel, int count, SimdLevel level)
        where TKernel : struct, IElementKernel =>
        Workers.For(count, plane => RunRange(kernel, (nint)plane * ActivationMap.BlockSize, ActivationMap.BlockSize, level));

    /// <summary>Where an element lies that stands for all pixels of a plane: which plane, and which of its 16 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int Plane, int Lane) Plane(nint i) => ((int)(i / ActivationMap.BlockSize), (int)(i % ActivationMap.BlockSize));

    private readonly struct Range<TKernel>(TKernel kernel, nint first, nint end) : ISimdKernel
        where TKernel : struct, IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TVector, TLanes>()
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint i = first;
            for (; i + TLanes.Count <= end; i += TLanes.Count)
                kernel.Compute<TVector, TLanes>(i);
            for (; i < end; i++)
                kernel.Compute<float, Float1>(i);
        }
    }
}
