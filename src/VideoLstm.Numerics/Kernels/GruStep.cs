using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// One time step of one sequence of a GRU. Gates lie as in Keras: update, reset, candidate, each [units]. Arrays are [units]
/// where nothing else is said. Where the reset gate acts after the recurrent product, a step is <see cref="Forward"/> and
/// <see cref="Backward"/>; where it acts before, each is two kernels with a product between them.
/// </summary>
internal unsafe struct GruStep
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>
    /// [3 units]; where the reset gate acts after the product, [2, 3 units]: of the inputs' sums, then of the recurrent ones.
    /// </summary>
    public float* Bias;

    /// <summary>
    /// [3 units]: sums from the inputs, without bias. Forward, they become the gates' values; backward, the gradients of the sums.
    /// </summary>
    public float* Gates;

    /// <summary>
    /// [3 units]: sums from the recurrent kernel, that of the candidate finally with its bias; backward, their gradients.
    /// </summary>
    public float* Recurrent;

    public float* Previous, Output, OutputGradient;

    /// <summary>Becomes what reaches the previous output other than through the recurrent kernel.</summary>
    public float* PreviousGradient;

    /// <summary>reset · previous, and its gradient: where the reset gate acts before the product.</summary>
    public float* Reset, ResetGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Gate<TVector, TLanes>(nint i, TVector recurrent)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector inputs = TLanes.Add(TLanes.Load(Gates + i), TLanes.Load(Bias + i));
        TVector gate = Kernels.Gates.Value<TVector, TLanes>(TLanes.Add(inputs, recurrent), Slope);
        TLanes.Store(gate, Gates + i);
        return gate;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Finish<TVector, TLanes>(nint i, TVector update, TVector sum)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector candidate = Transcendental.Tanh<TVector, TLanes>(sum);
        TLanes.Store(candidate, Gates + i + 2 * (nint)Units);
        TLanes.Store(TLanes.MultiplyAdd(update, TLanes.Subtract(TLanes.Load(Previous + i), candidate), candidate), Output + i);
    }

    /// <summary>The gradient of the candidate's sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector CandidateGradient<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector one = TLanes.Broadcast(1f), update = TLanes.Load(Gates + i), candidate = TLanes.Load(Gates + i + 2 * (nint)Units);
        TVector dCandidate = TLanes.Multiply(TLanes.Load(OutputGradient + i), TLanes.Subtract(one, update));
        return TLanes.Multiply(dCandidate, TLanes.Subtract(one, TLanes.Multiply(candidate, candidate)));
    }

    /// <summary>The gradients of the update gate's sum and, from that of the gate, of the reset gate's. Both are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void StoreGates<TVector, TLanes>(nint i, TVector dReset)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        nint r = i + Units, c = r + Units;
        TVector dUpdate = TLanes.Multiply(TLanes.Load(OutputGradient + i),
            TLanes.Subtract(TLanes.Load(Previous + i), TLanes.Load(Gates + c)));
        dUpdate = TLanes.Multiply(dUpdate, Kernels.Gates.Derivative<TVector, TLanes>(TLanes.Load(Gates + i), Slope));
        dReset = TLanes.Multiply(dReset, Kernels.Gates.Derivative<TVector, TLanes>(TLanes.Load(Gates + r), Slope));
        TLanes.Store(dUpdate, Gates + i);
        TLanes.Store(dReset, Gates + r);
        TLanes.Store(dUpdate, Recurrent + i);
        TLanes.Store(dReset, Recurrent + r);
    }

    /// <summary>From the sums of products to the new output.</summary>
    public readonly struct Forward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint r = i + step.Units, c = r + step.Units;
            TVector update = step.Gate<TVector, TLanes>(i, Sum<TVector, TLanes>(i)),
                reset = step.Gate<TVector, TLanes>(r, Sum<TVector, TLanes>(r));
            TVector past = Sum<TVector, TLanes>(c);
            TLanes.Store(past, step.Recurrent + c);
            step.Finish<TVector, TLanes>(
                i, update, TLanes.MultiplyAdd(reset, past, TLanes.Add(TLanes.Load(step.Gates + c), TLanes.Load(step.Bias + c))));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TVector Sum<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> =>
            TLanes.Add(TLanes.Load(step.Recurrent + i), TLanes.Load(step.Bias + 3 * (nint)step.Units + i));
    }

    /// <summary>From the gradient of the output to those of both sums and of the previous output.</summary>
    public readonly struct Backward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint r = i + step.Units, c = r + step.Units;
            TVector update = TLanes.Load(step.Gates + i), reset = TLanes.Load(step.Gates + r);
            TVector dCandidate = step.CandidateGradient<TVector, TLanes>(i);
            step.StoreGates<TVector, TLanes>(i, TLanes.Multiply(dCandidate, TLanes.Load(step.Recurrent + c)));
            TLanes.Store(dCandidate, step.Gates + c);
            TLanes.Store(TLanes.Multiply(dCandidate, reset), step.Recurrent + c);
            TLanes.Store(TLanes.Multiply(TLanes.Load(step.OutputGradient + i), update), step.PreviousGradient + i);
        }
    }

    /// <summary>From the sums of products to the update and reset gates, and reset · previous.</summary>
    public readonly struct ResetForward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint r = i + step.Units;
            _ = step.Gate<TVector, TLanes>(i, TLanes.Load(step.Recurrent + i));
            TVector reset = step.Gate<TVector, TLanes>(r, TLanes.Load(step.Recurrent + r));
            TLanes.Store(TLanes.Multiply(reset, TLanes.Load(step.Previous + i)), step.Reset + i);
        }
    }

    /// <summary>From the product of reset · previous to the candidate and the new output.</summary>
    public readonly struct OutputForward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint c = i + 2 * (nint)step.Units;
            TVector inputs = TLanes.Add(TLanes.Load(step.Gates + c), TLanes.Load(step.Bias + c));
            step.Finish<TVector, TLanes>(i, TLanes.Load(step.Gates + i), TLanes.Add(inputs, TLanes.Load(step.Recurrent + c)));
        }
    }

    /// <summary>From the gradient of the output to that of the candidate's sum, among the recurrent ones.</summary>
    public readonly struct CandidateBackward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> =>
            TLanes.Store(step.CandidateGradient<TVector, TLanes>(i), step.Recurrent + i + 2 * (nint)step.Units);
    }

    /// <summary>The rest, once the gradient of reset · previous is known.</summary>
    public readonly struct GatesBackward(GruStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            nint r = i + step.Units, c = r + step.Units;
            TVector update = TLanes.Load(step.Gates + i), reset = TLanes.Load(step.Gates + r), dPast = TLanes.Load(step.ResetGradient + i);
            step.StoreGates<TVector, TLanes>(i, TLanes.Multiply(dPast, TLanes.Load(step.Previous + i)));
            TLanes.Store(TLanes.Load(step.Recurrent + c), step.Gates + c);
            TLanes.Store(TLanes.Broadcast(0f), step.Recurrent + c);
            TVector kept = TLanes.MultiplyAdd(TLanes.Load(step.OutputGradient + i), update, TLanes.Multiply(dPast, reset));
            TLanes.Store(kept, step.PreviousGradient + i);
        }
    }
}
