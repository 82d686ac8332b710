using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Long short-term memory, see <see cref="RecurrentLayer"/>: gates input, forget, candidate, output side by side in the kernels,
/// bias <c>[4 units]</c>.
/// </summary>
/// <remarks>S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory" (1997), with the forget gate of F. Gers et al. (2000).</remarks>
public sealed unsafe class Lstm : RecurrentLayer
{
    private readonly float _slope;

    // [time + 1, batch, units], beginning with the zeros before the first step; [batch, units].
    private AlignedBuffer? _cells, _cellGradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="input">Steps of every sequence, features of a step.</param>
    /// <param name="units">Cells, and outputs.</param>
    /// <param name="dropout">Share of the inputs that training sets to zero, 0 to 1.</param>
    /// <param name="gates">What the gates' sums become.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="returnSequences">Outputs of every step, not of the last one only.</param>
    public Lstm(
        string name, (int TimeSteps, int Features) input, int units, float dropout, GateActivation gates, Workspace workspace,
            bool returnSequences = false)
        : base(name, 4, input, units, dropout, returnSequences, [checked(4 * units)], workspace) =>
        (GateActivation, _slope) = (gates, Kernels.Gates.Slope(gates));

    /// <inheritdoc/>
    public override GateActivation GateActivation { get; }

    /// <summary>Keras' defaults: kernel Glorot uniform, recurrent kernel orthogonal, bias 0 and for the forget gates 1.</summary>
    public override void Initialize(RandomSource random)
    {
        base.Initialize(random);
        Bias.Value.Span.Slice(Units, Units).Fill(1f);
    }

    private protected override void StartForward(int batch) =>
        Workspace.EnsureCapacity(ref _cells, checked((TimeSteps + 1) * batch * Units)).Span[..(batch * Units)].Clear();

    private protected override void StepForward(int t, in Pass pass)
    {
        int batch = pass.Batch;
        if (t > 0)
            Workspace.MultiplyByPacked(Outputs(t * batch, batch), Gates(t * batch, batch), accumulate: true);
        ForEachSequence(
            t, pass, b => Run(new LstmStep.Forward(Step(t, b, batch))),
            masked: b =>
            {
                LstmStep step = Step(t, b, batch);
                new ReadOnlySpan<float>(step.PreviousCell, Units).CopyTo(new Span<float>(step.Cell, Units));
                KeepOutput(t, b, batch);
            });
    }

    private protected override void StartBackward(int batch) => Workspace.EnsureCapacity(ref _cellGradient, batch * Units).Span.Clear();

    private protected override void StepBackward(int t, float* gradient, float* previous, in Pass pass)
    {
        int batch = pass.Batch;
        ForEachSequence(
            t, pass,
            b =>
            {
                nint unit = (nint)b * Units;
                new Span<float>(previous + unit, Units).Clear();
                Run(new LstmStep.Backward(Step(t, b, batch) with { OutputGradient = gradient + unit,
                    CellGradient = _cellGradient!.Pointer + unit }));
            },
            masked: b => KeepGradient(t, b, batch, gradient, previous));
    }

    private protected override void FinishBackward(int rows) =>
        Workspace.MultiplyByPacked(Outputs(0, rows).Transposed, RecurrentKernel.Gradient.Matrix(Units, Columns));

    private LstmStep Step(int t, int b, int batch)
    {
        nint unit = (nint)b * Units, step = (nint)batch * Units;
        float* cell = _cells!.Pointer + t * step + unit;
        return new()
        {
            Units = Units,
            Slope = _slope,
            Bias = Bias.Value.Pointer,
            Gates = Gates(t * batch + b, 1).Data,
            PreviousCell = cell,
            Cell = cell + step,
            Output = Outputs((t + 1) * batch, batch).Data + unit,
        };
    }
}
