using TorchSharp;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

/// <summary>A convolution with its batch norm folded in, of a network that learns no more.</summary>
internal sealed class TorchFrozenBlock : TorchLayer
{
    private readonly IReadOnlyList<ConvolutionAxis> _axes;
    private readonly Tensor _weight, _bias;

    /// <summary>A layer with its weights.</summary>
    public TorchFrozenBlock(NetworkLayer layer, ConvolutionBlockSpec spec, TensorSet weights, Device device, ScalarType type)
        : base(layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable without = no_grad();
        _axes = spec.Axes(layer.InputShape);
        (float[] folded, float[] bias) = spec.Fold(weights.Of(layer));
        Tensor weight = HostTensor.Send<float>(folded, [.. layer.Parameters[0].Shape.Select(s => (long)s)], float32, device).to(type);
        // Channels last in memory, like the pictures.
        _weight = weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).DetachFromDisposeScope();
        _bias = HostTensor.Send<float>(bias, [bias.Length], float32, device).to(type).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override IEnumerable<IDisposable> Owned => [_weight, _bias];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass) => Pictures.Leave(
        F.relu(Pictures.Convolve(Pictures.Enter(x, 2), _weight, _bias, _axes), inplace: true), pass.Batch, Layer.OutputShape);
}
