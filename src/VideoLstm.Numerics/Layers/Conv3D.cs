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
    /// <param name="strides">From a window to the next, in time and in both directions of a picture; null: 1.</param>
    /// <param name="padding">What windows do at the borders.</param>
    /// <param name="activation">What is done to each output.</param>
    /// <param name="bias">Whether there is one.</param>
    public Conv3D(
        string name, ReadOnlySpan<int> inputShape, int filters, (int Time, int Height, int Width) kernel, Workspace workspace,
        (int Time, int Picture)? strides = null, Padding padding = Padding.Valid, Activation activation = Activation.None, bool bias = true)
        : base(name, inputShape, Windows(inputShape, [kernel.Time, kernel.Height, kernel.Width], Strides(strides ?? (1, 1)), padding),
            filters, workspace, activation, bias)
    {
    }

    private static int[] Strides((int Time, int Picture) strides) => [strides.Time, strides.Picture, strides.Picture];
}
