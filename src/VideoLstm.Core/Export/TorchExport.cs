using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.PyTorch;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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

    /// <summary>A classifier: features <c>[batch, time, 2048]</c> to probabilities <c>[batch, classes]</c>; with <c>lengths [batch]</c> where sequences may be padded.</summary>
    /// <exception cref="InputException">PyTorch has no layers that compute the same.</exception>
    public TorchExport(Network model, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(info);
        _metadata = Checkpoint.Describe(info);
        bool padded = _padded = Exports.TakesLengths(model, info);
        foreach (Layer layer in model.Layers)
            Add(layer, info.Model.Recipe);
        _steps.Add("return torch.softmax(x, 1)");
        string arguments = padded ? "x, lengths" : "x";
        string[] classes = [.. info.Classes.Select(Literal)];
        _model = $"""
            import torch
            from torch import nn

            classes = [{string.Join(", ", classes)}]

            class Classifier(nn.Module):
                # {arguments}: features [batch, {string.Join(", ", model.InputShape)}]{(padded ? " and how many frames of each are real [batch]" : "")}, to probabilities [batch, {model.Classes}]
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
        _tensors.AddRange(weights.Tensors());
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
        PyTorchWriter.Write(stream, _tensors, new Dictionary<string, string> { ["vlstm.json"] = JsonSerializer.Serialize(_metadata, Exports.Json) });

    private void Add(Layer layer, string recipe)
    {
        Pack(layer);
        switch (layer)
        {
            case RecurrentLayer recurrent:
                AddRecurrent(recurrent, null);
                break;
            case Bidirectional both:
                AddRecurrent(both.ForwardLayer, both.BackwardLayer);
                break;
            case Linear linear:
                string dense = NameOf(linear.Kernel);
                Declare(dense, $"nn.Linear({linear.Kernel.Shape[0]}, {linear.Kernel.Shape[1]})");
                AddLinear(dense, linear.Kernel, linear.Bias);
                _steps.Add($"x = self.{dense}(x)");
                break;
            case Relu:
                _steps.Add("x = torch.relu(x)");
                break;
            case Squash squash:
                _steps.Add($"x = torch.{(squash.IsSigmoid ? "sigmoid" : "tanh")}(x)");
                break;
            case BatchNormalization { InputShape.Count: < 3 } normalization:
                AddNormalization(normalization);
                break;
            case Flatten:
                _steps.Add("x = x.flatten(1)");
                break;
            case Dropout:
                break;
            case PositionEmbedding embedding:
                string places = NameOf(embedding.Embeddings);
                Declare(places, $"nn.Parameter(torch.zeros({string.Join(", ", embedding.Embeddings.Shape)}))");
                AddTensor(places, embedding.Embeddings);
                _steps.Add($"x = x + self.{places}");
                break;
            case TransformerEncoder encoder:
                AddEncoder(encoder);
                break;
            case GlobalMaxPooling1D:
                _steps.Add(_padded ? $"x = x.masked_fill({Hidden(layer)}[..., None], -torch.inf).amax(1)" : "x = x.amax(1)");
                _padded = false;
                break;
            default:
                throw new InputException($"a classifier of recipe {recipe} cannot be exported to PyTorch; give --to onnx");
        }
    }

    private void AddRecurrent(RecurrentLayer layer, RecurrentLayer? backward)
    {
        if (layer.GateActivation != GateActivation.Sigmoid || layer is GruResetBefore)
            throw new InputException($"a recurrent layer of this classifier {(layer is GruResetBefore ? "resets before its recurrent product" : "has hard sigmoids for gates")}, which PyTorch's do not; give --to onnx");
        string name = NameOf(layer.Kernel).Replace("forward_", "", StringComparison.Ordinal), kind = layer is Gru ? "GRU" : "LSTM";
        Declare(name, $"nn.{kind}({layer.Inputs}, {layer.Units}, batch_first=True{(backward is null ? "" : ", bidirectional=True")})");
        AddDirection(layer, name, "");
        if (backward is not null)
            AddDirection(backward, name, "_reverse");
        if (layer.ReturnSequences)
        {
            _steps.Add($"x, _ = self.{name}(x)");
            return;
        }
        _steps.Add(layer is Gru ? $"_, h = self.{name}(x)" : $"_, (h, _) = self.{name}(x)");
        _steps.Add("x = h.transpose(0, 1).flatten(1)");
        _padded = _packed = false;
    }

    // Lengths are of use to recurrent layers in one form, to all others in another.
    private void Pack(Layer layer)
    {
        bool packs = _padded && layer is RecurrentLayer or Bidirectional;
        if (layer is Dropout || packs == _packed)
            return;
        _steps.Add(packs
            ? "x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
            : $"x, _ = nn.utils.rnn.pad_packed_sequence(x, batch_first=True, total_length={layer.InputShape[0]})");
        _packed = packs;
    }

    private static string Hidden(Layer layer) => $"(torch.arange({layer.InputShape[0]}) >= lengths[:, None])";

    private void AddNormalization(BatchNormalization normalization)
    {
        string name = NameOf(normalization.Gamma);
        Declare(name, string.Create(CultureInfo.InvariantCulture, $"nn.BatchNorm1d({normalization.Gamma.Length}, eps={normalization.Epsilon})"));
        AddTensor(name + ".weight", normalization.Gamma);
        AddTensor(name + ".bias", normalization.Beta);
        AddTensor(name + ".running_mean", normalization.MovingMean);
        AddTensor(name + ".running_var", normalization.MovingVariance);
        _steps.Add(normalization.InputShape.Count == 2 ? $"x = self.{name}(x.transpose(1, 2)).transpose(1, 2)" : $"x = self.{name}(x)");
    }

    private void AddDirection(RecurrentLayer layer, string name, string suffix)
    {
        (int units, int gates) = (layer.Units, layer.Kernel.Shape[1] / layer.Units);
        // Keras' z, r, h of a GRU are torch's r, z, n.
        int[] order = layer is Gru ? [1, 0, 2] : [0, 1, 2, 3];
        AddTensor($"{name}.weight_ih_l0{suffix}", [gates * units, layer.Inputs], Tensors.Gates(Tensors.Transposed(layer.Kernel), order, layer.Inputs * units));
        AddTensor($"{name}.weight_hh_l0{suffix}", [gates * units, units], Tensors.Gates(Tensors.Transposed(layer.RecurrentKernel), order, units * units));
        ReadOnlyMemory<float> bias = layer.Bias.Value.Memory;
        AddTensor($"{name}.bias_ih_l0{suffix}", [gates * units], Tensors.Gates(bias[..(gates * units)], order, units));
        AddTensor($"{name}.bias_hh_l0{suffix}", [gates * units], layer is Gru ? Tensors.Gates(bias[(gates * units)..], order, units) : new float[gates * units]);
    }

    private void AddEncoder(TransformerEncoder encoder)
    {
        if (encoder.Parameters is not [var qk, var qb, var kk, var kb, var vk, var vb, var ok, var ob, var gamma1, var beta1, var narrow, var narrowBias, var wide, var wideBias, var gamma2, var beta2])
            throw new InvalidOperationException("a transformer encoder has 16 parameters");
        string name = qk.Name[..qk.Name.IndexOf('/', StringComparison.Ordinal)];
        (int features, int hidden) = (narrow.Shape[0], narrow.Shape[1]);
        Declare(name, string.Create(CultureInfo.InvariantCulture, $"nn.TransformerEncoderLayer({features}, 1, {hidden}, activation=\"gelu\", layer_norm_eps={LayerNormalization.Epsilon}, batch_first=True)"));
        AddTensor(name + ".self_attn.in_proj_weight", [3 * features, features], Tensors.Joined(Tensors.Transposed(qk), Tensors.Transposed(kk), Tensors.Transposed(vk)));
        AddTensor(name + ".self_attn.in_proj_bias", [3 * features], Tensors.Joined(qb.Value.Memory, kb.Value.Memory, vb.Value.Memory));
        AddLinear(name + ".self_attn.out_proj", ok, ob);
        AddLinear(name + ".linear1", narrow, narrowBias);
        AddLinear(name + ".linear2", wide, wideBias);
        AddTensor(name + ".norm1.weight", gamma1);
        AddTensor(name + ".norm1.bias", beta1);
        AddTensor(name + ".norm2.weight", gamma2);
        AddTensor(name + ".norm2.bias", beta2);
        _steps.Add($"x = self.{name}(x{(_padded ? $", src_key_padding_mask={Hidden(encoder)}" : "")})");
    }

    private void AddLinear(string name, Parameter kernel, Parameter bias)
    {
        AddTensor(name + ".weight", [kernel.Shape[1], kernel.Shape[0]], Tensors.Transposed(kernel));
        AddTensor(name + ".bias", bias);
    }

    private void AddTensor(string name, Parameter parameter) => AddTensor(name, [.. parameter.Shape], parameter.Value.Memory);

    private void AddTensor(string name, int[] shape, ReadOnlyMemory<float> values) => _tensors.Add((name, shape, values));

    private void Declare(string name, string what) => _declarations.Add($"self.{name} = {what}");

    /// <summary>The layer of a parameter: what stands before the last stroke of its name, without the wrapper's.</summary>
    private static string NameOf(Parameter parameter) => parameter.Name.Split('/')[^2];

    private static string Indented(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => "        " + l));

    /// <summary>A text as Python writes it, in ASCII: whatever encoding the console has.</summary>
    private static string Literal(string text) => string.Concat(text.EnumerateRunes().Select(r => r.Value switch
    {
        '"' or '\\' => $"\\{r}",
        >= ' ' and < 0x7f => r.ToString(),
        _ => $"\\U{r.Value:x8}",
    }).Prepend("\"").Append("\""));
}
