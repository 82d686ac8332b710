using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Two-dimensional convolution, Keras' Conv2D: <c>[height, width, channels]</c>, or <c>[time, height, width, channels]</c>
/// step by step, to as many filters. Parameters: kernel <c>[kernel height, kernel width, in, out]</c>, bias <c>[out]</c>.
/// </summary>
public sealed class Conv2D : ConvolutionLayer
{
    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="inputShape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
    /// <param name="filters">Channels that go out.</param>
    /// <param name="kernel">Height and width of a window.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="options">What else it has; null: stride 1, padding valid, no activation, a bias.</param>
    public Conv2D(
        string name, ReadOnlySpan<int> inputShape, int filters, (int Height, int Width) kernel, Workspace workspace,
        ConvolutionOptions? options = null)
        : base(name, inputShape, [kernel.Height, kernel.Width], filters, workspace, options ?? new())
    {
    }
}
