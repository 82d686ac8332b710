using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

/// <summary>A layer without weights that needs nothing but its input.</summary>
internal sealed class TorchFunction(NetworkLayer layer, Func<Tensor, TorchPass, Tensor> compute) : TorchLayer(layer)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass) => compute(x, pass);
}
