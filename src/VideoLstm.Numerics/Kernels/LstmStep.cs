using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// One time step of one sequence of an LSTM. Gates lie as in Keras: input, forget, candidate, output, each [units]. Arrays are
/// [units] where nothing else is said.
/// </summary>
internal unsafe struct LstmStep
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[4 units].</summary>
    public float* Bias;

    /// <summary>[4 units]: sums without bias. Forward, they become the gates' values; backward, the gradients of the sums.</summary>
    public float* Gates;

    public float* PreviousCell, Cell, Output, OutputGradient;

    /// <summary>The gradient of this step's cell that comes from the later steps; becomes that of the previous cell.</summary>
    public float* CellGradient;

    /// <summary>From the sums of products to the new cell and output.</summary>
    public readonly struct Forward(LstmStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector input = Gate<TVector, TLanes>(i);
            TVector forget = Gate<TVector, TLanes>(i + step.Units);
            TVector output = Gate<TVector, TLanes>(i + 3 * (nint)step.Units);
            nint c = i + 2 * (nint)step.Units;
            TVector candidate = Transcendental.Tanh<TVector, TLanes>(TLanes.Add(TLanes.Load(step.Gates + c), TLanes.Load(step.Bias + c)));
            TLanes.Store(candidate, step.Gates + c);

            TVector cell = TLanes.MultiplyAdd(forget, TLanes.Load(step.PreviousCell + i), TLanes.Multiply(input, candidate));
            TLanes.Store(cell, step.Cell + i);
            TLanes.Store(TLanes.Multiply(output, Transcendental.Tanh<TVector, TLanes>(cell)), step.Output + i);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TVector Gate<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector gate = Kernels.Gates.Value<TVector, TLanes>(TLanes.Add(TLanes.Load(step.Gates + i), TLanes.Load(step.Bias + i)),
                step.Slope);
            TLanes.Store(gate, step.Gates + i);
            return gate;
        }
    }

    /// <summary>From the gradients of output and cell to those of the sums and of the previous cell.</summary>
    public readonly struct Backward(LstmStep step) : IElementKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            float* inputs = step.Gates, forgets = inputs + step.Units, candidates = forgets + step.Units, outputs = candidates + step.Units;
            TVector one = TLanes.Broadcast(1f);
            TVector input = TLanes.Load(inputs + i), forget = TLanes.Load(forgets + i);
            TVector candidate = TLanes.Load(candidates + i), output = TLanes.Load(outputs + i);
            TVector squashed = Transcendental.Tanh<TVector, TLanes>(TLanes.Load(step.Cell + i));
            TVector dOutput = TLanes.Load(step.OutputGradient + i);

            TVector dTanh = TLanes.Subtract(one, TLanes.Multiply(squashed, squashed));
            TVector dCell = TLanes.MultiplyAdd(TLanes.Multiply(dOutput, output), dTanh, TLanes.Load(step.CellGradient + i));
            TVector dCandidate = TLanes.Subtract(one, TLanes.Multiply(candidate, candidate));

            TLanes.Store(TLanes.Multiply(dCell, forget), step.CellGradient + i);
            Store<TVector, TLanes>(TLanes.Multiply(dCell, candidate), input, inputs + i);
            Store<TVector, TLanes>(TLanes.Multiply(dCell, TLanes.Load(step.PreviousCell + i)), forget, forgets + i);
            TLanes.Store(TLanes.Multiply(TLanes.Multiply(dCell, input), dCandidate), candidates + i);
            Store<TVector, TLanes>(TLanes.Multiply(dOutput, squashed), output, outputs + i);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store<TVector, TLanes>(TVector gradient, TVector gate, float* target)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector> =>
            TLanes.Store(TLanes.Multiply(gradient, Kernels.Gates.Derivative<TVector, TLanes>(gate, step.Slope)), target);
    }
}
