using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Gated recurrent unit, see <see cref="RecurrentLayer"/>: gates update, reset, candidate side by side in the kernels; bias
/// <c>[2, 3 units]</c>, of the inputs' sums and of the recurrent ones. It is Keras' default since TensorFlow 2
/// (<c>reset_after=True</c>), which cuDNN and PyTorch compute too:
/// <c>h' = z h + (1 - z) tanh(x W + b + r (h U + c))</c>.
/// </summary>
/// <remarks>K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), in its version 1 on arXiv.</remarks>
public sealed unsafe class Gru : RecurrentLayer
{
    private readonly float _slope;

    // [time · batch, 3 units]: what the recurrent kernel gives; later its gradient.
    private AlignedBuffer? _recurrent;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="timeSteps">Steps of every sequence.</param>
    /// <param name="inputs">Features of a step.</param>
    /// <param name="units">Outputs.</param>
    /// <param name="dropout">Share of the inputs that training sets to zero, 0 to 1.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="returnSequences">Outputs of every step, not of the last one only.</param>
    /// <param name="gates">What the sums of the update and reset gates become.</param>
    public Gru(string name, int timeSteps, int inputs, int units, float dropout, Workspace workspace, bool returnSequences = false, GateActivation gates = GateActivation.Sigmoid)
        : base(name, 3, timeSteps, inputs, units, dropout, returnSequences, [2, checked(3 * units)], workspace) => (GateActivation, _slope) = (gates, Kernels.Gates.Slope(gates));

    /// <inheritdoc/>
    public override GateActivation GateActivation { get; }

    private protected override void StartForward(int batch) => Workspace.EnsureCapacity(ref _recurrent, checked(TimeSteps * batch * Columns)).Span[..(batch * Columns)].Clear();

    private protected override void StepForward(int t, in Pass pass)
    {
        int batch = pass.Batch, step = batch * Units;
        if (t > 0)
            Workspace.MultiplyByRight(Outputs(t * batch, batch), RecurrentGates(t * batch, batch));
        float* previous = Outputs(t * batch, batch).Data, gates = Gates(t * batch, batch).Data, recurrent = RecurrentGates(t * batch, batch).Data;
        Pass now = pass;
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            if (IsMasked(t, b, now))
            {
                new ReadOnlySpan<float>(previous + unit, Units).CopyTo(new Span<float>(previous + step + unit, Units));
                return;
            }
            Elementwise.RunRange(
                new GruStepForward
                {
                    Units = Units,
                    Slope = _slope,
                    Bias = Bias.Value.Pointer,
                    Gates = gates + 3 * unit,
                    Recurrent = recurrent + 3 * unit,
                    Previous = previous + unit,
                    Output = previous + step + unit,
                },
                0, Units, Workspace.Level);
        });
    }

    private protected override void StartBackward(int batch)
    {
    }

    private protected override void StepBackward(int t, float* gradient, float* previous, in Pass pass)
    {
        int batch = pass.Batch;
        float* outputs = Outputs(t * batch, batch).Data, gates = Gates(t * batch, batch).Data, recurrent = RecurrentGates(t * batch, batch).Data;
        Pass now = pass;
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            if (IsMasked(t, b, now))
            {
                new Span<float>(gates + 3 * unit, Columns).Clear();
                new Span<float>(recurrent + 3 * unit, Columns).Clear();
                new ReadOnlySpan<float>(gradient + unit, Units).CopyTo(new Span<float>(previous + unit, Units));
                return;
            }
            Elementwise.RunRange(
                new GruStepBackward
                {
                    Units = Units,
                    Slope = _slope,
                    Gates = gates + 3 * unit,
                    Recurrent = recurrent + 3 * unit,
                    Previous = outputs + unit,
                    OutputGradient = gradient + unit,
                    PreviousGradient = previous + unit,
                },
                0, Units, Workspace.Level);
        });
    }

    private protected override MatrixView RecurrentGates(int firstRow, int rows) => new(_recurrent!.Pointer + (nint)firstRow * Columns, rows, Columns);

    private protected override void FinishBackward(int rows)
    {
        Workspace.Right.Pack(RecurrentGates(0, rows));
        Workspace.MultiplyByRight(Outputs(0, rows).Transposed, new MatrixView(RecurrentKernel.Gradient.Pointer, Units, Columns));
        Workspace.SumColumnsOfRight(Bias.Gradient.Pointer + Columns);
    }
}
