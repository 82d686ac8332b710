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

/// <summary>Target = max(0, A), element by element. Target may be A.</summary>
internal unsafe struct ReluKernel(float* a, float* target) : IElementKernel
{
    private readonly float* _a = a, _target = target;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        TLanes.Store(TLanes.Max(TLanes.Broadcast(0f), TLanes.Load(_a + i)), _target + i);
}

/// <summary>Target = gradient where the output of a rectifier is above 0, else 0. Target may be the gradient.</summary>
internal unsafe struct ReluGradientKernel(float* output, float* gradient, float* target) : IElementKernel
{
    private readonly float* _output = output, _gradient = gradient, _target = target;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector zero = TLanes.Broadcast(0f);
        TLanes.Store(TLanes.IfLess(zero, TLanes.Load(_output + i), TLanes.Load(_gradient + i), zero), _target + i);
    }
}

/// <summary>Target = tanh(A) or sigmoid(A), element by element. Target may be A.</summary>
internal unsafe struct SquashKernel(float* a, float* target, bool sigmoid) : IElementKernel
{
    private readonly float* _a = a, _target = target;
    private readonly bool _sigmoid = sigmoid;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector value = TLanes.Load(_a + i);
        TLanes.Store(_sigmoid ? Transcendental.Sigmoid<TVector, TLanes>(value) : Transcendental.Tanh<TVector, TLanes>(value), _target + i);
    }
}

/// <summary>Target = gradient · slope of <see cref="SquashKernel"/>, from its output. Target may be the gradient.</summary>
internal unsafe struct SquashGradientKernel(float* output, float* gradient, float* target, bool sigmoid) : IElementKernel
{
    private readonly float* _output = output, _gradient = gradient, _target = target;
    private readonly bool _sigmoid = sigmoid;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector one = TLanes.Broadcast(1f), y = TLanes.Load(_output + i);
        TVector slope = _sigmoid ? TLanes.Multiply(y, TLanes.Subtract(one, y)) : TLanes.Subtract(one, TLanes.Multiply(y, y));
        TLanes.Store(TLanes.Multiply(TLanes.Load(_gradient + i), slope), _target + i);
    }
}

/// <summary>A = min(max(0, A), ceiling), element by element.</summary>
internal unsafe struct ClipKernel(float* a, float ceiling) : IElementKernel
{
    private readonly float* _a = a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> =>
        TLanes.Store(TLanes.Min(TLanes.Broadcast(ceiling), TLanes.Max(TLanes.Broadcast(0f), TLanes.Load(_a + i))), _a + i);
}

/// <summary>Gradient = 0 where the output of <see cref="ClipKernel"/> with a ceiling of 6 is 0 or 6. Gradient in place.</summary>
internal unsafe struct Relu6GradientKernel(float* output, float* gradient) : IElementKernel
{
    private readonly float* _output = output, _gradient = gradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector zero = TLanes.Broadcast(0f), value = TLanes.Load(_output + i);
        TVector below = TLanes.IfLess(value, TLanes.Broadcast(6f), TLanes.Load(_gradient + i), zero);
        TLanes.Store(TLanes.IfLess(zero, value, below, zero), _gradient + i);
    }
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
