using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>An activation by itself, element by element: Keras' Activation and ReLU.</summary>
/// <param name="shape">Of a sample.</param>
/// <param name="activation">What is done to each value; something must be.</param>
/// <param name="workspace">Shared by the layers of a network.</param>
public sealed unsafe class ActivationLayer(ReadOnlySpan<int> shape, Activation activation, Workspace workspace) : Layer(shape, shape)
{
    /// <summary>What is done to each value.</summary>
    public Activation Activation => activation;

    /// <inheritdoc/>
    public override bool InPlace => true;

    /// <inheritdoc/>
    public override bool NeedsOutput => activation != Activation.Relu;

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass) =>
        ActivationFunctions.Forward(x.Pointer, y.Pointer, pass.Batch * InputSize, activation, workspace.Level);

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is not null)
            ActivationFunctions.Backward(y.Pointer, yGradient.Pointer, xGradient.Pointer, pass.Batch * InputSize, activation,
                workspace.Level);
    }
}
