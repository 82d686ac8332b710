using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>Half a time step of one sequence: from the sums of products to the update and reset gates, and the reset output.</summary>
internal unsafe struct GruResetGates : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[3 units].</summary>
    public float* Bias;

    /// <summary>[3 units]: sums from the inputs, without bias; update and reset become values.</summary>
    public float* Gates;

    /// <summary>[3 units]: sums from the previous output.</summary>
    public float* Products;

    /// <summary>[units].</summary>
    public float* Previous;

    /// <summary>[units]: becomes reset · previous.</summary>
    public float* Reset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        _ = Gate<TVector, TLanes>(i);
        TLanes.Store(TLanes.Multiply(Gate<TVector, TLanes>(i + Units), TLanes.Load(Previous + i)), Reset + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Gate<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector gate = Kernels.Gates.Value<TVector, TLanes>(TLanes.Add(TLanes.Add(TLanes.Load(Gates + i), TLanes.Load(Bias + i)), TLanes.Load(Products + i)), Slope);
        TLanes.Store(gate, Gates + i);
        return gate;
    }
}

/// <summary>The other half: from the product of the reset output to the candidate and the new output.</summary>
internal unsafe struct GruResetOutput : IElementKernel
{
    public int Units;

    /// <summary>[3 units].</summary>
    public float* Bias;

    /// <summary>[3 units]: the candidate's sum from the inputs becomes its value.</summary>
    public float* Gates;

    /// <summary>[3 units]: sums from the reset output.</summary>
    public float* Products;

    /// <summary>[units].</summary>
    public float* Previous;

    /// <summary>[units].</summary>
    public float* Output;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint c = i + 2 * (nint)Units;
        TVector candidate = Transcendental.Tanh<TVector, TLanes>(TLanes.Add(TLanes.Add(TLanes.Load(Gates + c), TLanes.Load(Bias + c)), TLanes.Load(Products + c)));
        TLanes.Store(candidate, Gates + c);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(Gates + i), TLanes.Subtract(TLanes.Load(Previous + i), candidate), candidate), Output + i);
    }
}

/// <summary>Backward: from the gradient of the output to that of the candidate's sum.</summary>
internal unsafe struct GruResetCandidateBackward : IElementKernel
{
    public int Units;

    /// <summary>[3 units]: the gates' values.</summary>
    public float* Gates;

    /// <summary>[3 units]: that of the candidate is set.</summary>
    public float* Products;

    /// <summary>[units].</summary>
    public float* OutputGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint c = i + 2 * (nint)Units;
        TVector one = TLanes.Broadcast(1f), candidate = TLanes.Load(Gates + c);
        TVector kept = TLanes.Subtract(one, TLanes.Load(Gates + i));
        TLanes.Store(TLanes.Multiply(TLanes.Multiply(TLanes.Load(OutputGradient + i), kept), TLanes.Subtract(one, TLanes.Multiply(candidate, candidate))), Products + c);
    }
}

/// <summary>Backward: the rest, once the gradient of the reset output is known.</summary>
internal unsafe struct GruResetGatesBackward : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[3 units]: the gates' values; become the gradients of the sums.</summary>
    public float* Gates;

    /// <summary>[3 units]: of the candidate its gradient, which moves to the gates; becomes the gradients of update and reset.</summary>
    public float* Products;

    /// <summary>[units].</summary>
    public float* Previous;

    /// <summary>[units]: gradient of reset · previous.</summary>
    public float* ResetGradient;

    /// <summary>[units].</summary>
    public float* OutputGradient;

    /// <summary>[units]: becomes what reaches the previous output past the sums of update and reset.</summary>
    public float* PreviousGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint r = i + Units, c = r + Units;
        TVector update = TLanes.Load(Gates + i), reset = TLanes.Load(Gates + r), candidate = TLanes.Load(Gates + c);
        TVector previous = TLanes.Load(Previous + i), dOutput = TLanes.Load(OutputGradient + i), dPast = TLanes.Load(ResetGradient + i);
        TVector dUpdate = TLanes.Multiply(TLanes.Multiply(dOutput, TLanes.Subtract(previous, candidate)), Kernels.Gates.Derivative<TVector, TLanes>(update, Slope));
        TVector dReset = TLanes.Multiply(TLanes.Multiply(dPast, previous), Kernels.Gates.Derivative<TVector, TLanes>(reset, Slope));
        TLanes.Store(dUpdate, Gates + i);
        TLanes.Store(dReset, Gates + r);
        TLanes.Store(TLanes.Load(Products + c), Gates + c);
        TLanes.Store(dUpdate, Products + i);
        TLanes.Store(dReset, Products + r);
        TLanes.Store(TLanes.Broadcast(0f), Products + c);
        TLanes.Store(TLanes.MultiplyAdd(dOutput, update, TLanes.Multiply(dPast, reset)), PreviousGradient + i);
    }
}
