using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// One time step of one sequence, all units: from the four sums of products to the new cell and output.
/// Gates lie as in Keras: input, forget, candidate, output, each [units].
/// </summary>
internal unsafe struct LstmStepForward : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[4 units].</summary>
    public float* Bias;

    /// <summary>[4 units]: sums without bias; becomes the gates' values.</summary>
    public float* Gates;

    /// <summary>[units].</summary>
    public float* PreviousCell;

    /// <summary>[units].</summary>
    public float* Cell;

    /// <summary>[units].</summary>
    public float* Output;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector input = Gate<TVector, TLanes>(i);
        TVector forget = Gate<TVector, TLanes>(i + Units);
        TVector output = Gate<TVector, TLanes>(i + 3 * (nint)Units);
        nint c = i + 2 * (nint)Units;
        TVector candidate = Transcendental.Tanh<TVector, TLanes>(TLanes.Add(TLanes.Load(Gates + c), TLanes.Load(Bias + c)));
        TLanes.Store(candidate, Gates + c);

        TVector cell = TLanes.MultiplyAdd(forget, TLanes.Load(PreviousCell + i), TLanes.Multiply(input, candidate));
        TLanes.Store(cell, Cell + i);
        TLanes.Store(TLanes.Multiply(output, Transcendental.Tanh<TVector, TLanes>(cell)), Output + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Gate<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector sum = TLanes.Add(TLanes.Load(Gates + i), TLanes.Load(Bias + i));
        TVector gate = Kernels.Gates.Value<TVector, TLanes>(sum, Slope);
        TLanes.Store(gate, Gates + i);
        return gate;
    }
}

/// <summary>The same step backward: from the gradients of output and cell to those of the sums and of the previous cell.</summary>
internal unsafe struct LstmStepBackward : IElementKernel
{
    public int Units;

    /// <summary>Of the gates, see <see cref="Kernels.Gates"/>.</summary>
    public float Slope;

    /// <summary>[4 units]: the gates' values; becomes the gradients of the sums.</summary>
    public float* Gates;

    /// <summary>[units].</summary>
    public float* PreviousCell;

    /// <summary>[units].</summary>
    public float* Cell;

    /// <summary>[units]: gradient of this step's output.</summary>
    public float* OutputGradient;

    /// <summary>[units]: gradient of this step's cell that comes from the later steps; becomes that of the previous cell.</summary>
    public float* CellGradient;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Compute<TVector, TLanes>(nint i)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float* inputs = Gates, forgets = Gates + Units, candidates = forgets + Units, outputs = candidates + Units;
        TVector one = TLanes.Broadcast(1f);
        TVector input = TLanes.Load(inputs + i), forget = TLanes.Load(forgets + i);
        TVector candidate = TLanes.Load(candidates + i), output = TLanes.Load(outputs + i);
        TVector squashed = Transcendental.Tanh<TVector, TLanes>(TLanes.Load(Cell + i));
        TVector dOutput = TLanes.Load(OutputGradient + i);

        TVector dTanh = TLanes.Subtract(one, TLanes.Multiply(squashed, squashed));
        TVector dCell = TLanes.MultiplyAdd(TLanes.Multiply(dOutput, output), dTanh, TLanes.Load(CellGradient + i));
        TVector dCandidate = TLanes.Subtract(one, TLanes.Multiply(candidate, candidate));

        TLanes.Store(TLanes.Multiply(dCell, forget), CellGradient + i);
        TLanes.Store(TLanes.Multiply(TLanes.Multiply(dCell, candidate), Kernels.Gates.Derivative<TVector, TLanes>(input, Slope)), inputs + i);
        TLanes.Store(TLanes.Multiply(TLanes.Multiply(dCell, TLanes.Load(PreviousCell + i)), Kernels.Gates.Derivative<TVector, TLanes>(forget, Slope)), forgets + i);
        TLanes.Store(TLanes.Multiply(TLanes.Multiply(dCell, input), dCandidate), candidates + i);
        TLanes.Store(TLanes.Multiply(TLanes.Multiply(dOutput, squashed), Kernels.Gates.Derivative<TVector, TLanes>(output, Slope)), outputs + i);
    }
}
