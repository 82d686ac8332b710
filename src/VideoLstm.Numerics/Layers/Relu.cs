using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>y = max(0, x), element by element.</summary>
/// <param name="shape">Of a sample.</param>
/// <param name="workspace">Shared by the layers of a network.</param>
public sealed unsafe class Relu(ReadOnlySpan<int> shape, Workspace workspace) : Layer(shape, shape)
{
    /// <inheritdoc/>
    public override bool InPlace => true;

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckInput(x, pass);
        CheckOutput(y, pass);
        Elementwise.Run(new ReluKernel(x.Pointer, y.Pointer), pass.Batch * InputSize, workspace.Level);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>The gradient of y where y is not 0.</summary>
    public override void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckOutput(y, pass);
        CheckOutput(yGradient, pass);
        if (xGradient is null)
            return;
        CheckInput(xGradient, pass);
        Elementwise.Run(new ReluGradientKernel(y.Pointer, yGradient.Pointer, xGradient.Pointer), pass.Batch * InputSize, workspace.Level);
        GC.KeepAlive(y);
        GC.KeepAlive(yGradient);
        GC.KeepAlive(xGradient);
    }
}
