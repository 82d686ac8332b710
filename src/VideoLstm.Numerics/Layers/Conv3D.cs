using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Three-dimensional convolution, Keras' Conv3D: <c>[time, height, width, channels]</c> to as many filters. Parameters:
/// kernel <c>[kernel time, kernel height, kernel width, in, out]</c>, bias <c>[out]</c>.
/// </summary>
public sealed class Conv3D : ConvolutionLayer
{
    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample: 4 dimensions.</param>
    /// <param name="filters">Channels that go out.</param>
    /// <param name="kernel">Steps, height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="options">What else it has; null: stride 1, padding valid, no activation, a bias.</param>
    public Conv3D(
        string name, ReadOnlySpan<int> inputShape, int filters, (int Time, int Height, int Width) kernel, Workspace workspace,
        ConvolutionOptions? options = null)
        : base(name, inputShape, [kernel.Time, kernel.Height, kernel.Width], filters, workspace, options ?? new())
    {
    }
}
