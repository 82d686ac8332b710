using VideoLstm.Core.Compute;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VideoLstm.Torch.Layers;

/// <summary>Self-attention and a small network at each step; see <see cref="TransformerEncoderSpec"/>.</summary>
internal sealed class TorchTransformerEncoder(NetworkLayer layer, TransformerEncoderSpec spec, Device device) : TorchLayer(layer)
{
    /// <inheritdoc/>
    public override IReadOnlyList<TorchParameter> Parameters { get; } = [.. layer.Parameters.Select(p => TorchParameter.Create(
        p, p.Shape.Count == 2 ? ParameterLayout.Permuted(1, 0) : ParameterLayout.Same, device))];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, TorchPass pass)
    {
        Tensor z = Normalize(x + Attend(x, pass), 8);
        return Normalize(z + Dense(F.gelu(Dense(z, 10)), 12), 14);
    }

    private Tensor Attend(Tensor x, TorchPass pass)
    {
        (Tensor queries, Tensor keys, Tensor values) = (Dense(x, 0), Dense(x, 2), Dense(x, 4));
        Tensor scores = queries.matmul(keys.transpose(1, 2)) * (1 / Math.Sqrt(x.shape[^1]));
        Tensor weights;
        if (pass.Mask is { } mask)
        {
            // Where no step is real, none is hidden, lest the softmax be of nothing; there all weights become 0.
            Tensor hidden = mask.Hidden.logical_and(mask.Empty.logical_not());
            weights = F.softmax(scores.masked_fill(hidden.unsqueeze(1), float.NegativeInfinity), -1)
                .masked_fill(mask.Empty.unsqueeze(1), 0);
        }
        else
        {
            weights = F.softmax(scores, -1);
        }
        if (pass.Random is { } random)
            weights *= DropoutMask(spec.Dropout, random, x.device, weights.shape);
        return Dense(weights.matmul(values), 6);
    }

    private Tensor Dense(Tensor x, int first) => F.linear(x, Parameters[first].Tensors[0], Parameters[first + 1].Tensors[0]);

    private Tensor Normalize(Tensor x, int first) => F.layer_norm(
        x, [x.shape[^1]], Parameters[first].Tensors[0], Parameters[first + 1].Tensors[0], TransformerEncoderSpec.Epsilon);
}
