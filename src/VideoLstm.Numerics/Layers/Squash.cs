using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>y = tanh(x), or the sigmoid 1 / (1 + e^-x), element by element.</summary>
/// <param name="shape">Of a sample.</param>
/// <param name="sigmoid">The sigmoid, not tanh.</param>
/// <param name="workspace">Shared by the layers of a network.</param>
public sealed unsafe class Squash(ReadOnlySpan<int> shape, bool sigmoid, Workspace workspace) : Layer(shape, shape)
{
    /// <summary>The sigmoid, not tanh.</summary>
    public bool IsSigmoid => sigmoid;

    /// <inheritdoc/>
    public override bool InPlace => true;

    /// <inheritdoc/>
    public override bool NeedsOutput => true;

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckInput(x, pass);
        CheckOutput(y, pass);
        Elementwise.Run(new SquashKernel(x.Pointer, y.Pointer, sigmoid), pass.Batch * InputSize, workspace.Level);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>The gradient of y times the slope, which follows from y.</summary>
    public override void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckOutput(y, pass);
        CheckOutput(yGradient, pass);
        if (xGradient is null)
            return;
        CheckInput(xGradient, pass);
        Elementwise.Run(new SquashGradientKernel(y.Pointer, yGradient.Pointer, xGradient.Pointer, sigmoid), pass.Batch * InputSize, workspace.Level);
        GC.KeepAlive(y);
        GC.KeepAlive(yGradient);
        GC.KeepAlive(xGradient);
    }
}
