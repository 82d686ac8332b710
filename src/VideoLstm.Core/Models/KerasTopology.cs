using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Models;

/// <summary>
/// The layers of a Keras model, from the first to the last, out of the JSON that Keras 2, tf.keras and Keras 3 write for models
/// that are Sequential, or functional and without a branch. A second input may be the mask of the first.
/// </summary>
internal sealed partial class KerasTopology
{
    private readonly string _path;
    private readonly List<KerasLayer> _layers = [];

    private KerasTopology(string path) => _path = path;

    /// <summary>In the order in which they compute, without the input's.</summary>
    public IReadOnlyList<KerasLayer> Layers => _layers;

    /// <summary>Sizes of the input without the batch; null where any is taken.</summary>
    public IReadOnlyList<int?> InputShape { get; private set; } = [];

    /// <summary>The layer that is given the mask which is the model's second input; null: there is none.</summary>
    public KerasLayer? MaskedLayer { get; private set; }

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="InputException">It is none, or of a model with branches, or with code of its own.</exception>
    public static KerasTopology Read(string path, string json)
    {
        var topology = new KerasTopology(path);
        try
        {
            using JsonDocument document = JsonText.Parse(json);
            topology.Read(document.RootElement.Clone());
            return topology;
        }
        catch (JsonException)
        {
            throw topology.Broken("is no JSON");
        }
    }

    private void Read(JsonElement root)
    {
        string kind = Text(root, "class_name");
        JsonElement config = root.Property("config") ?? throw Broken("lacks the model's config");
        // Keras before 2.2.3 lists the layers of a Sequential model right here.
        JsonElement list = config.ValueKind == JsonValueKind.Array ? config : config.Property("layers") ?? throw Broken("lists no layers");
        if (list.ValueKind != JsonValueKind.Array)
            throw Broken("lists no layers");
        if (kind is not ("Sequential" or "Model" or "Functional"))
            throw new InputException($"{_path}: is a model of the class `{KerasLayer.Short(kind)}`; expected one that is Sequential or " +
                $"functional: other classes keep in Python what they compute");

        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = new List<(KerasLayer Layer, JsonElement Json)>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            string className = Text(item, "class_name");
            JsonElement settings = item.Property("config") ?? throw Broken("has a layer without config");
            string name = item.Text("name") ?? Text(settings, "name");
            string saved = SnakeCase(className);
            int number = counts.GetValueOrDefault(saved);
            counts[saved] = number + 1;
            var layer = new KerasLayer(_path, name, className, settings, number == 0 ? saved
                : $"{saved}_{number.ToString(CultureInfo.InvariantCulture)}");
            if (item.Text("registered_name")?.Contains('>', StringComparison.Ordinal) == true)
                throw layer.Refused("is a class of your own; expected layers of Keras");
            all.Add((layer, item));
        }
        if (all.Count is 0 or > 1000)
            throw Broken($"lists {all.Count} layers");
        (KerasLayer Layer, JsonElement Json)[] chain = kind == "Sequential" ? [.. all] : Follow(config, all);
        InputShape = Shape(root, config, chain[0]);
        _layers.AddRange(chain.Select(c => c.Layer).Where(l => l.Class != "InputLayer"));
    }

    // From the output to the input: each layer takes what one other gives.
    private (KerasLayer Layer, JsonElement Json)[] Follow(JsonElement config, List<(KerasLayer Layer, JsonElement Json)> all)
    {
        var byName = new Dictionary<string, (KerasLayer Layer, JsonElement Json)>(StringComparer.Ordinal);
        foreach ((KerasLayer Layer, JsonElement Json) item in all)
        {
            if (!byName.TryAdd(item.Layer.Name, item))
                throw item.Layer.Refused("is there twice");
        }
        (KerasLayer Layer, JsonElement Json) Named(string name) => byName.TryGetValue(name, out var found) ? found
            : throw Broken($"refers to a layer `{KerasLayer.Short(name)}` that is not there");

        string[] outputs = [.. References(config.Property("output_layers"))];
        if (outputs.Length != 1)
            throw new InputException($"{_path}: has {outputs.Length} outputs, expected one");
        var chain = new List<(KerasLayer Layer, JsonElement Json)>();
        var at = Named(outputs[0]);
        while (at.Layer.Class != "InputLayer")
        {
            chain.Add(at);
            if (chain.Count > all.Count)
                throw Broken("leads in circles");
            (List<string> inputs, string? mask) = Inbound(at.Layer, at.Json.Property("inbound_nodes"));
            if (inputs.Count != 1)
                throw at.Layer.Refused($"joins {inputs.Count} inputs; expected layers one behind the other");
            if (mask is not null)
            {
                if (Named(mask).Layer.Class != "InputLayer")
                    throw at.Layer.Refused("is given a mask that is computed; expected none, a Masking layer, or one that is an input");
                MaskedLayer = at.Layer;
            }
            at = Named(inputs[0]);
        }
        chain.Add(at);
        // Layers may only be left over as inputs, of which a mask is one.
        int leftOver = all.Count(l => l.Layer.Class == "InputLayer") - 1;
        if (leftOver > (MaskedLayer is null ? 0 : 1) || chain.Count + leftOver != all.Count)
            throw new InputException(
                $"{_path}: has layers beside the way from its input to its output; expected layers one behind the other");
        chain.Reverse();
        return [.. chain];
    }

    /// <summary>The layers that one takes its inputs from, and its mask.</summary>
    private static (List<string> Inputs, string? Mask) Inbound(KerasLayer layer, JsonElement? nodes)
    {
        if (nodes is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() != 1)
            throw layer.Refused($"is used {(nodes is { ValueKind: JsonValueKind.Array } n ? n.GetArrayLength() : 0)} times, expected once");
        JsonElement node = list[0];
        var inputs = new List<string>();
        JsonElement? options = null;
        if (node.ValueKind == JsonValueKind.Object)
        {
            inputs.AddRange(References(node.Property("args")));
            options = node.Property("kwargs");
        }
        else
        {
            inputs.AddRange(References(node));
            JsonElement first = node.ValueKind == JsonValueKind.Array && node.GetArrayLength() > 0 ? node[0] : default;
            JsonElement entry = first.ValueKind == JsonValueKind.Array ? first : node;
            if (entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() > 3)
                options = entry[3];
        }
        string? mask = null;
        if (options is { ValueKind: JsonValueKind.Object } named)
        {
            foreach (JsonProperty option in named.EnumerateObject())
            {
                if (References(option.Value).FirstOrDefault() is not { } from)
                    continue;
                mask = option.Name == "mask" ? from
                    : throw layer.Refused(
                    $"is given {KerasLayer.Short(option.Name)} by the layer `{KerasLayer.Short(from)}`; expected no such input");
            }
        }
        return (inputs, mask);
    }

    /// <summary>The names in Keras 3's <c>keras_history</c>, or in Keras 2's <c>[name, node, tensor, options]</c>.</summary>
    private static IEnumerable<string> References(JsonElement? value)
    {
        if (value is not { } element)
            return [];
        switch (element.ValueKind)
        {
            case JsonValueKind.Array when element.GetArrayLength() >= 3 && element[0].ValueKind == JsonValueKind.String
                && element[1].ValueKind == JsonValueKind.Number:
                return element[0].GetString() is { } name && !name.StartsWith("_CONSTANT", StringComparison.Ordinal) ? [name] : [];
            case JsonValueKind.Array:
                return element.EnumerateArray().SelectMany(e => References(e));
            case JsonValueKind.Object when element.Property("keras_history") is { } history:
                return References(history);
            case JsonValueKind.Object:
                return element.EnumerateObject().SelectMany(p => References(p.Value));
            default:
                return [];
        }
    }

    private int?[] Shape(JsonElement root, JsonElement config, (KerasLayer Layer, JsonElement Json) first)
    {
        JsonElement? shape = first.Layer.Find("batch_input_shape") ?? first.Layer.Find("batch_shape")
            ?? config.Property("build_input_shape")
            ?? first.Json.Property("build_config")?.Property("input_shape") ?? root.Property("build_config")?.Property("input_shape");
        if (shape is not { ValueKind: JsonValueKind.Array } sizes || sizes.GetArrayLength() < 2)
            throw new InputException($"{_path}: does not say what shape its input has; save the model after it was trained or built");
        return [.. sizes.EnumerateArray().Skip(1).Select(s => s.ValueKind switch
        {
            JsonValueKind.Null => (int?)null,
            JsonValueKind.Number when s.TryGetInt32(out int size) && size > 0 => size,
            _ => throw Broken($"has an input of the shape {KerasLayer.Show(sizes)}"),
        })];
    }

    private string Text(JsonElement element, string key) => element.Text(key) ?? throw Broken($"lacks a {key}");

    private InputException Broken(string what) =>
        new($"{_path}: the description of its layers {what}; save the model again with model.save");

    // As keras/src/utils/naming.py does it.
    private static string SnakeCase(string name) => SecondWord().Replace(FirstWord().Replace(NoWord().Replace(name, ""), "$1_$2"), "$1_$2")
        .ToLowerInvariant();

    [GeneratedRegex(@"\W+")]
    private static partial Regex NoWord();

    [GeneratedRegex("(.)([A-Z][a-z]+)")]
    private static partial Regex FirstWord();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex SecondWord();
}
