using VideoLstm.Core.Compute;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

/// <summary>Fully connected: the last dimension times a kernel, plus a bias.</summary>
internal sealed class TorchDense(NetworkLayer layer, Device device) : TorchLayer(layer)
{
    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters { get; } =
    [
        TorchParameter.Create(layer.Parameters[0], ParameterLayout.Permuted(1, 0), device),
        TorchParameter.Create(layer.Parameters[1], ParameterLayout.Same, device),
    ];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass) => F.linear(x, Parameters[0].Tensors[0], Parameters[1].Tensors[0]);
}
