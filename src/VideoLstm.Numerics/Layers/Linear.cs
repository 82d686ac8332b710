using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Fully connected: y <c>[batch, ..., outputs]</c> = x <c>[batch, ..., inputs]</c> * kernel <c>[inputs, outputs]</c> + bias
/// <c>[outputs]</c>. Keras' Dense without activation.
/// </summary>
public sealed unsafe class Linear : Layer
{
    private readonly int _rows, _inputs, _outputs;
    private readonly Workspace _workspace;

    /// <summary>A layer with zero weights, for samples of <c>[inputs]</c>.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputs">Features that come in.</param>
    /// <param name="outputs">Features that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Linear(string name, int inputs, int outputs, Workspace workspace)
        : this(name, [inputs], outputs, workspace)
    {
    }

    /// <summary>A layer with zero weights, for samples of any shape: it acts on the last axis.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of a sample: <c>[..., inputs]</c>.</param>
    /// <param name="outputs">Features that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Linear(string name, ReadOnlySpan<int> inputShape, int outputs, Workspace workspace)
        : base(inputShape, [.. inputShape[..^1], outputs])
    {
        ArgumentNullException.ThrowIfNull(workspace);
        (_inputs, _outputs, _workspace) = (inputShape[^1], outputs, workspace);
        Kernel = new Parameter(name + "/kernel", _inputs, outputs);
        Bias = new Parameter(name + "/bias", outputs);
        _rows = InputSize / _inputs;
    }

    /// <summary><c>[inputs, outputs]</c>.</summary>
    public Parameter Kernel { get; }

    /// <summary><c>[outputs]</c>.</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [Kernel, Bias];

    /// <inheritdoc/>
    public override bool PropagatesMask => InputShape.Count > 1;

    /// <summary>Keras' defaults: kernel Glorot uniform, bias 0.</summary>
    public override void Initialize(RandomSource random)
    {
        Initializers.GlorotUniform(Kernel, random);
        Bias.Value.Span.Clear();
    }

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckInput(x, pass);
        CheckOutput(y, pass);
        int rows = pass.Batch * _rows;
        for (int row = 0; row < rows; row++)
            Bias.Value.Span.CopyTo(y.Span.Slice(row * _outputs, _outputs));
        _workspace.Multiply(
            new MatrixView(x.Pointer, rows, _inputs), new MatrixView(Kernel.Value.Pointer, _inputs, _outputs), new MatrixView(y.Pointer, rows, _outputs), accumulate: true);
        KeepAlive(x, y);
    }

    /// <inheritdoc/>
    public override void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckInput(x, pass);
        CheckOutput(yGradient, pass);
        int rows = pass.Batch * _rows;
        var dy = new MatrixView(yGradient.Pointer, rows, _outputs);
        _workspace.Multiply(new MatrixView(x.Pointer, rows, _inputs).Transposed, dy, new MatrixView(Kernel.Gradient.Pointer, _inputs, _outputs));
        _workspace.SumColumnsOfRight(Bias.Gradient.Pointer);
        if (xGradient is not null)
        {
            CheckInput(xGradient, pass);
            _workspace.Multiply(dy, new MatrixView(Kernel.Value.Pointer, _inputs, _outputs).Transposed, new MatrixView(xGradient.Pointer, rows, _inputs));
        }
        KeepAlive(x, yGradient);
        GC.KeepAlive(xGradient);
    }

    private void KeepAlive(AlignedBuffer a, AlignedBuffer b)
    {
        GC.KeepAlive(this);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
    }
}
