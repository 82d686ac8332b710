using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Gated recurrent unit, see <see cref="RecurrentLayer"/>: gates update, reset, candidate side by side in the kernels. The reset
/// gate acts after the recurrent product, Keras' default since TensorFlow 2, which cuDNN and PyTorch compute too:
/// <c>h' = z h + (1 - z) tanh(x W + b + r (h U + c))</c>, bias <c>[2, 3 units]</c>, of the inputs' sums and of the recurrent ones.
/// Or before it, Keras' older default: <c>h' = z h + (1 - z) tanh(x W + b + (r h) U)</c>, bias <c>[3 units]</c>.
/// </summary>
/// <remarks>
/// K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), which has the reset gate after the product in
/// its version 1 on arXiv and before it since. Before it, both products of a step are with the whole recurrent kernel, which is
/// packed once a pass; of each only the columns that count are used.
/// </remarks>
public sealed unsafe class Gru : RecurrentLayer
{
    private readonly float _slope;

    // [time · batch, 3 units]: what the recurrent kernel gives; later its gradient. Reset before: of one step only.
    private AlignedBuffer? _recurrent;

    // Reset before: [time, batch, units]: r h. [batch, units]: its gradient.
    private AlignedBuffer? _reset, _resetGradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="input">Steps of every sequence, features of a step.</param>
    /// <param name="units">Outputs.</param>
    /// <param name="dropout">Share of the inputs that training sets to zero, 0 to 1.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="returnSequences">Outputs of every step, not of the last one only.</param>
    /// <param name="gates">What the sums of the update and reset gates become.</param>
    /// <param name="resetAfter">Whether the reset gate acts after the recurrent product.</param>
    public Gru(
        string name, (int TimeSteps, int Features) input, int units, float dropout, Workspace workspace, bool returnSequences = false,
        GateActivation gates = GateActivation.Sigmoid, bool resetAfter = true)
        : base(name, 3, input, units, dropout, returnSequences, resetAfter ? [2, checked(3 * units)] : [checked(3 * units)],
            workspace) =>
        (GateActivation, _slope, ResetAfter) = (gates, Kernels.Gates.Slope(gates), resetAfter);

    /// <inheritdoc/>
    public override GateActivation GateActivation { get; }

    /// <summary>Whether the reset gate acts after the recurrent product.</summary>
    public bool ResetAfter { get; }

    private protected override void StartForward(int batch)
    {
        AlignedBuffer recurrent = Workspace.EnsureCapacity(ref _recurrent, checked((ResetAfter ? TimeSteps : 1) * batch * Columns));
        recurrent.Span[..(batch * Columns)].Clear();
        if (!ResetAfter)
            Workspace.EnsureCapacity(ref _reset, checked(TimeSteps * batch * Units));
    }

    private protected override void StepForward(int t, in Pass pass)
    {
        int batch = pass.Batch;
        MatrixView outputs = Outputs(t * batch, batch), recurrent = RecurrentGates(t * batch, batch);
        if (t > 0 || !ResetAfter)
            Workspace.MultiplyByPacked(outputs, recurrent);
        if (ResetAfter)
        {
            ForEachSequence(t, pass, b => Run(new GruStep.Forward(Step(t, b, batch))), masked: b => KeepOutput(t, b, batch));
            return;
        }
        ForEachSequence(t, pass with { Mask = null }, b => Run(new GruStep.ResetForward(Step(t, b, batch))));
        Workspace.MultiplyByPacked(new MatrixView(_reset!.Pointer + (nint)t * batch * Units, batch, Units), recurrent);
        ForEachSequence(t, pass, b => Run(new GruStep.OutputForward(Step(t, b, batch))), masked: b => KeepOutput(t, b, batch));
    }

    private protected override void StartBackward(int batch)
    {
        if (!ResetAfter)
            Workspace.EnsureCapacity(ref _resetGradient, batch * Units);
    }

    private protected override void StepBackward(int t, float* gradient, float* previous, in Pass pass)
    {
        int batch = pass.Batch;
        MatrixView recurrent = RecurrentGates(t * batch, batch);
        if (!ResetAfter)
        {
            new Span<float>(recurrent.Data, batch * Columns).Clear();
            ForEachSequence(t, pass, b => Run(new GruStep.CandidateBackward(Step(t, b, batch, gradient, previous))));
            Workspace.MultiplyByPacked(recurrent, _resetGradient!.Matrix(batch, Units));
        }
        ForEachSequence(
            t, pass,
            b =>
            {
                GruStep step = Step(t, b, batch, gradient, previous);
                if (ResetAfter)
                    Run(new GruStep.Backward(step));
                else
                    Run(new GruStep.GatesBackward(step));
            },
            masked: b =>
            {
                KeepGradient(t, b, batch, gradient, previous);
                new Span<float>(Step(t, b, batch).Recurrent, Columns).Clear();
            });
    }

    /// <summary>
    /// Reset before: those of one step, of which the candidate's reach the previous output through the reset gate alone: they are
    /// zero.
    /// </summary>
    private protected override MatrixView RecurrentGates(int firstRow, int rows) =>
        new(_recurrent!.Pointer + (ResetAfter ? (nint)firstRow * Columns : 0), rows, Columns);

    private protected override void FinishBackward(int rows)
    {
        MatrixView outputs = Outputs(0, rows).Transposed;
        if (ResetAfter)
        {
            Workspace.Multiply(outputs, RecurrentGates(0, rows), RecurrentKernel.Gradient.Matrix(Units, Columns));
            Workspace.SumPackedColumns(Bias.Gradient.Pointer + Columns);
            return;
        }
        float* gates = Gates(0, rows).Data, kernel = RecurrentKernel.Gradient.Pointer;
        Workspace.Multiply(outputs, new MatrixView(gates, rows, 2 * Units, Columns, 1),
            new MatrixView(kernel, Units, 2 * Units, Columns, 1));
        MatrixView candidates = new(gates + 2 * Units, rows, Units, Columns, 1);
        Workspace.Multiply(_reset!.Matrix(rows, Units).Transposed, candidates,
            new MatrixView(kernel + 2 * Units, Units, Units, Columns, 1));
    }

    private GruStep Step(int t, int b, int batch, float* gradient = null, float* previous = null)
    {
        nint unit = (nint)b * Units, step = (nint)batch * Units;
        float* output = Outputs(t * batch, batch).Data + unit;
        return new()
        {
            Units = Units,
            Slope = _slope,
            Bias = Bias.Value.Pointer,
            Gates = Gates(t * batch + b, 1).Data,
            Recurrent = RecurrentGates(t * batch, batch).Data + 3 * unit,
            Previous = output,
            Output = output + step,
            OutputGradient = gradient + unit,
            PreviousGradient = previous + unit,
            Reset = ResetAfter ? null : _reset!.Pointer + t * step + unit,
            ResetGradient = _resetGradient is null ? null : _resetGradient.Pointer + unit,
        };
    }
}
