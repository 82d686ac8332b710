using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

/// <summary>What is learnt of each step's place is added to it.</summary>
internal sealed class TorchPositionEmbedding(NetworkLayer layer, Device device) : TorchLayer(layer)
{
    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters { get; } =
        [TorchParameter.Create(layer.Parameters[0], ParameterLayout.Same, device)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass) => x + Parameters[0].Tensors[0];
}
