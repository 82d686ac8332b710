using System.Text.Json;
using System.Text.Json.Nodes;
using VideoLstm.Core.Formats.Hdf5;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
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
            Layer? next = i + 1 < model.Layers.Count ? model.Layers[i + 1] : null;
            Add(model.Layers[i], next is null ? "softmax" : next is Relu ? "relu" : "linear", info.Model.Recipe);
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

    private void Add(Layer layer, string activation, string recipe)
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
            // It stands in the layer before it.
            case Relu:
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

    private static string ClassOf(RecurrentLayer layer) => layer is Gru ? "GRU" : "LSTM";

    private static JsonObject Config(RecurrentLayer layer)
    {
        var config = new JsonObject
        {
            ["units"] = layer.Units,
            ["activation"] = "tanh",
            ["recurrent_activation"] = layer is Lstm { HardSigmoid: true } ? "hard_sigmoid" : "sigmoid",
            ["return_sequences"] = layer.ReturnSequences,
            ["dropout"] = layer.Dropout,
        };
        if (layer is Gru)
            config["reset_after"] = true;
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
        string layer = parameter.Name[..last], cell = className == "Dense" ? "" : $"/{(layer.Contains("gru", StringComparison.Ordinal) ? "gru" : "lstm")}_cell";
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
