using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>What a classifier is, apart from its weights. Any recipe ignores what it has no use for. What is in no file and no run's
/// name yet is nullable, and <see cref="JsonIgnoreCondition.WhenWritingNull"/>.</summary>
/// <param name="Recipe">Name of the recipe, one of <see cref="Recipes.All"/>.</param>
/// <param name="SequenceLength">Frames of a sequence.</param>
/// <param name="Features">Features of a frame; for recipes that see frames themselves, 0.</param>
/// <param name="Classes">Classes to tell apart.</param>
public sealed record ModelSpec(string Recipe, int SequenceLength, int Features, int Classes)
{
    /// <summary>Height of the pictures that the network sees, pixels; 0 where it sees features.</summary>
    public int Height { get; init; }

    /// <summary>Their width, pixels.</summary>
    public int Width { get; init; }

    /// <summary>Units of the recurrent layers; null: the recipe's own number.</summary>
    public int? Units { get; init; }

    /// <summary>Recurrent layers, one above the other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Recurrent layers read the sequence from both ends.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>The gates of LSTMs are Keras' hard_sigmoid, as in Keras before 2.3.</summary>
    public bool HardSigmoid { get; init; }

    /// <summary>The layers of a <see cref="SequentialModel"/>; null for the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerSpec>? Sequential { get; init; }

    /// <summary>How wide MobileNet is: 1 as published, or 0.25, 0.5, 0.75.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>
    /// How many of MobileNet's last layers training changes, counted as Keras counts them; null: the recipe's own number.
    /// </summary>
    public int? TrainableLayers { get; init; }

    /// <summary>Of which year's source the network is, where the source has changed; null: the first that was here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Edition { get; init; }

    /// <summary>The options, in the order in which files and the command line have them.</summary>
    public static IReadOnlyList<ModelOption> Options { get; } =
    [
        new(nameof(Units), "units", typeof(int), s => s.Units, (s, v) => s with { Units = (int?)v })
        {
            Help = "Units of its layers [default: the recipe's]", Range = (1, Checkpoint.MostUnits),
        },
        new(nameof(Layers), "layers", typeof(int), s => s.Layers, (s, v) => s with { Layers = (int)v! })
        {
            Help = "Recurrent layers of lstm, one above the other [default: 1]", Range = (1, Checkpoint.MostLayers),
        },
        new(nameof(Bidirectional), "bidirectional", typeof(bool), s => s.Bidirectional, (s, v) => s with { Bidirectional = (bool)v! })
        {
            Help = "Recurrent layers of lstm and gru read the sequence from both ends",
        },
        new(nameof(HardSigmoid), "hard_sigmoid", typeof(bool), s => s.HardSigmoid, (s, v) => s with { HardSigmoid = (bool)v! }),
        new(nameof(Alpha), "alpha", typeof(double), s => s.Alpha, (s, v) => s with { Alpha = (double)v! })
        {
            Values = [0.25, 0.5, 0.75, 1],
        },
        new(nameof(TrainableLayers), "trainable_layers", typeof(int), s => s.TrainableLayers,
            (s, v) => s with { TrainableLayers = (int?)v })
        {
            Help = $"For the mobilenet recipes: how many of MobileNet's last layers are trained, as Keras counts them " +
                $"[default: {MobileNetGruModel.TrainableLayers}, {MobileNetModel.TrainableLayers} for mobilenet]",
            Range = (0, 1000),
        },
        new(nameof(Edition), "edition", typeof(int), s => s.Edition, (s, v) => s with { Edition = (int?)v }) { Range = (2015, 2100) },
    ];

    /// <summary>What is chosen, for a classifier's file.</summary>
    internal JsonObject OptionsToJson() => new(Options.Where(o => o.Get(this) is not null)
        .Select(o => KeyValuePair.Create(o.Key, JsonSerializer.SerializeToNode(o.Get(this), o.Type))));

    /// <summary>The same with what a file says was chosen; null: one of the values cannot be.</summary>
    /// <param name="said">By names in snake_case; what is not said stays.</param>
    internal ModelSpec? With(JsonObject said)
    {
        ModelSpec chosen = this;
        foreach (ModelOption option in Options.Where(o => said.ContainsKey(o.Key)))
        {
            JsonNode? node = said[option.Key];
            object? value = Value(node as JsonValue, option.Type);
            bool isLeftOut = node is null && option.Get(this) is null;
            if (!isLeftOut && (value is null || !option.Allows(value)))
                return null;
            chosen = option.Set(chosen, value);
        }
        return chosen;
    }

    /// <summary>The specification of a recipe for sequences of some kind, with the recipe's own choices.</summary>
    public static ModelSpec Of(Recipe recipe, SequenceSpec sequences, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(sequences);
        return recipe.SeesFrames
            ? new ModelSpec(recipe.Name, sequences.Length, 0, classes)
            {
                Height = sequences.Height, Width = sequences.Width, Edition = recipe.Edition,
            }
            : new ModelSpec(recipe.Name, sequences.Length, sequences.Features, classes);
    }

    private static object? Value(JsonValue? said, Type type) =>
        type == typeof(bool) ? said?.TryGetValue(out bool flag) == true ? flag : null
        : type == typeof(double) ? said?.TryGetValue(out double number) == true ? number : null
        : said?.TryGetValue(out int count) == true ? count : null;
}
