using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// What <see cref="Lstm"/> and <see cref="Gru"/> have in common, Keras' layers to the letter: <c>[batch, time, inputs]</c> to the
/// output after the last step, <c>[batch, units]</c>, or those after every step, <c>[batch, time, units]</c>. Dropout multiplies
/// the inputs by one mask <c>[batch, inputs]</c> that all steps and gates share. At a masked step, state
/// and output stay what they were.
/// </summary>
/// <remarks>
/// What the inputs add to the gates is one product over all steps; what remains of a step is the product with the
/// recurrent weights, packed once a pass, and one pass over the gates. The gradients of the kernels are again one
/// product each over all steps.
/// </remarks>
public abstract unsafe class RecurrentLayer : Layer
{
    /// <summary>Elements of a step that are worth a second thread.</summary>
    private const int Parallel = 8 * 1024;

    // All [time, batch, ...]: a step is one matrix. Outputs begin with the zeros before the first step.
    private AlignedBuffer? _x, _gates, _outputs, _dropoutMask, _xGradient, _outputGradient, _previousGradient;

    private protected RecurrentLayer(string name, int gates, (int TimeSteps, int Features) input, int units, float dropout,
        bool returnSequences, int[] biasShape, Workspace workspace)
        : base([Positive(input.TimeSteps, nameof(input)), Positive(input.Features, nameof(input))],
            returnSequences ? [input.TimeSteps, Positive(units, nameof(units))] : [Positive(units, nameof(units))])
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dropout);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dropout, 1f);
        ArgumentNullException.ThrowIfNull(workspace);
        ((TimeSteps, Inputs), Units, ReturnSequences, Dropout, Workspace) = (input, units, returnSequences, dropout, workspace);
        Columns = checked(gates * units);
        Kernel = new Parameter(name + "/kernel", Inputs, Columns);
        RecurrentKernel = new Parameter(name + "/recurrent_kernel", units, Columns);
        Bias = new Parameter(name + "/bias", biasShape);
    }

    /// <summary>Weights of the inputs, <c>[inputs, gates · units]</c>.</summary>
    public Parameter Kernel { get; }

    /// <summary>Weights of the previous outputs, <c>[units, gates · units]</c>.</summary>
    public Parameter RecurrentKernel { get; }

    /// <summary><c>[gates · units]</c>, for a <see cref="Gru"/> <c>[2, gates · units]</c>.</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [Kernel, RecurrentKernel, Bias];

    /// <inheritdoc/>
    public override bool PropagatesMask => ReturnSequences;

    private protected int TimeSteps { get; }

    /// <summary>Features of a step that comes in.</summary>
    public int Inputs { get; }

    /// <summary>What the sums of the gates become.</summary>
    public abstract GateActivation GateActivation { get; }

    /// <summary>Share of the inputs that training sets to zero.</summary>
    public float Dropout { get; }

    /// <summary>Outputs of a step.</summary>
    public int Units { get; }

    /// <summary>Outputs of every step, not of the last one only.</summary>
    public bool ReturnSequences { get; }

    private protected Workspace Workspace { get; }

    /// <summary>Gates times units.</summary>
    private protected int Columns { get; }

    /// <summary>Keras' defaults: kernel Glorot uniform, recurrent kernel orthogonal, bias 0.</summary>
    public override void Initialize(RandomSource random)
    {
        Initializers.GlorotUniform(Kernel, random);
        Initializers.Orthogonal(RecurrentKernel, random, Workspace);
        Bias.Value.Span.Clear();
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        CheckMask(pass);
        int batch = pass.Batch, rows = checked(batch * TimeSteps);
        Workspace.EnsureCapacity(ref _gates, checked(rows * Columns));
        Workspace.EnsureCapacity(ref _outputs, checked((rows + batch) * Units)).Span[..(batch * Units)].Clear();
        ReadInputs(x, pass);
        Workspace.Multiply(_x!.Matrix(rows, Inputs), Kernel.Value.Matrix(Inputs, Columns), Gates(0, rows));

        StartForward(batch);
        Workspace.Packed.Pack(RecurrentKernel.Value.Matrix(Units, Columns));
        for (int t = 0; t < TimeSteps; t++)
            StepForward(t, pass);

        int steps = ReturnSequences ? TimeSteps : 1;
        for (int row = 0; row < batch * steps; row++)
        {
            (int b, int t) = Math.DivRem(row, steps);
            Row(_outputs!.Pointer, (TimeSteps - steps + t + 1) * batch + b, Units).CopyTo(Row(y.Pointer, row, Units));
        }
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        int batch = pass.Batch, step = batch * Units, rows = batch * TimeSteps;
        AlignedBuffer gradient = Workspace.EnsureCapacity(ref _outputGradient, step);
        AlignedBuffer previous = Workspace.EnsureCapacity(ref _previousGradient, step);
        gradient.Span[..step].Clear();
        AddGradient(yGradient, gradient, TimeSteps - 1, batch);

        StartBackward(batch);
        Workspace.Packed.Pack(RecurrentKernel.Value.Matrix(Units, Columns).Transposed);
        for (int t = TimeSteps - 1; t >= 0; t--)
        {
            StepBackward(t, gradient.Pointer, previous.Pointer, pass);
            if (t == 0)
                break;
            Workspace.MultiplyByPacked(RecurrentGates(t * batch, batch), previous.Matrix(batch, Units), accumulate: true);
            (gradient, previous) = (previous, gradient);
            if (ReturnSequences)
                AddGradient(yGradient, gradient, t - 1, batch);
        }

        Workspace.Multiply(_x!.Matrix(rows, Inputs).Transposed, Gates(0, rows), Kernel.Gradient.Matrix(Inputs, Columns));
        Workspace.SumPackedColumns(Bias.Gradient.Pointer);
        FinishBackward(rows);
        if (xGradient is not null)
            WriteInputGradient(xGradient, pass);
    }

    /// <summary>Called before the first step.</summary>
    private protected abstract void StartForward(int batch);

    /// <summary>
    /// From <see cref="Gates"/>, which hold what the inputs add, to the output after step <paramref name="t"/>.
    /// <see cref="Workspace.Packed"/> is the recurrent kernel.
    /// </summary>
    private protected abstract void StepForward(int t, in Pass pass);

    /// <summary>Called before the last step.</summary>
    private protected abstract void StartBackward(int batch);

    /// <summary>
    /// Gates become their gradients. <paramref name="previous"/> becomes what of the output's gradient reaches the previous
    /// output other than through the recurrent kernel.
    /// </summary>
    private protected abstract void StepBackward(int t, float* gradient, float* previous, in Pass pass);

    /// <summary>
    /// The gradient of the recurrent kernel. <see cref="Workspace.Packed"/> is the gradient of all gates' sums from the inputs.
    /// </summary>
    private protected abstract void FinishBackward(int rows);

    /// <summary>Sums, then values, then gradients of the gates, from that row of <c>[time · batch, gates · units]</c> on.</summary>
    private protected MatrixView Gates(int firstRow, int rows) => new(_gates!.Pointer + (nint)firstRow * Columns, rows, Columns);

    /// <summary>Gradients of what the recurrent kernel gave.</summary>
    private protected virtual MatrixView RecurrentGates(int firstRow, int rows) => Gates(firstRow, rows);

    /// <summary>Outputs before each step, <c>[time, batch, units]</c>; behind them the last.</summary>
    private protected MatrixView Outputs(int firstRow, int rows) => new(_outputs!.Pointer + (nint)firstRow * Units, rows, Units);

    /// <summary>
    /// Computes each sequence at a step: by <paramref name="body"/>, or where the step is masked by <paramref name="masked"/>.
    /// </summary>
    private protected void ForEachSequence(int t, in Pass pass, Action<int> body, Action<int>? masked = null)
    {
        bool[]? mask = pass.Mask;
        if (pass.Batch * Units >= Parallel)
        {
            Workers.For(pass.Batch, b => (IsMasked(mask, t, b) ? masked : body)?.Invoke(b));
            return;
        }
        for (int b = 0; b < pass.Batch; b++)
            (IsMasked(mask, t, b) ? masked : body)?.Invoke(b);
    }

    private bool IsMasked(bool[]? mask, int t, int b) => mask is not null && !mask[b * TimeSteps + t];

    /// <summary>Computes the units of one sequence.</summary>
    private protected void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IElementKernel => Elementwise.RunRange(kernel, 0, Units, Workspace.Level);

    /// <summary>What a masked step does: the output stays what it was.</summary>
    private protected void KeepOutput(int t, int b, int batch) =>
        Row(_outputs!.Pointer, t * batch + b, Units).CopyTo(Row(_outputs.Pointer, (t + 1) * batch + b, Units));

    /// <summary>What a masked step does backward: the gradient of the output is that of the previous one, and the gates get none.</summary>
    private protected void KeepGradient(int t, int b, int batch, float* gradient, float* previous)
    {
        Row(_gates!.Pointer, t * batch + b, Columns).Clear();
        Row(gradient, b, Units).CopyTo(Row(previous, b, Units));
    }

    private static Span<float> Row(float* matrix, int row, int columns) => new(matrix + (nint)row * columns, columns);

    /// <summary>[batch, time, inputs] to [time, batch, inputs], times the mask.</summary>
    private void ReadInputs(AlignedBuffer x, in Pass pass)
    {
        int batch = pass.Batch, inputs = Inputs, steps = TimeSteps;
        AlignedBuffer mask = Workspace.EnsureCapacity(ref _dropoutMask, batch * inputs),
            target = Workspace.EnsureCapacity(ref _x, batch * steps * inputs);
        if (pass.Training && Dropout > 0)
            pass.Dropout!.FillDropoutMask(mask.Span[..(batch * inputs)], Dropout);
        else
            mask.Span.Fill(1f);

        Workers.For(steps, t =>
        {
            for (int b = 0; b < batch; b++)
            {
                float* row = x.Pointer + ((nint)b * steps + t) * inputs;
                Elementwise.RunRange(new ProductKernel(row, mask.Pointer + (nint)b * inputs,
                    target.Pointer + ((nint)t * batch + b) * inputs), 0, inputs, Workspace.Level);
            }
        });
    }

    private void WriteInputGradient(AlignedBuffer xGradient, in Pass pass)
    {
        int batch = pass.Batch, rows = batch * TimeSteps;
        AlignedBuffer gradient = Workspace.EnsureCapacity(ref _xGradient, rows * Inputs);
        Workspace.Multiply(Gates(0, rows), Kernel.Value.Matrix(Inputs, Columns).Transposed, gradient.Matrix(rows, Inputs));
        for (int row = 0; row < rows; row++)
        {
            int t = row / batch, b = row % batch;
            float* target = xGradient.Pointer + ((nint)b * TimeSteps + t) * Inputs;
            Elementwise.RunRange(new ProductKernel(gradient.Pointer + (nint)row * Inputs, _dropoutMask!.Pointer + (nint)b * Inputs,
                target), 0, Inputs, Workspace.Level);
        }
    }

    /// <summary>Adds the gradient of the output after a step.</summary>
    private void AddGradient(AlignedBuffer yGradient, AlignedBuffer gradient, int t, int batch)
    {
        int stride = ReturnSequences ? TimeSteps * Units : Units, offset = ReturnSequences ? t * Units : 0;
        for (int b = 0; b < batch; b++)
        {
            float* target = gradient.Pointer + (nint)b * Units;
            Elementwise.RunRange(new SumKernel(target, yGradient.Pointer + (nint)b * stride + offset, target), 0, Units, Workspace.Level);
        }
    }


    private void CheckMask(in Pass pass)
    {
        if (pass.Mask is { } mask)
            ArgumentOutOfRangeException.ThrowIfLessThan(mask.Length, pass.Batch * TimeSteps, nameof(pass));
    }

    private static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        return value;
    }
}
