using System.Text.Json;
using System.Text.Json.Nodes;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Export;

/// <summary>
/// A classifier as Keras 2's <c>model.save("x.h5")</c> writes it (tf_keras/saving/legacy/hdf5_format.py): a Sequential model, its configuration as
/// JSON and its weights in Keras' layout, which is ours. Where sequences may be padded, a Masking layer takes frames whose features are all zero for ones that are not there.
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
    public KerasExport(Network model, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(info);
        _weights = _root.Group("model_weights");
        bool masks = Exports.TakesLengths(model, info);
        Inputs = [$"features float32 [batch, {string.Join(", ", model.InputShape)}]{(masks ? "; frames whose features are all 0 are taken for not there" : "")}"];
        Outputs = [$"probabilities float32 [batch, {model.Classes}]"];
        Add("InputLayer", "features", new JsonObject { ["batch_input_shape"] = new JsonArray([null, .. model.InputShape.Select(s => (JsonNode)s)]) }, []);
        if (masks)
            Add("Masking", "masking", new JsonObject { ["mask_value"] = 0.0 }, []);
        for (int i = 0; i < model.Layers.Count; i++)
        {
            // A dense layer takes in the activation that follows it.
            Layer layer = model.Layers[i];
            string activation = i == model.Layers.Count - 1 ? "softmax" : ActivationOf(model.Layers[i + 1]) ?? "linear";
            if (i == 0 || ActivationOf(layer) is null || model.Layers[i - 1] is not Linear)
                Add(layer, activation, masks, info.Model.Recipe);
        }
        var config = new JsonObject { ["class_name"] = "Sequential", ["config"] = new JsonObject { ["name"] = info.Model.Recipe.Replace('-', '_'), ["layers"] = _layers } };
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

    private void Add(Layer layer, string activation, bool masks, string recipe)
    {
        switch (layer)
        {
            case RecurrentLayer recurrent:
                Add(ClassOf(recurrent), LayerOf(recurrent.Kernel), Config(recurrent), recurrent.Parameters);
                break;
            case Bidirectional both:
                string name = LayerOf(both.ForwardLayer.Kernel)["forward_".Length..];
                JsonObject one = Config(both.ForwardLayer);
                one["name"] = name;
                Add(
                    "Bidirectional", both.ForwardLayer.Kernel.Name.Split('/')[0],
                    new JsonObject { ["layer"] = new JsonObject { ["class_name"] = ClassOf(both.ForwardLayer), ["config"] = one }, ["merge_mode"] = "concat" }, both.Parameters);
                break;
            case Linear linear:
                Add("Dense", LayerOf(linear.Kernel), new JsonObject { ["units"] = linear.Kernel.Shape[1], ["activation"] = activation }, linear.Parameters);
                break;
            case Relu or Squash:
                Add("Activation", Unique("activation"), new JsonObject { ["activation"] = ActivationOf(layer) }, []);
                break;
            case BatchNormalization { InputShape.Count: < 3 } normalization:
                Add("BatchNormalization", LayerOf(normalization.Gamma), new JsonObject { ["epsilon"] = normalization.Epsilon }, normalization.Parameters);
                break;
            // Keras' counts steps that are not there.
            case GlobalMaxPooling1D when !masks:
                Add("GlobalMaxPooling1D", Unique("global_max_pooling1d"), [], []);
                break;
            case Flatten:
                Add("Flatten", Unique("flatten"), [], []);
                break;
            case Dropout dropout:
                Add("Dropout", Unique("dropout"), new JsonObject { ["rate"] = dropout.Rate }, []);
                break;
            default:
                throw new InputException($"a classifier of recipe {recipe} has layers that Keras 2's .h5 holds only with code of yours; give --to onnx{(recipe == AttentionModel.Recipe.Name ? " or --to torch" : "")}");
        }
    }

    private static string? ActivationOf(Layer layer) => layer switch
    {
        Relu => "relu",
        Squash squash => squash.IsSigmoid ? "sigmoid" : "tanh",
        _ => null,
    };

    private static string ClassOf(RecurrentLayer layer) => layer is Lstm ? "LSTM" : "GRU";

    private static JsonObject Config(RecurrentLayer layer)
    {
        var config = new JsonObject
        {
            ["units"] = layer.Units,
            ["activation"] = "tanh",
            ["recurrent_activation"] = layer.GateActivation switch
            {
                GateActivation.Sigmoid => "sigmoid",
                GateActivation.HardSigmoid => "hard_sigmoid",
                _ => throw new InputException("a recurrent layer of this classifier has Keras 3's hard sigmoids for gates, which Keras 2 does not have; give --to onnx"),
            },
            ["return_sequences"] = layer.ReturnSequences,
            ["dropout"] = layer.Dropout,
        };
        if (layer is not Lstm)
            config["reset_after"] = layer is Gru;
        return config;
    }

    private void Add(string className, string name, JsonObject config, IReadOnlyList<Parameter> weights)
    {
        config["name"] = name;
        config["dtype"] = "float32";
        _layers.Add(new JsonObject { ["class_name"] = className, ["config"] = config });
        _names.Add(name);
        Hdf5Group group = _weights.Group(name);
        List<string> paths = [];
        foreach (Parameter parameter in weights)
        {
            paths.Add(PathOf(parameter, className));
            group.Add(paths[^1], [.. parameter.Shape], parameter.Value.Memory);
        }
        group.Say("weight_names", paths);
    }

    /// <summary>As Keras calls it: recurrent layers keep their weights in a cell.</summary>
    private static string PathOf(Parameter parameter, string className)
    {
        int last = parameter.Name.LastIndexOf('/');
        string layer = parameter.Name[..last], cell = className is "Dense" or "BatchNormalization" ? "" : $"/{(layer.Contains("gru", StringComparison.Ordinal) ? "gru" : "lstm")}_cell";
        return $"{layer}{cell}{parameter.Name[last..]}:0";
    }

    private static string LayerOf(Parameter parameter) => parameter.Name.Split('/')[^2];

    private string Unique(string name)
    {
        string unique = name;
        for (int number = 1; _names.Contains(unique); number++)
            unique = $"{name}_{number}";
        return unique;
    }
}
