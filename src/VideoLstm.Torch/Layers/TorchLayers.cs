using VideoLstm.Core.Compute;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

/// <summary>The one place where a layer's description becomes torch's modules and functions.</summary>
internal static class TorchLayers
{
    /// <summary>Makes layers, with zero weights.</summary>
    /// <param name="layers">What they are, one behind the other.</param>
    /// <param name="device">Where they compute.</param>
    /// <param name="frozen">The weights of a network that learns no more; null: of one that learns.</param>
    /// <param name="type">What a network that learns no more computes with.</param>
    /// <exception cref="ArgumentException">Torch has no such layer.</exception>
    public static TorchLayer[] Create(
        IReadOnlyList<NetworkLayer> layers, Device device, TensorSet? frozen = null, ScalarType type = ScalarType.Float32) =>
        [.. layers.Select(l => Create(l, device, frozen, type))];

    /// <summary>Computes layers one behind the other; a mask goes as far as steps are there.</summary>
    public static Tensor Forward(IReadOnlyList<TorchLayer> layers, IReadOnlyList<NetworkLayer> specs, Tensor x, TorchPass pass)
    {
        foreach ((TorchLayer layer, NetworkLayer spec) in layers.Zip(specs))
        {
            x = layer.Forward(x, pass);
            if (pass.Mask is not null && !spec.PropagatesMask)
                pass = pass with { Mask = null };
        }
        return x;
    }

    private static TorchLayer Create(NetworkLayer layer, Device device, TensorSet? frozen, ScalarType type) => layer.Spec switch
    {
        RecurrentSpec spec => new TorchRecurrent(layer, spec, device),
        DenseSpec => new TorchDense(layer, device),
        ActivationSpec spec => new TorchFunction(layer, (x, _) => Pictures.Activate(x, spec.Function)),
        DropoutSpec spec => new TorchDropout(layer, spec.Rate),
        FlattenSpec => new TorchFunction(layer, (x, pass) => x.reshape([pass.Batch, .. layer.OutputShape.Select(s => (long)s)])),
        Conv2DSpec spec => new TorchConvolution(layer, spec, ParameterLayout.Permuted(3, 2, 0, 1), 1, device),
        DepthwiseConv2DSpec spec =>
            new TorchConvolution(layer, spec, ParameterLayout.Permuted(2, 3, 0, 1), layer.InputShape[^1], device),
        Conv3DSpec spec => new TorchConvolution(layer, spec, ParameterLayout.Permuted(4, 3, 0, 1, 2), 1, device),
        ConvolutionBlockSpec spec when frozen is not null => new TorchFrozenBlock(layer, spec, frozen, device, type),
        ParallelSpec => new TorchParallel(layer, [.. layer.Branches.Select(b => Create(b, device, frozen, type))]),
        MaxPooling2DSpec spec => Pooling(layer, 2, x => F.max_pool2d(x, [spec.Size, spec.Size], [spec.Stride, spec.Stride])),
        MaxPooling3DSpec spec => Pooling(layer, 3, x => Pictures.MaxPool(x, spec.Axes(layer.InputShape))),
        AveragePooling2DSpec spec => Pooling(layer, 2, x => F.avg_pool2d(
            x, [spec.Size, spec.Size], [1, 1], [spec.Size / 2, spec.Size / 2], count_include_pad: spec.CountsPadding)),
        // What comes out is single precision, whatever went in.
        GlobalAveragePooling2DSpec => new TorchFunction(layer, (x, _) => x.flatten(-3, -2).mean([-2L], type: float32)),
        // Of equal values all, in equal shares.
        GlobalMaxPooling2DSpec => new TorchFunction(layer, (x, _) => x.amax([-3L, -2L])),
        // Of equal values the first.
        GlobalMaxPooling1DSpec => new TorchFunction(layer, LargestInTime),
        GlobalAveragePooling1DSpec => new TorchFunction(layer, MeanInTime),
        AverageSoftmaxSpec => new TorchFunction(layer, LogMeanSoftmax),
        ZeroPadding2DSpec => new TorchFunction(layer, (x, _) => F.pad(x, [0, 0, 1, 1, 1, 1])),
        BatchNormalizationSpec spec => new TorchBatchNormalization(layer, spec, device),
        PositionEmbeddingSpec => new TorchPositionEmbedding(layer, device),
        TransformerEncoderSpec spec => new TorchTransformerEncoder(layer, spec, device),
        _ => throw new ArgumentException($"no layer computes {layer.Spec}", nameof(layer)),
    };

    private static TorchFunction Pooling(NetworkLayer layer, int dimensions, Func<Tensor, Tensor> pool) =>
        new(layer, (x, pass) => Pictures.Leave(pool(Pictures.Enter(x, dimensions)), pass.Batch, layer.OutputShape));

    private static Tensor LargestInTime(Tensor x, TorchPass pass)
    {
        if (pass.Mask is not { } mask)
            return x.max(1).values;
        return x.masked_fill(mask.Hidden.unsqueeze(2), float.NegativeInfinity).max(1).values.masked_fill(mask.Empty, 0);
    }

    private static Tensor MeanInTime(Tensor x, TorchPass pass)
    {
        if (pass.Mask is not { } mask)
            return x.mean([1L]);
        Tensor real = mask.Hidden.logical_not().to_type(x.dtype).unsqueeze(2);
        return (x * real).sum(1) / real.sum(1).clamp_min(1);
    }

    private static Tensor LogMeanSoftmax(Tensor x, TorchPass pass)
    {
        Tensor answers = F.log_softmax(x, 2);
        if (pass.Mask is not { } mask)
            return answers.logsumexp(1) - Math.Log(x.shape[1]);
        Tensor count = mask.Hidden.logical_not().sum(1, keepdim: true).clamp_min(1).to(x.dtype);
        // Not infinitely little, so that the gradient is a number where there is no real step.
        return (answers.masked_fill(mask.Hidden.unsqueeze(2), -1e30f).logsumexp(1) - count.log()).masked_fill(mask.Empty, 0);
    }

    private sealed class TorchDropout(NetworkLayer layer, float rate) : TorchLayer(layer)
    {
        public override Tensor Forward(Tensor x, TorchPass pass) =>
            pass.Random is { } random ? x * DropoutMask(rate, random, x.device, x.shape) : x;
    }

    private sealed class TorchParallel(NetworkLayer layer, TorchLayer[][] branches) : TorchLayer(layer)
    {
        public override IReadOnlyList<TorchParameter> Parameters => [.. branches.SelectMany(b => b).SelectMany(l => l.Parameters)];

        protected override IEnumerable<IDisposable> Owned => branches.SelectMany(b => b);

        public override Tensor Forward(Tensor x, TorchPass pass) =>
            cat([.. branches.Zip(Layer.Branches, (b, specs) => TorchLayers.Forward(b, specs, x, pass))], -1);
    }
}
