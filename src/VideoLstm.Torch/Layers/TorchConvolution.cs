using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;
using static TorchSharp.torch;

namespace VideoLstm.Torch.Layers;

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
