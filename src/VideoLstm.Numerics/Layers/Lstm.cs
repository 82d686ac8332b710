using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Long short-term memory: [batch, time, inputs] to the output after the last step, [batch, units]. Keras' layer to the letter:
/// gates input, forget, candidate, output side by side in <see cref="Kernel"/> [inputs, 4 units],
/// <see cref="RecurrentKernel"/> [units, 4 units] and <see cref="Bias"/> [4 units]; dropout multiplies the inputs by one mask
/// [batch, inputs] that all steps and gates share.
/// </summary>
/// <remarks>
/// S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory" (1997), with the forget gate of F. Gers et al. (2000).
/// What the inputs add to the gates is one product over all steps; what remains of a step is the product with the
/// recurrent weights, packed once a pass, and one pass over the gates. The gradients of both kernels are again one
/// product each over all steps.
/// </remarks>
public sealed unsafe class Lstm
{
    /// <summary>Elements of a step that are worth a second thread.</summary>
    private const int Parallel = 8 * 1024;

    private readonly int _timeSteps, _inputs, _units;
    private readonly float _dropout;
    private readonly bool _hardSigmoid;
    private readonly Workspace _workspace;

    // All [time, batch, ...]: a step is one matrix. Cells and outputs begin with the zeros before the first step.
    private AlignedBuffer? _x, _gates, _cells, _outputs, _mask, _outputGradient, _cellGradient, _xGradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="timeSteps">Steps of every sequence.</param>
    /// <param name="inputs">Features of a step.</param>
    /// <param name="units">Cells, and outputs.</param>
    /// <param name="dropout">Share of the inputs that training sets to zero, 0 to 1.</param>
    /// <param name="hardSigmoid">Gates are clip(0.2 x + 0.5, 0, 1), as Keras before 2.3 has them, not sigmoids.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Lstm(string name, int timeSteps, int inputs, int units, float dropout, bool hardSigmoid, Workspace workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeSteps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfNegative(dropout);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(dropout, 1f);
        ArgumentNullException.ThrowIfNull(workspace);
        (_timeSteps, _inputs, _units, _dropout, _hardSigmoid, _workspace) = (timeSteps, inputs, units, dropout, hardSigmoid, workspace);
        Kernel = new Parameter(name + "/kernel", inputs, checked(4 * units));
        RecurrentKernel = new Parameter(name + "/recurrent_kernel", units, 4 * units);
        Bias = new Parameter(name + "/bias", 4 * units);
    }

    /// <summary>Weights of the inputs, [inputs, 4 units].</summary>
    public Parameter Kernel { get; }

    /// <summary>Weights of the previous outputs, [units, 4 units].</summary>
    public Parameter RecurrentKernel { get; }

    /// <summary>[4 units].</summary>
    public Parameter Bias { get; }

    /// <summary>Keras' defaults: kernel Glorot uniform, recurrent kernel orthogonal, bias 0 and for the forget gates 1.</summary>
    public void Initialize(RandomSource random)
    {
        Initializers.GlorotUniform(Kernel, random);
        Initializers.Orthogonal(RecurrentKernel, random, _workspace);
        Bias.Value.Span.Clear();
        Bias.Value.Span.Slice(_units, _units).Fill(1f);
    }

    /// <summary>[batch, time, inputs] to [batch, units].</summary>
    /// <param name="x">[batch, time, inputs].</param>
    /// <param name="output">[batch, units]: the outputs of the last step.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="dropout">Where the mask comes from; null: no dropout, as outside of training.</param>
    public void Forward(ReadOnlySpan<float> x, AlignedBuffer output, int batch, RandomSource? dropout)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(batch * _timeSteps * _inputs), nameof(x));
        int step = batch * _units, rows = batch * _timeSteps;
        Workspace.Grow(ref _gates, checked(rows * 4 * _units));
        Workspace.Grow(ref _cells, checked(rows * _units + step)).Span[..step].Clear();
        Workspace.Grow(ref _outputs, checked(rows * _units + step)).Span[..step].Clear();
        TakeInputs(x, batch, dropout);

        _workspace.Multiply(new MatrixView(_x!.Pointer, rows, _inputs), new MatrixView(Kernel.Value.Pointer, _inputs, 4 * _units), Gates(0, rows));

        _workspace.Right.Pack(new MatrixView(RecurrentKernel.Value.Pointer, _units, 4 * _units));
        for (int t = 0; t < _timeSteps; t++)
        {
            float* previous = _outputs.Pointer + (nint)t * step, cells = _cells.Pointer + (nint)t * step, gates = Gates(t * batch, batch).Data;
            if (t > 0)
                _workspace.MultiplyByRight(new MatrixView(previous, batch, _units), Gates(t * batch, batch), accumulate: true);
            ForEachSequence(batch, b => Elementwise.RunRange(
                new LstmStepForward
                {
                    Units = _units,
                    HardSigmoid = _hardSigmoid,
                    Bias = Bias.Value.Pointer,
                    Gates = gates + (nint)b * 4 * _units,
                    PreviousCell = cells + (nint)b * _units,
                    Cell = cells + step + (nint)b * _units,
                    Output = previous + step + (nint)b * _units,
                },
                0, _units, _workspace.Level));
        }
        _outputs.Span.Slice(_timeSteps * step, step).CopyTo(output.Span);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Gradients of all parameters, and of the inputs where they are wanted, from those of the output. Once for each
    /// <see cref="Forward"/>, whose values it uses up.
    /// </summary>
    /// <param name="outputGradient">[batch, units].</param>
    /// <param name="batch">Sequences, as in the forward pass.</param>
    /// <param name="inputGradient">[batch, time, inputs], or empty when it is not needed.</param>
    public void Backward(AlignedBuffer outputGradient, int batch, Span<float> inputGradient = default)
    {
        ArgumentNullException.ThrowIfNull(outputGradient);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (_gates is null || _cells is null || _outputs is null || _x is null)
            throw new InvalidOperationException("the backward pass needs a forward pass before it");
        int step = batch * _units, rows = batch * _timeSteps;
        AlignedBuffer dOutput = Workspace.Grow(ref _outputGradient, step), dCell = Workspace.Grow(ref _cellGradient, step);
        outputGradient.Span[..step].CopyTo(dOutput.Span);
        dCell.Span.Clear();

        _workspace.Right.Pack(new MatrixView(RecurrentKernel.Value.Pointer, _units, 4 * _units).Transposed);
        for (int t = _timeSteps - 1; t >= 0; t--)
        {
            float* cells = _cells.Pointer + (nint)t * step, gates = Gates(t * batch, batch).Data;
            ForEachSequence(batch, b => Elementwise.RunRange(
                new LstmStepBackward
                {
                    Units = _units,
                    HardSigmoid = _hardSigmoid,
                    Gates = gates + (nint)b * 4 * _units,
                    PreviousCell = cells + (nint)b * _units,
                    Cell = cells + step + (nint)b * _units,
                    OutputGradient = dOutput.Pointer + (nint)b * _units,
                    CellGradient = dCell.Pointer + (nint)b * _units,
                },
                0, _units, _workspace.Level));
            if (t > 0)
                _workspace.MultiplyByRight(Gates(t * batch, batch), new MatrixView(dOutput.Pointer, batch, _units));
        }

        _workspace.Right.Pack(Gates(0, rows));
        _workspace.MultiplyByRight(new MatrixView(_x.Pointer, rows, _inputs).Transposed, new MatrixView(Kernel.Gradient.Pointer, _inputs, 4 * _units));
        _workspace.MultiplyByRight(new MatrixView(_outputs.Pointer, rows, _units).Transposed, new MatrixView(RecurrentKernel.Gradient.Pointer, _units, 4 * _units));
        _workspace.SumColumnsOfRight(Bias.Gradient.Pointer);
        if (!inputGradient.IsEmpty)
            GiveInputGradient(inputGradient, batch);
        GC.KeepAlive(this);
    }

    /// <summary>[batch, time, inputs] to [time, batch, inputs], times the mask.</summary>
    private void TakeInputs(ReadOnlySpan<float> x, int batch, RandomSource? dropout)
    {
        AlignedBuffer mask = Workspace.Grow(ref _mask, batch * _inputs), target = Workspace.Grow(ref _x, x.Length);
        bool masked = dropout is not null && _dropout > 0;
        if (masked)
            dropout!.FillDropoutMask(mask.Span[..(batch * _inputs)], _dropout);
        else
            mask.Span.Fill(1f);

        fixed (float* source = x)
        {
            float* from = source;
            Workers.For(_timeSteps, t =>
            {
                for (int b = 0; b < batch; b++)
                {
                    float* row = from + ((nint)b * _timeSteps + t) * _inputs;
                    Elementwise.RunRange(new ProductKernel(row, mask.Pointer + (nint)b * _inputs, target.Pointer + ((nint)t * batch + b) * _inputs), 0, _inputs, _workspace.Level);
                }
            });
        }
    }

    private void GiveInputGradient(Span<float> inputGradient, int batch)
    {
        int rows = batch * _timeSteps;
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputGradient.Length, rows * _inputs, nameof(inputGradient));
        AlignedBuffer gradient = Workspace.Grow(ref _xGradient, rows * _inputs);
        _workspace.Multiply(
            Gates(0, rows), new MatrixView(Kernel.Value.Pointer, _inputs, 4 * _units).Transposed, new MatrixView(gradient.Pointer, rows, _inputs));
        fixed (float* target = inputGradient)
        {
            for (int row = 0; row < rows; row++)
            {
                int t = row / batch, b = row % batch;
                float* to = target + ((nint)b * _timeSteps + t) * _inputs;
                Elementwise.RunRange(new ProductKernel(gradient.Pointer + (nint)row * _inputs, _mask!.Pointer + (nint)b * _inputs, to), 0, _inputs, _workspace.Level);
            }
        }
    }

    private MatrixView Gates(int firstRow, int rows) => new(_gates!.Pointer + (nint)firstRow * 4 * _units, rows, 4 * _units);

    private void ForEachSequence(int batch, Action<int> body)
    {
        if (batch * _units >= Parallel)
        {
            Workers.For(batch, body);
            return;
        }
        for (int b = 0; b < batch; b++)
            body(b);
    }
}
