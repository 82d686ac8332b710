using TorchSharp;
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
}

/// <summary>A convolution over pictures or volumes, of all channels or of each by itself.</summary>
internal sealed class TorchConvolution(NetworkLayer layer, SpatialSpec spec, ParameterLayout layout, long groups, Device device)
    : TorchLayer(layer)
{
    private readonly IReadOnlyList<ConvolutionAxis> _axes = spec.Axes(layer.InputShape);

    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters { get; } =
        [.. layer.Parameters.Select((p, i) => TorchParameter.Create(p, i == 0 ? layout : ParameterLayout.Same, device))];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass)
    {
        Tensor? bias = Parameters.Count > 1 ? Parameters[1].Tensors[0] : null;
        Tensor y = Pictures.Convolve(Pictures.Enter(x, _axes.Count), Parameters[0].Tensors[0], bias, _axes, groups);
        return Pictures.Leave(Pictures.Activate(y, spec.Activation), pass.Batch, Layer.OutputShape);
    }
}

/// <summary>A convolution with its batch norm folded in, of a network that learns no more.</summary>
internal sealed class TorchFrozenBlock : TorchLayer
{
    private readonly IReadOnlyList<ConvolutionAxis> _axes;
    private readonly Tensor _weight, _bias;

    /// <summary>A layer with its weights.</summary>
    public TorchFrozenBlock(NetworkLayer layer, ConvolutionBlockSpec spec, TensorSet weights, Device device)
        : base(layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable without = no_grad();
        _axes = spec.Axes(layer.InputShape);
        (float[] folded, float[] bias) = spec.Fold(weights.Of(layer));
        Tensor weight = HostTensor.Send<float>(folded, [.. layer.Parameters[0].Shape.Select(s => (long)s)], float32, device);
        // Channels last in memory, like the pictures.
        _weight = weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).DetachFromDisposeScope();
        _bias = HostTensor.Send<float>(bias, [bias.Length], float32, device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass) => Pictures.Leave(
        F.relu(Pictures.Convolve(Pictures.Enter(x, 2), _weight, _bias, _axes), inplace: true), pass.Batch, Layer.OutputShape);
}

/// <summary>Keras' batch normalization over the last dimension.</summary>
internal sealed class TorchBatchNormalization(NetworkLayer layer, BatchNormalizationSpec spec, Device device) : TorchLayer(layer)
{
    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters { get; } =
        [.. layer.Parameters.Select((p, i) => TorchParameter.Create(p, ParameterLayout.Same, device, i is 0 or 3 ? 1 : 0))];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass)
    {
        bool isPicture = Layer.InputShape.Count > 2;
        Tensor rows = isPicture ? Pictures.Enter(x, 2) : x.reshape(-1, x.shape[^1]);
        Tensor y = Pictures.Activate(Normalize(rows, pass), spec.Activation);
        return isPicture ? Pictures.Leave(y, pass.Batch, Layer.OutputShape) : y.reshape(Batched(pass.Batch, Layer.OutputShape));
    }

    private Tensor Normalize(Tensor x, TorchPass pass)
    {
        Tensor[] all = [.. Parameters.Select(p => p.Tensors[0])];
        (Tensor gamma, Tensor beta, Tensor mean, Tensor variance) = (all[0], all[1], all[2], all[3]);
        if (!pass.Training || !Parameters[0].Spec.Trainable)
            return F.batch_norm(x, mean, variance, gamma, beta, training: false, eps: spec.Epsilon);
        long channels = x.shape[1], count = x.numel() / channels;
        if (count == 1)
        {
            // A value that is its own mean; torch has no unbiased variance of it.
            Follow(mean, x.detach().reshape(channels), variance, zeros_like(variance));
            return zeros_like(x) * gamma.reshape(Channels(x)) + beta.reshape(Channels(x));
        }
        // With a momentum of 1 torch's running statistics are those of the batch; its variance is not Keras' biased one.
        Tensor batchMean = zeros_like(mean), batchVariance = zeros_like(variance);
        Tensor y = F.batch_norm(x, batchMean, batchVariance, gamma, beta, training: true, momentum: 1, eps: spec.Epsilon);
        Follow(mean, batchMean, variance, batchVariance * ((count - 1) / (double)count));
        return y;
    }

    private static long[] Channels(Tensor x) => [1, x.shape[1], .. Enumerable.Repeat(1L, (int)x.ndim - 2)];

    private void Follow(Tensor mean, Tensor batchMean, Tensor variance, Tensor batchVariance)
    {
        using IDisposable without = no_grad();
        mean.mul_(spec.Momentum).add_(batchMean, 1 - spec.Momentum);
        variance.mul_(spec.Momentum).add_(batchVariance, 1 - spec.Momentum);
    }
}
