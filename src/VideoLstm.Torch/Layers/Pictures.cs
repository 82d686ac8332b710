using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

/// <summary>
/// Between Keras' pictures <c>[..., height, width, channels]</c> and torch's <c>[n, channels, height, width]</c>: only views, so that the
/// channels stay next to each other in memory, torch's channels_last.
/// </summary>
internal static class Pictures
{
    /// <summary>Keras' pictures, the steps of sequences as samples of their own, or volumes to torch's.</summary>
    /// <param name="x"><c>[batch, (time,) height, width, channels]</c>.</param>
    /// <param name="dimensions">2, or 3 for volumes.</param>
    public static Tensor Enter(Tensor x, int dimensions)
    {
        long[] shape = x.shape;
        if (x.ndim > dimensions + 2)
            x = x.reshape([shape[0] * shape[1], .. shape[2..]]);
        return dimensions == 2 ? x.permute(0, 3, 1, 2) : x.permute(0, 4, 1, 2, 3);
    }

    /// <summary>The way back.</summary>
    /// <param name="y">What torch gave.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="shape">Of a sample.</param>
    public static Tensor Leave(Tensor y, long batch, IReadOnlyList<int> shape) =>
        (y.ndim == 4 ? y.permute(0, 2, 3, 1) : y.permute(0, 2, 3, 4, 1)).reshape([batch, .. shape.Select(s => (long)s)]);

    /// <summary>What a layer does to its outputs last.</summary>
    public static Tensor Activate(Tensor x, ActivationKind kind) => kind switch
    {
        ActivationKind.Linear => x,
        ActivationKind.Relu => F.relu(x),
        ActivationKind.Relu6 => F.relu6(x),
        ActivationKind.Tanh => x.tanh(),
        ActivationKind.Sigmoid => x.sigmoid(),
        _ => throw new ArgumentException($"no layer computes {kind}", nameof(kind)),
    };

    /// <summary>A convolution of torch's pictures or volumes with Keras' borders, of which the odd one is behind.</summary>
    /// <param name="x"><c>[n, channels, (time,) height, width]</c>.</param>
    /// <param name="weight">In torch's layout.</param>
    /// <param name="bias"><c>[filters]</c>, or null.</param>
    /// <param name="axes">The windows along each dimension.</param>
    /// <param name="groups">Parts of the channels, each by itself.</param>
    public static Tensor Convolve(Tensor x, Tensor weight, Tensor? bias, IReadOnlyList<ConvolutionAxis> axes, long groups = 1)
    {
        long[] padding = [.. axes.Select(a => (long)a.PadBefore)], strides = [.. axes.Select(a => (long)a.Stride)];
        if (axes.Any(a => a.PadBefore != a.PadAfter))
        {
            x = F.pad(x, [.. axes.Reverse().SelectMany(a => (long[])[a.PadBefore, a.PadAfter])]);
            Array.Clear(padding);
        }
        return axes.Count == 2 ? F.conv2d(x, weight, bias, strides, padding, groups: groups)
            : F.conv3d(x, weight, bias, strides, padding, groups: groups);
    }

    /// <summary>The largest value of each window of torch's volumes, with Keras' borders.</summary>
    /// <param name="x"><c>[n, channels, time, height, width]</c>.</param>
    /// <param name="axes">The windows along each dimension.</param>
    public static Tensor MaxPool(Tensor x, IReadOnlyList<ConvolutionAxis> axes)
    {
        if (axes.Any(a => a.PadBefore + a.PadAfter > 0))
            x = F.pad(x, [.. axes.Reverse().SelectMany(a => (long[])[a.PadBefore, a.PadAfter])], value: double.NegativeInfinity);
        return F.max_pool3d(x, [.. axes.Select(a => (long)a.Size)], [.. axes.Select(a => (long)a.Stride)]);
    }
}
