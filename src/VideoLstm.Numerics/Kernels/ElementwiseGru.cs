using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// One time step of one sequence, all units: from the sums of products to the new output.
/// Gates lie as in Keras: update, reset, candidate, each [units].
/// </summary>
internal unsafe struct GruStepForward : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[2, 3 units]: of the inputs' sums, then of the recurrent ones.</summary>
    public float* Bias;

    /// <summary>[3 units]: sums from the inputs, without bias; becomes the gates' values.</summary>
    public float* Gates;

    /// <summary>[3 units]: sums from the previous output, without bias; those of the candidate get their bias.</summary>
    public float* Recurrent;

    /// <summary>[units].</summary>
    public float* Previous;

    /// <summary>[units].</summary>
    public float* Output;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint r = i + Units, c = r + Units, second = 3 * (nint)Units;
        TVector update = Gate<TVector, TLanes>(i), reset = Gate<TVector, TLanes>(r);
        TVector past = TLanes.Add(TLanes.Load(Recurrent + c), TLanes.Load(Bias + second + c));
        TVector candidate = Transcendental.Tanh<TVector, TLanes>(TLanes.MultiplyAdd(reset, past, TLanes.Add(TLanes.Load(Gates + c), TLanes.Load(Bias + c))));
        TLanes.Store(past, Recurrent + c);
        TLanes.Store(candidate, Gates + c);
        TLanes.Store(TLanes.MultiplyAdd(update, TLanes.Subtract(TLanes.Load(Previous + i), candidate), candidate), Output + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Gate<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector inputs = TLanes.Add(TLanes.Load(Gates + i), TLanes.Load(Bias + i));
        TVector recurrent = TLanes.Add(TLanes.Load(Recurrent + i), TLanes.Load(Bias + 3 * (nint)Units + i));
        TVector gate = Kernels.Gates.Value<TVector, TLanes>(TLanes.Add(inputs, recurrent), Slope);
        TLanes.Store(gate, Gates + i);
        return gate;
    }
}

/// <summary>The same step backward: from the gradient of the output to those of both sums, and to that part of the previous output's that bypasses the gates.</summary>
internal unsafe struct GruStepBackward : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[3 units]: the gates' values; becomes the gradients of the inputs' sums.</summary>
    public float* Gates;

    /// <summary>[3 units]: of the candidate, its recurrent sum with bias; becomes the gradients of the recurrent sums.</summary>
    public float* Recurrent;

    /// <summary>[units].</summary>
    public float* Previous;

    /// <summary>[units]: gradient of this step's output.</summary>
    public float* OutputGradient;

    /// <summary>[units]: becomes the share of the previous output that the update gate kept.</summary>
    public float* PreviousGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint r = i + Units, c = r + Units;
        TVector one = TLanes.Broadcast(1f);
        TVector update = TLanes.Load(Gates + i), reset = TLanes.Load(Gates + r), candidate = TLanes.Load(Gates + c), past = TLanes.Load(Recurrent + c);
        TVector dOutput = TLanes.Load(OutputGradient + i);

        TVector dUpdate = TLanes.Multiply(TLanes.Multiply(dOutput, TLanes.Subtract(TLanes.Load(Previous + i), candidate)), Kernels.Gates.Derivative<TVector, TLanes>(update, Slope));
        TVector dCandidate = TLanes.Multiply(TLanes.Multiply(dOutput, TLanes.Subtract(one, update)), TLanes.Subtract(one, TLanes.Multiply(candidate, candidate)));
        TVector dReset = TLanes.Multiply(TLanes.Multiply(dCandidate, past), Kernels.Gates.Derivative<TVector, TLanes>(reset, Slope));

        TLanes.Store(dUpdate, Gates + i);
        TLanes.Store(dReset, Gates + r);
        TLanes.Store(dCandidate, Gates + c);
        TLanes.Store(dUpdate, Recurrent + i);
        TLanes.Store(dReset, Recurrent + r);
        TLanes.Store(TLanes.Multiply(dCandidate, reset), Recurrent + c);
        TLanes.Store(TLanes.Multiply(dOutput, update), PreviousGradient + i);
    }
}
