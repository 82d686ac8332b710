using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Fully connected: y <c>[batch, ..., outputs]</c> = x <c>[batch, ..., inputs]</c> * kernel <c>[inputs, outputs]</c> + bias
/// <c>[outputs]</c>. Keras' Dense without activation.
/// </summary>
public sealed unsafe class Dense : Layer
{
    private readonly int _rows, _inputs, _outputs;
    private readonly Workspace _workspace;

    /// <summary>A layer with zero weights, for samples of <c>[inputs]</c>.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputs">Features that come in.</param>
    /// <param name="outputs">Features that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Dense(string name, int inputs, int outputs, Workspace workspace)
        : this(name, [inputs], outputs, workspace)
    {
    }

    /// <summary>A layer with zero weights, for samples of any shape: it acts on the last axis.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of a sample: <c>[..., inputs]</c>.</param>
    /// <param name="outputs">Features that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Dense(string name, ReadOnlySpan<int> inputShape, int outputs, Workspace workspace)
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

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int rows = pass.Batch * _rows;
        for (int row = 0; row < rows; row++)
            Bias.Value.Span.CopyTo(y.Span.Slice(row * _outputs, _outputs));
        _workspace.Multiply(x.Matrix(rows, _inputs), Kernel.Value.Matrix(_inputs, _outputs), y.Matrix(rows, _outputs), accumulate: true);
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        int rows = pass.Batch * _rows;
        MatrixView dy = yGradient.Matrix(rows, _outputs);
        _workspace.Multiply(x.Matrix(rows, _inputs).Transposed, dy, Kernel.Gradient.Matrix(_inputs, _outputs));
        _workspace.SumPackedColumns(Bias.Gradient.Pointer);
        if (xGradient is not null)
            _workspace.Multiply(dy, Kernel.Value.Matrix(_inputs, _outputs).Transposed, xGradient.Matrix(rows, _inputs));
    }
}
