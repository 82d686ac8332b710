using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>What a classifier is, apart from its weights. Any recipe ignores what it has no use for.</summary>
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

    /// <summary>The same with what a file says was chosen; null: one of the values is of another kind than it must be.</summary>
    /// <param name="said">By names in snake_case, as the serializer writes them; what is not said stays.</param>
    internal ModelSpec? With(JsonObject said)
    {
        bool fits = true;
        ModelSpec chosen = this with
        {
            Units = said.ContainsKey("units") ? Optional("units") : Units,
            Layers = Value("layers", Layers),
            Bidirectional = Value("bidirectional", Bidirectional),
            HardSigmoid = Value("hard_sigmoid", HardSigmoid),
            Alpha = Value("alpha", Alpha),
            TrainableLayers = said.ContainsKey("trainable_layers") ? Optional("trainable_layers") : TrainableLayers,
        };
        return fits ? chosen : null;

        T Value<T>(string key, T own)
        {
            if (!said.TryGetPropertyValue(key, out JsonNode? node))
                return own;
            if (node is JsonValue value && value.TryGetValue(out T? found))
                return found;
            fits = false;
            return own;
        }

        int? Optional(string key) => said[key] is null ? null : Value(key, 0);
    }

    /// <summary>Whether what was chosen is within bounds that no network comes near.</summary>
    internal bool IsPossible =>
        Units is null or (>= 1 and <= Checkpoint.MostUnits) && Layers is >= 1 and <= Checkpoint.MostLayers
            && Alpha is 0.25 or 0.5 or 0.75 or 1
        && TrainableLayers is null or (>= 0 and <= 1000);

    /// <summary>The specification of a recipe for sequences of some kind, with the recipe's own choices.</summary>
    public static ModelSpec Of(Recipe recipe, SequenceSpec sequences, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(sequences);
        return recipe.SeesFrames
            ? new ModelSpec(recipe.Name, sequences.Length, 0, classes) { Height = sequences.Height, Width = sequences.Width }
            : new ModelSpec(recipe.Name, sequences.Length, sequences.Features, classes);
    }
}
