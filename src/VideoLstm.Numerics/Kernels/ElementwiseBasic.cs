using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Target = A * B, element by element. Target may be A or B.</summary>
internal unsafe struct ProductKernel(float* a, float* b, float* target) : IElementKernel
{
    private readonly float* _a = a, _b = b, _target = target;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        TLanes.Store(TLanes.Multiply(TLanes.Load(_a + i), TLanes.Load(_b + i)), _target + i);
}

/// <summary>Target = A + B, element by element. Target may be A or B.</summary>
internal unsafe struct SumKernel(float* a, float* b, float* target) : IElementKernel
{
    private readonly float* _a = a, _b = b, _target = target;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        TLanes.Store(TLanes.Add(TLanes.Load(_a + i), TLanes.Load(_b + i)), _target + i);
}

/// <summary>Target = e^(A - offset), element by element.</summary>
internal unsafe struct ExpKernel(float* a, float offset, float* target) : IElementKernel
{
    private readonly float* _a = a, _target = target;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        TLanes.Store(Transcendental.Exp<TVector, TLanes>(TLanes.Subtract(TLanes.Load(_a + i), TLanes.Broadcast(offset))), _target + i);
}

/// <summary>The first array plus those that follow it, in order, element by element. Into the first.</summary>
internal unsafe struct ArraySumKernel(float* arrays, nint step, int count) : IElementKernel
{
    private readonly float* _arrays = arrays;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector sum = TLanes.Load(_arrays + i);
        for (int array = 1; array < count; array++)
            sum = TLanes.Add(sum, TLanes.Load(_arrays + array * step + i));
        TLanes.Store(sum, _arrays + i);
    }
}
