using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Sets a share of the values to zero, others each time, and scales the rest up so that the mean stays. In place. Outside of
/// training nothing needs to be done.
/// </summary>
/// <remarks>N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).</remarks>
public sealed unsafe class Dropout
{
    private readonly float _rate;
    private readonly Workspace _workspace;
    private AlignedBuffer? _mask;

    /// <summary>A layer without parameters.</summary>
    /// <param name="rate">The share that becomes zero: at least 0, less than 1.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public Dropout(float rate, Workspace workspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1f);
        ArgumentNullException.ThrowIfNull(workspace);
        (_rate, _workspace) = (rate, workspace);
    }

    /// <summary>Draws a mask and multiplies the first <paramref name="count"/> values by it.</summary>
    public void Forward(AlignedBuffer x, int count, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        AlignedBuffer mask = Workspace.Grow(ref _mask, count);
        random.FillDropoutMask(mask.Span[..count], _rate);
        Multiply(x, mask, count);
    }

    /// <summary>Multiplies the gradient by the mask of the last forward pass.</summary>
    public void Backward(AlignedBuffer gradient, int count)
    {
        if (_mask is null || _mask.Length < count)
            throw new InvalidOperationException("the backward pass needs a forward pass before it");
        Multiply(gradient, _mask, count);
    }

    private void Multiply(AlignedBuffer values, AlignedBuffer mask, int count)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, values.Length);
        Elementwise.Run(new ProductKernel(values.Pointer, mask.Pointer, values.Pointer), count, _workspace.Level);
        GC.KeepAlive(values);
        GC.KeepAlive(mask);
    }
}
