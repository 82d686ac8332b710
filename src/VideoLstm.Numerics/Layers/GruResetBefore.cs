using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Gated recurrent unit whose reset gate acts on the previous output before the recurrent product, Keras' <c>reset_after=False</c>
/// and its default before TensorFlow 2: <c>h' = z h + (1 - z) tanh(x W + b + (r h) U)</c>. Gates as in <see cref="Gru"/>,
/// one bias <c>[3 units]</c>.
/// </summary>
/// <remarks>
/// K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014). Both products of a step are with the whole
/// recurrent kernel, which is packed once a pass; of each only the columns that count are used.
/// </remarks>
public sealed unsafe class GruResetBefore : RecurrentLayer
{
    private readonly float _slope;

    // [batch, 3 units]: what the recurrent kernel gives; backward, gradients of it. [time, batch, units]: r h. [batch, units]: its gradient.
    private AlignedBuffer? _products, _reset, _resetGradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="timeSteps">Steps of every sequence.</param>
    /// <param name="inputs">Features of a step.</param>
    /// <param name="units">Outputs.</param>
    /// <param name="dropout">Share of the inputs that training sets to zero, 0 to 1.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="returnSequences">Outputs of every step, not of the last one only.</param>
    /// <param name="gates">What the sums of the update and reset gates become.</param>
    public GruResetBefore(string name, int timeSteps, int inputs, int units, float dropout, Workspace workspace, bool returnSequences = false, GateActivation gates = GateActivation.Sigmoid)
        : base(name, 3, timeSteps, inputs, units, dropout, returnSequences, [checked(3 * units)], workspace) => (GateActivation, _slope) = (gates, Kernels.Gates.Slope(gates));

    /// <inheritdoc/>
    public override GateActivation GateActivation { get; }

    private protected override void StartForward(int batch)
    {
        Workspace.EnsureCapacity(ref _products, batch * Columns);
        Workspace.EnsureCapacity(ref _reset, checked(TimeSteps * batch * Units));
    }

    private protected override void StepForward(int t, in Pass pass)
    {
        int batch = pass.Batch;
        float* previous = Outputs(t * batch, batch).Data, gates = Gates(t * batch, batch).Data, products = _products!.Pointer, reset = Reset(t, batch).Data;
        Workspace.MultiplyByRight(Outputs(t * batch, batch), new MatrixView(products, batch, Columns));
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            Elementwise.RunRange(
                new GruResetGates
                {
                    Units = Units, Slope = _slope, Bias = Bias.Value.Pointer, Gates = gates + 3 * unit, Products = products + 3 * unit, Previous = previous + unit, Reset = reset + unit,
                },
                0, Units, Workspace.Level);
        });
        Workspace.MultiplyByRight(Reset(t, batch), new MatrixView(products, batch, Columns));
        Pass now = pass;
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            float* output = previous + (nint)batch * Units + unit;
            if (IsMasked(t, b, now))
            {
                new ReadOnlySpan<float>(previous + unit, Units).CopyTo(new Span<float>(output, Units));
                return;
            }
            Elementwise.RunRange(
                new GruResetOutput { Units = Units, Bias = Bias.Value.Pointer, Gates = gates + 3 * unit, Products = products + 3 * unit, Previous = previous + unit, Output = output },
                0, Units, Workspace.Level);
        });
    }

    private protected override void StartBackward(int batch) => Workspace.EnsureCapacity(ref _resetGradient, batch * Units);

    private protected override void StepBackward(int t, float* gradient, float* previous, in Pass pass)
    {
        int batch = pass.Batch;
        float* outputs = Outputs(t * batch, batch).Data, gates = Gates(t * batch, batch).Data, products = _products!.Pointer, resetGradient = _resetGradient!.Pointer;
        Pass now = pass;
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            new Span<float>(products + 3 * unit, Columns).Clear();
            if (!IsMasked(t, b, now))
            {
                Elementwise.RunRange(
                    new GruResetCandidateBackward { Units = Units, Gates = gates + 3 * unit, Products = products + 3 * unit, OutputGradient = gradient + unit },
                    0, Units, Workspace.Level);
            }
        });
        Workspace.MultiplyByRight(new MatrixView(products, batch, Columns), new MatrixView(resetGradient, batch, Units));
        ForEachSequence(batch, b =>
        {
            nint unit = (nint)b * Units;
            if (IsMasked(t, b, now))
            {
                new Span<float>(gates + 3 * unit, Columns).Clear();
                new ReadOnlySpan<float>(gradient + unit, Units).CopyTo(new Span<float>(previous + unit, Units));
                return;
            }
            Elementwise.RunRange(
                new GruResetGatesBackward
                {
                    Units = Units, Slope = _slope, Gates = gates + 3 * unit, Products = products + 3 * unit, Previous = outputs + unit,
                    ResetGradient = resetGradient + unit, OutputGradient = gradient + unit, PreviousGradient = previous + unit,
                },
                0, Units, Workspace.Level);
        });
    }

    /// <summary>Those of one step, of which the candidate's reach the previous output through the reset gate alone: they are zero.</summary>
    private protected override MatrixView RecurrentGates(int firstRow, int rows) => new(_products!.Pointer, rows, Columns);

    private protected override void FinishBackward(int rows)
    {
        float* gates = Gates(0, rows).Data, kernel = RecurrentKernel.Gradient.Pointer;
        Workspace.Multiply(Outputs(0, rows).Transposed, new MatrixView(gates, rows, 2 * Units, Columns, 1), new MatrixView(kernel, Units, 2 * Units, Columns, 1));
        Workspace.Multiply(
            new MatrixView(_reset!.Pointer, rows, Units).Transposed, new MatrixView(gates + 2 * Units, rows, Units, Columns, 1), new MatrixView(kernel + 2 * Units, Units, Units, Columns, 1));
    }

    private MatrixView Reset(int t, int batch) => new(_reset!.Pointer + (nint)t * batch * Units, batch, Units);
}
