using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>Fully connected: y [batch, outputs] = x [batch, inputs] * kernel [inputs, outputs] + bias [outputs]. Keras' Dense without activation.</summary>
public sealed unsafe class Linear
{
    private readonly int _inputs, _outputs;
    private readonly Workspace _workspace;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputs">Features that come in.</param>
    /// <param name="outputs">Features that go out.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Linear(string name, int inputs, int outputs, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        (_inputs, _outputs, _workspace) = (inputs, outputs, workspace);
        Kernel = new Parameter(name + "/kernel", inputs, outputs);
        Bias = new Parameter(name + "/bias", outputs);
    }

    /// <summary>[inputs, outputs].</summary>
    public Parameter Kernel { get; }

    /// <summary>[outputs].</summary>
    public Parameter Bias { get; }

    /// <summary>Keras' defaults: kernel Glorot uniform, bias 0.</summary>
    public void Initialize(RandomSource random)
    {
        Initializers.GlorotUniform(Kernel, random);
        Bias.Value.Span.Clear();
    }

    /// <summary>x [batch, inputs] to y [batch, outputs].</summary>
    public void Forward(AlignedBuffer x, AlignedBuffer y, int batch)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckLength(x, batch, _inputs);
        CheckLength(y, batch, _outputs);
        for (int b = 0; b < batch; b++)
            Bias.Value.Span.CopyTo(y.Span.Slice(b * _outputs, _outputs));
        _workspace.Multiply(
            new MatrixView(x.Pointer, batch, _inputs), new MatrixView(Kernel.Value.Pointer, _inputs, _outputs), new MatrixView(y.Pointer, batch, _outputs), accumulate: true);
        KeepAlive(x, y);
    }

    /// <summary>Gradients of the parameters and, where wanted, of x from that of y.</summary>
    /// <param name="x">[batch, inputs], as in the forward pass.</param>
    /// <param name="yGradient">[batch, outputs].</param>
    /// <param name="xGradient">[batch, inputs], or null when it is not needed.</param>
    /// <param name="batch">Rows.</param>
    public void Backward(AlignedBuffer x, AlignedBuffer yGradient, AlignedBuffer? xGradient, int batch)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckLength(x, batch, _inputs);
        CheckLength(yGradient, batch, _outputs);
        var dy = new MatrixView(yGradient.Pointer, batch, _outputs);
        _workspace.Multiply(new MatrixView(x.Pointer, batch, _inputs).Transposed, dy, new MatrixView(Kernel.Gradient.Pointer, _inputs, _outputs));
        _workspace.SumColumnsOfRight(Bias.Gradient.Pointer);
        if (xGradient is not null)
        {
            CheckLength(xGradient, batch, _inputs);
            _workspace.Multiply(dy, new MatrixView(Kernel.Value.Pointer, _inputs, _outputs).Transposed, new MatrixView(xGradient.Pointer, batch, _inputs));
        }
        KeepAlive(x, yGradient);
        GC.KeepAlive(xGradient);
    }

    private static void CheckLength(AlignedBuffer buffer, int batch, int features)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, checked(batch * features), nameof(buffer));
    }

    private void KeepAlive(AlignedBuffer a, AlignedBuffer b)
    {
        GC.KeepAlive(this);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
    }
}
