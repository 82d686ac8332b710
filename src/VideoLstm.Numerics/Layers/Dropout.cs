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

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
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

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is null)
            return;
        int count = pass.Batch * InputSize;
        if (pass.Training)
        {
            Multiply(yGradient, _mask!, xGradient, count);
        }
        else if (yGradient != xGradient)
        {
            yGradient.Span[..count].CopyTo(xGradient.Span);
        }
    }

    private void Multiply(AlignedBuffer values, AlignedBuffer mask, AlignedBuffer target, int count) =>
        Elementwise.Run(new ProductKernel(values.Pointer, mask.Pointer, target.Pointer), count, _workspace.Level);
}
