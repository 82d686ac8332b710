using TorchSharp;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Layers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

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
        if (!pass.Training || !Parameters[1].Spec.Trainable)
            return F.batch_norm(x, mean, variance, gamma, beta, training: false, eps: spec.Epsilon);
        long channels = x.shape[1], count = x.numel() / channels;
        if (count == 1)
        {
            // A value that is its own mean; torch has no unbiased variance of it.
            Follow(pass, mean, x.detach().reshape(channels), variance, zeros_like(variance));
            return zeros_like(x) * gamma.reshape(Channels(x)) + beta.reshape(Channels(x));
        }
        // With a momentum of 1 torch's running statistics are those of the batch; its variance is not Keras' biased one.
        Tensor batchMean = zeros_like(mean), batchVariance = zeros_like(variance);
        Tensor y = F.batch_norm(x, batchMean, batchVariance, gamma, beta, training: true, momentum: 1, eps: spec.Epsilon);
        Follow(pass, mean, batchMean, variance, batchVariance * ((count - 1) / (double)count));
        return y;
    }

    private static long[] Channels(Tensor x) => [1, x.shape[1], .. Enumerable.Repeat(1L, (int)x.ndim - 2)];

    private void Follow(TorchPass pass, Tensor mean, Tensor batchMean, Tensor variance, Tensor batchVariance)
    {
        float momentum = spec.WarmsUp ? BatchNormalization.MomentumAt(pass.Step, spec.Momentum) : spec.Momentum;
        using IDisposable without = no_grad();
        mean.mul_(momentum).add_(batchMean, 1 - momentum);
        variance.mul_(momentum).add_(batchVariance, 1 - momentum);
    }
}
