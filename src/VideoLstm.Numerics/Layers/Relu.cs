using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>y = max(0, x), element by element and in place.</summary>
public sealed unsafe class Relu(Workspace workspace)
{
    /// <summary>The first <paramref name="count"/> values of x become those of y.</summary>
    public void Forward(AlignedBuffer x, int count)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, x.Length);
        Elementwise.Run(new ReluKernel(x.Pointer, x.Pointer), count, workspace.Level);
        GC.KeepAlive(x);
    }

    /// <summary>The gradient of y becomes that of x: 0 where y is 0.</summary>
    public void Backward(AlignedBuffer y, AlignedBuffer gradient, int count)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Math.Min(y.Length, gradient.Length));
        Elementwise.Run(new ReluGradientKernel(y.Pointer, gradient.Pointer), count, workspace.Level);
        GC.KeepAlive(y);
        GC.KeepAlive(gradient);
    }
}
