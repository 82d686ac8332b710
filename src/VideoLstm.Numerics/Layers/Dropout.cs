using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Training sets a share of the values to zero, others each time, and scales the rest up so that the mean stays. Outside of
/// training values stay what they are.
/// </summary>
/// <remarks>N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).</remarks>
public sealed unsafe class Dropout : Layer
{
    private readonly Workspace _workspace;
    private AlignedBuffer? _mask;

    /// <summary>A layer without parameters.</summary>
    /// <param name="shape">Of a sample.</param>
    /// <param name="rate">The share that becomes zero: at least 0, less than 1.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Dropout(ReadOnlySpan<int> shape, float rate, Workspace workspace)
        : base(shape, shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1f);
        ArgumentNullException.ThrowIfNull(workspace);
        (Rate, _workspace) = (rate, workspace);
    }

    /// <summary>The share that becomes zero.</summary>
    public float Rate { get; }

    /// <inheritdoc/>
    public override bool InPlace => true;

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <summary>In training, draws a mask and multiplies by it.</summary>
    public override void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckInput(x, pass);
        CheckOutput(y, pass);
        int count = pass.Batch * InputSize;
        if (pass.Training)
        {
            AlignedBuffer mask = Workspace.EnsureCapacity(ref _mask, count);
            pass.Dropout!.FillDropoutMask(mask.Span[..count], Rate);
            Multiply(x, mask, y, count);
        }
        else if (x != y)
        {
            x.Span[..count].CopyTo(y.Span);
        }
    }

    /// <inheritdoc/>
    public override void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckOutput(yGradient, pass);
        if (xGradient is null)
            return;
        CheckInput(xGradient, pass);
        int count = pass.Batch * InputSize;
        if (pass.Training)
        {
            if (_mask is null || _mask.Length < count)
                throw new InvalidOperationException("the backward pass needs a forward pass before it");
            Multiply(yGradient, _mask, xGradient, count);
        }
        else if (yGradient != xGradient)
        {
            yGradient.Span[..count].CopyTo(xGradient.Span);
        }
    }

    private void Multiply(AlignedBuffer values, AlignedBuffer mask, AlignedBuffer target, int count)
    {
        Elementwise.Run(new ProductKernel(values.Pointer, mask.Pointer, target.Pointer), count, _workspace.Level);
        GC.KeepAlive(values);
        GC.KeepAlive(mask);
        GC.KeepAlive(target);
    }
}
