using System.Text.Json;
using System.Text.Json.Nodes;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Export;

/// <summary>
/// A classifier as Keras 2's <c>model.save("x.h5")</c> writes it (tf_keras/saving/legacy/hdf5_format.py): a Sequential model, its
/// configuration as JSON and its weights in Keras' layout, which is ours. Where sequences may be padded, a Masking layer takes frames whose
/// features are all zero for ones that are not there.
/// </summary>
public sealed class KerasExport
{
    // The last of Keras 2 with this format as its own.
    private const string KerasVersion = "2.11.0", Backend = "tensorflow";

    private readonly Hdf5Group _root = new(), _weights;
    private readonly JsonArray _layers = [];
    private readonly List<string> _names = [];

    /// <summary>A classifier: features <c>[batch, time, 2048]</c> to probabilities <c>[batch, classes]</c>.</summary>
    /// <exception cref="InputException">It has layers that Keras does not have.</exception>
    public KerasExport(NetworkSpec network, TensorSet weights, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(info);
        _weights = _root.Group("model_weights");
        bool masks = Exports.TakesLengths(network, info);
        string absent = masks ? "; frames whose features are all 0 are taken for not there" : "";
        Inputs = [$"features float32 [batch, {string.Join(", ", network.InputShape)}]{absent}"];
        Outputs = [$"probabilities float32 [batch, {network.OutputShape[0]}]"];
        Add("InputLayer", "features",
            new JsonObject { ["batch_input_shape"] = new JsonArray([null, .. network.InputShape.Select(s => (JsonNode)s)]) }, []);
        if (masks)
            Add("Masking", "masking", new JsonObject { ["mask_value"] = 0.0 }, []);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            // A dense layer takes in the activation that follows it.
            NetworkLayer layer = network.Layers[i];
            string activation = i == network.Layers.Count - 1 ? "softmax" : ActivationOf(network.Layers[i + 1].Spec) ?? "linear";
            if (i == 0 || ActivationOf(layer.Spec) is null || network.Layers[i - 1].Spec is not DenseSpec)
                Add(layer, weights.Of(layer), activation, masks, info.Model.Recipe);
        }
        var config = new JsonObject { ["class_name"] = "Sequential",
            ["config"] = new JsonObject { ["name"] = info.Model.Recipe.Replace('-', '_'), ["layers"] = _layers } };
        _root.Say("keras_version", KerasVersion);
        _root.Say("backend", Backend);
        _root.Say("model_config", config.ToJsonString());
        _root.Say("class_names", info.Classes);
        _root.Say("vlstm", JsonSerializer.Serialize(Checkpoint.Describe(info), Exports.Json));
        _weights.Say("layer_names", _names);
        _weights.Say("backend", Backend);
        _weights.Say("keras_version", KerasVersion);
    }

    /// <summary>What goes in: name, type, shape.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>What comes out.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Writes the file.</summary>
    public void Write(Stream stream) => Hdf5Writer.Write(stream, _root);

    private void Add(NetworkLayer layer, IReadOnlyList<NamedTensor> weights, string activation, bool masks, string recipe)
    {
        string name = layer.Paths[0];
        switch (layer.Spec)
        {
            case RecurrentSpec { Bidirectional: true } both:
                string[] parts = name.Split('/');
                JsonObject one = Config(both);
                one["name"] = parts[1]["forward_".Length..];
                var directions = new JsonObject { ["class_name"] = ClassOf(both), ["config"] = one };
                Add("Bidirectional", parts[0], new JsonObject { ["layer"] = directions, ["merge_mode"] = "concat" }, weights);
                break;
            case RecurrentSpec recurrent:
                Add(ClassOf(recurrent), name, Config(recurrent), weights);
                break;
            case DenseSpec dense:
                Add("Dense", name, new JsonObject { ["units"] = dense.Units, ["activation"] = activation }, weights);
                break;
            case ActivationSpec when ActivationOf(layer.Spec) is { } function:
                Add("Activation", Unique("activation"), new JsonObject { ["activation"] = function }, []);
                break;
            case BatchNormalizationSpec normalization when layer.InputShape.Count < 3:
                Add("BatchNormalization", name, new JsonObject { ["epsilon"] = (float)normalization.Epsilon }, weights);
                break;
            // Keras' counts steps that are not there.
            case GlobalMaxPooling1DSpec when !masks:
                Add("GlobalMaxPooling1D", Unique("global_max_pooling1d"), [], []);
                break;
            case GlobalAveragePooling1DSpec:
                Add("GlobalAveragePooling1D", Unique("global_average_pooling1d"), [], []);
                break;
            case FlattenSpec:
                Add("Flatten", Unique("flatten"), [], []);
                break;
            case DropoutSpec dropout:
                Add("Dropout", Unique("dropout"), new JsonObject { ["rate"] = dropout.Rate }, []);
                break;
            default:
                throw new InputException(
                    $"a classifier of recipe {recipe} has layers that Keras 2's .h5 holds only with code of yours",
                    recipe == AttentionModel.Recipe.Name ? Remedy.ExportToOnnxOrTorch : Remedy.ExportToOnnx);
        }
    }

    private static string? ActivationOf(LayerSpec layer) => layer is ActivationSpec activation
        ? activation.Function switch
        {
            ActivationKind.Relu => "relu",
            ActivationKind.Tanh => "tanh",
            ActivationKind.Sigmoid => "sigmoid",
            _ => null,
        }
        : null;

    private static string ClassOf(RecurrentSpec layer) => layer is LstmSpec ? "LSTM" : "GRU";

    private static JsonObject Config(RecurrentSpec layer)
    {
        var config = new JsonObject
        {
            ["units"] = layer.Units,
            ["activation"] = "tanh",
            ["recurrent_activation"] = layer.RecurrentActivation switch
            {
                GateActivation.Sigmoid => "sigmoid",
                GateActivation.HardSigmoid => "hard_sigmoid",
                _ => throw new InputException(
                    "a recurrent layer of this classifier has Keras 3's hard sigmoids for gates, which Keras 2 does not have",
                    Remedy.ExportToOnnx),
            },
            ["return_sequences"] = layer.ReturnSequences,
            ["dropout"] = layer.Dropout,
        };
        if (layer is GruSpec gru)
            config["reset_after"] = gru.ResetAfter;
        return config;
    }

    private void Add(string className, string name, JsonObject config, IReadOnlyList<NamedTensor> weights)
    {
        config["name"] = name;
        config["dtype"] = "float32";
        _layers.Add(new JsonObject { ["class_name"] = className, ["config"] = config });
        _names.Add(name);
        Hdf5Group group = _weights.Group(name);
        List<string> paths = [];
        foreach (NamedTensor tensor in weights)
        {
            paths.Add(PathOf(tensor.Name, className));
            group.Add(paths[^1], [.. tensor.Shape], tensor.Values);
        }
        group.Say("weight_names", paths);
    }

    /// <summary>As Keras calls it: recurrent layers keep their weights in a cell.</summary>
    private static string PathOf(string name, string className)
    {
        int last = name.LastIndexOf('/');
        string layer = name[..last], cell = className is "Dense" or "BatchNormalization" ? ""
            : $"/{(layer.Contains("gru", StringComparison.Ordinal) ? "gru" : "lstm")}_cell";
        return $"{layer}{cell}{name[last..]}:0";
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int number = 1; _names.Contains(unique); number++)
            unique = $"{name}_{number}";
        return unique;
    }
}
