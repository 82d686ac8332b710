using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Export;

/// <summary>
/// A classifier or an extractor for PyTorch: a state_dict under torch's names and in its layout, and the Python lines that make
/// the module for it. Recurrent layers' gates stand in torch's order: i, f, g, o and r, z, n.
/// </summary>
public sealed class TorchExport
{
    private readonly List<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> _tensors = [];
    private readonly List<string> _declarations = [], _steps = [];
    private readonly IReadOnlyDictionary<string, string> _metadata;
    private readonly string _model;

    // Whether some steps of a sequence may not be real, and whether x is packed so that recurrent layers leave these out.
    private bool _padded, _packed;

    /// <summary>
    /// A classifier: features <c>[batch, time, 2048]</c> to probabilities <c>[batch, classes]</c>; with <c>lengths [batch]</c> where
    /// sequences may be padded.
    /// </summary>
    /// <exception cref="InputException">PyTorch has no layers that compute the same.</exception>
    public TorchExport(NetworkSpec network, TensorSet weights, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(info);
        _metadata = Checkpoint.Describe(info);
        bool padded = _padded = Exports.TakesLengths(network, info);
        foreach (NetworkLayer layer in network.Layers)
            Add(layer, weights.Of(layer), info.Model.Recipe);
        _steps.Add("return torch.softmax(x, 1)");
        string arguments = padded ? "x, lengths" : "x", lengths = padded ? " and how many frames of each are real [batch]" : "";
        string[] classes = [.. info.Classes.Select(Literal)];
        string shape = string.Join(", ", network.InputShape);
        _model = $"""
            import torch
            from torch import nn

            classes = [{string.Join(", ", classes)}]

            class Classifier(nn.Module):
                # {arguments}: features [batch, {shape}]{lengths}, to probabilities [batch, {network.OutputShape[0]}]
                def __init__(self):
                    super().__init__()
            {Indented(_declarations)}

                def forward(self, {arguments}):
            {Indented(_steps)}

            model = Classifier().eval()
            """;
    }

    /// <summary>An extractor: torchvision's InceptionV3 without its head.</summary>
    public TorchExport(InceptionWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _metadata = new Dictionary<string, string> { ["dialect"] = weights.Dialect.ToString(), ["extractor_digest"] = weights.Digest };
        _tensors.AddRange(weights.Tensors.ToWrite());
        string pools = weights.Dialect == InceptionDialect.Torchvision ? "" : """
            import functools, types

            # These weights are Keras', whose average pools do not count what lies outside the picture.
            functional = types.SimpleNamespace(**vars(inception.F))
            functional.avg_pool2d = functools.partial(functional.avg_pool2d, count_include_pad=False)
            inception.F = functional
            """;
        _model = $"""
            import torch
            from torchvision.models import inception
            {pools}

            # pixels of RGB frames / 127.5 - 1, as [batch, 3, height, width], to features [batch, 2048]
            model = inception.inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
            model.fc = torch.nn.Identity()
            """;
    }

    /// <summary>Python that makes <c>model</c> and loads a file into it.</summary>
    /// <param name="path">The file that <see cref="Write"/> wrote.</param>
    public string Module(string path) => $"{_model}\nmodel.load_state_dict(torch.load({Literal(path)}))\n";

    /// <summary>Writes the state_dict.</summary>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public void Write(Stream stream) =>
        PyTorchWriter.Write(stream, _tensors,
            new Dictionary<string, string> { ["vlstm.json"] = JsonSerializer.Serialize(_metadata, Exports.Json) });

    private void Add(NetworkLayer layer, IReadOnlyList<NamedTensor> tensors, string recipe)
    {
        Pack(layer);
        // Without the wrapper's name.
        string name = layer.Paths[0].Split('/')[^1];
        switch (layer.Spec)
        {
            case RecurrentSpec recurrent:
                AddRecurrent(recurrent, name, layer.InputShape[1], tensors);
                break;
            case DenseSpec dense:
                Declare(name, $"nn.Linear({layer.InputShape[^1]}, {dense.Units})");
                AddLinear(name, tensors[0], tensors[1]);
                _steps.Add($"x = self.{name}(x)");
                break;
            case ActivationSpec { Function: ActivationKind.Relu }:
                _steps.Add("x = torch.relu(x)");
                break;
            case ActivationSpec { Function: ActivationKind.Tanh }:
                _steps.Add("x = torch.tanh(x)");
                break;
            case ActivationSpec { Function: ActivationKind.Sigmoid }:
                _steps.Add("x = torch.sigmoid(x)");
                break;
            case BatchNormalizationSpec normalization when layer.InputShape.Count < 3:
                AddNormalization(normalization, name, layer.InputShape, tensors);
                break;
            case FlattenSpec:
                _steps.Add("x = x.flatten(1)");
                break;
            case DropoutSpec:
                break;
            case PositionEmbeddingSpec:
                Declare(name, $"nn.Parameter(torch.zeros({string.Join(", ", tensors[0].Shape)}))");
                AddTensor(name, tensors[0]);
                _steps.Add($"x = x + self.{name}");
                break;
            case TransformerEncoderSpec encoder:
                AddEncoder(encoder, name, layer, tensors);
                break;
            case GlobalMaxPooling1DSpec:
                _steps.Add(_padded ? $"x = x.masked_fill({Hidden(layer)}[..., None], -torch.inf).amax(1)" : "x = x.amax(1)");
                _padded = false;
                break;
            case GlobalAveragePooling1DSpec:
                _steps.Add(_padded ? $"x = x.masked_fill({Hidden(layer)}[..., None], 0).sum(1) / lengths[:, None]" : "x = x.mean(1)");
                _padded = false;
                break;
            default:
                throw new InputException($"a classifier of recipe {recipe} cannot be exported to PyTorch", Remedy.ExportToOnnx);
        }
    }

    private void AddRecurrent(RecurrentSpec layer, string name, int inputs, IReadOnlyList<NamedTensor> tensors)
    {
        bool resetsBefore = layer is GruSpec { ResetAfter: false };
        if (layer.RecurrentActivation != GateActivation.Sigmoid || resetsBefore)
        {
            string what = resetsBefore ? "resets before its recurrent product" : "has hard sigmoids for gates";
            throw new InputException($"a recurrent layer of this classifier {what}, which PyTorch's do not", Remedy.ExportToOnnx);
        }
        name = name.Replace("forward_", "", StringComparison.Ordinal);
        bool isGru = layer is GruSpec;
        string options = layer.Bidirectional ? ", bidirectional=True" : "";
        Declare(name, $"nn.{(isGru ? "GRU" : "LSTM")}({inputs}, {layer.Units}, batch_first=True{options})");
        string suffix = "";
        foreach (NamedTensor[] direction in tensors.Chunk(3))
        {
            AddDirection(layer, inputs, direction, name, suffix);
            suffix = "_reverse";
        }
        if (layer.ReturnSequences)
        {
            _steps.Add($"x, _ = self.{name}(x)");
            return;
        }
        _steps.Add(isGru ? $"_, h = self.{name}(x)" : $"_, (h, _) = self.{name}(x)");
        _steps.Add("x = h.transpose(0, 1).flatten(1)");
        _padded = _packed = false;
    }

    // Lengths are of use to recurrent layers in one form, to all others in another.
    private void Pack(NetworkLayer layer)
    {
        bool packs = _padded && layer.Spec is RecurrentSpec;
        if (layer.Spec is DropoutSpec || packs == _packed)
            return;
        _steps.Add(packs
            ? "x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
            : $"x, _ = nn.utils.rnn.pad_packed_sequence(x, batch_first=True, total_length={layer.InputShape[0]})");
        _packed = packs;
    }

    private static string Hidden(NetworkLayer layer) => $"(torch.arange({layer.InputShape[0]}) >= lengths[:, None])";

    private void AddNormalization(
        BatchNormalizationSpec layer, string name, IReadOnlyList<int> inputShape, IReadOnlyList<NamedTensor> tensors)
    {
        Declare(name, Invariant($"nn.BatchNorm1d({inputShape[^1]}, eps={(float)layer.Epsilon})"));
        foreach ((string part, NamedTensor tensor) in ((string[])["weight", "bias", "running_mean", "running_var"]).Zip(tensors))
            AddTensor($"{name}.{part}", tensor);
        _steps.Add(inputShape.Count == 2 ? $"x = self.{name}(x.transpose(1, 2)).transpose(1, 2)" : $"x = self.{name}(x)");
    }

    private void AddDirection(RecurrentSpec layer, int inputs, NamedTensor[] tensors, string name, string suffix)
    {
        (int units, int gates) = (layer.Units, layer.Gates);
        // Keras' z, r, h of a GRU are torch's r, z, n.
        int[] order = layer is GruSpec ? [1, 0, 2] : [0, 1, 2, 3];
        AddTensor($"{name}.weight_ih_l0{suffix}", [gates * units, inputs],
            Tensors.Gates(Exports.Transposed(tensors[0]), order, inputs * units));
        AddTensor($"{name}.weight_hh_l0{suffix}", [gates * units, units],
            Tensors.Gates(Exports.Transposed(tensors[1]), order, units * units));
        ReadOnlyMemory<float> bias = tensors[2].Values;
        AddTensor($"{name}.bias_ih_l0{suffix}", [gates * units], Tensors.Gates(bias[..(gates * units)], order, units));
        ReadOnlyMemory<float> recurrent = layer is GruSpec ? Tensors.Gates(bias[(gates * units)..], order, units)
            : new float[gates * units];
        AddTensor($"{name}.bias_hh_l0{suffix}", [gates * units], recurrent);
    }

    private void AddEncoder(TransformerEncoderSpec encoder, string name, NetworkLayer layer, IReadOnlyList<NamedTensor> tensors)
    {
        if (tensors is not [var qk, var qb, var kk, var kb, var vk, var vb, var ok, var ob, var gamma1, var beta1, var narrow,
            var narrowBias, var wide, var wideBias, var gamma2, var beta2])
            throw new InvalidOperationException("a transformer encoder has 16 parameters");
        (int features, int hidden) = (layer.InputShape[1], encoder.Hidden);
        string epsilon = TransformerEncoderSpec.Epsilon.ToString(CultureInfo.InvariantCulture);
        Declare(
            name,
            $"nn.TransformerEncoderLayer({features}, 1, {hidden}, activation=\"gelu\", layer_norm_eps={epsilon}, batch_first=True)");
        AddTensor(name + ".self_attn.in_proj_weight", [3 * features, features],
            Tensors.Joined(Exports.Transposed(qk), Exports.Transposed(kk), Exports.Transposed(vk)));
        AddTensor(name + ".self_attn.in_proj_bias", [3 * features], Tensors.Joined(qb.Values, kb.Values, vb.Values));
        AddLinear(name + ".self_attn.out_proj", ok, ob);
        AddLinear(name + ".linear1", narrow, narrowBias);
        AddLinear(name + ".linear2", wide, wideBias);
        AddTensor(name + ".norm1.weight", gamma1);
        AddTensor(name + ".norm1.bias", beta1);
        AddTensor(name + ".norm2.weight", gamma2);
        AddTensor(name + ".norm2.bias", beta2);
        _steps.Add($"x = self.{name}(x{(_padded ? $", src_key_padding_mask={Hidden(layer)}" : "")})");
    }

    private void AddLinear(string name, NamedTensor kernel, NamedTensor bias)
    {
        AddTensor(name + ".weight", [kernel.Shape[1], kernel.Shape[0]], Exports.Transposed(kernel));
        AddTensor(name + ".bias", bias);
    }

    private void AddTensor(string name, NamedTensor tensor) => AddTensor(name, [.. tensor.Shape], tensor.Values);

    private void AddTensor(string name, int[] shape, ReadOnlyMemory<float> values) => _tensors.Add((name, shape, values));

    private void Declare(string name, string what) => _declarations.Add($"self.{name} = {what}");

    private static string Indented(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => "        " + l));

    /// <summary>A text as Python writes it, in ASCII: whatever encoding the console has.</summary>
    private static string Literal(string text) => string.Concat(text.EnumerateRunes().Select(r => r.Value switch
    {
        '"' or '\\' => $"\\{r}",
        >= ' ' and < 0x7f => r.ToString(),
        _ => $"\\U{r.Value:x8}",
    }).Prepend("\"").Append("\""));
}
