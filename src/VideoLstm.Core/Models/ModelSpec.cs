using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>What a classifier is, apart from its weights. A property with <see cref="DisplayAttribute"/> is an option of recipes: its
/// name, its words on the command line (none: it follows from the weights that a training begins with) and its bounds stand there
/// alone. What is in no file and no run's name yet is nullable, and <see cref="JsonIgnoreCondition.WhenWritingNull"/>.</summary>
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
    [Display(Description = "Units of its layers [default: the recipe's]"), Range(1, Checkpoint.MostUnits)]
    public int? Units { get; init; }

    /// <summary>Recurrent layers, one above the other.</summary>
    [Display(Description = "Recurrent layers of lstm, one above the other [default: 1]"), Range(1, Checkpoint.MostLayers)]
    public int Layers { get; init; } = 1;

    /// <summary>Recurrent layers read the sequence from both ends.</summary>
    [Display(Description = "Recurrent layers of lstm and gru read the sequence from both ends")]
    public bool Bidirectional { get; init; }

    /// <summary>The gates of LSTMs are Keras' hard_sigmoid, as in Keras before 2.3.</summary>
    [Display]
    public bool HardSigmoid { get; init; }

    /// <summary>The layers of a <see cref="SequentialModel"/>; null for the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerSpec>? Sequential { get; init; }

    /// <summary>How wide MobileNet is: 1 as published, or 0.25, 0.5, 0.75.</summary>
    [Display, AllowedValues(0.25, 0.5, 0.75, 1.0)]
    public double Alpha { get; init; } = 1;

    /// <summary>
    /// How many of MobileNet's last layers training changes, counted as Keras counts them; null: the recipe's own number.
    /// </summary>
    [Display(Description =
        "For mobilenet-gru: how many of its last layers are trained, as Keras counts them [default: 9]"), Range(0, 1000)]
    public int? TrainableLayers { get; init; }

    /// <summary>The options, in the order in which files and the command line have them.</summary>
    public static IReadOnlyList<PropertyInfo> Options { get; } =
        [.. typeof(ModelSpec).GetProperties().Where(p => p.IsDefined(typeof(DisplayAttribute)))];

    private static string Key(PropertyInfo option) => JsonNamingPolicy.SnakeCaseLower.ConvertName(option.Name);

    /// <summary>What is chosen, for a classifier's file.</summary>
    internal JsonObject OptionsToJson() => new(Options.Where(o => o.GetValue(this) is not null)
        .Select(o => KeyValuePair.Create(Key(o), JsonSerializer.SerializeToNode(o.GetValue(this), o.PropertyType))));

    /// <summary>The same with what a file says was chosen; null: one of the values cannot be.</summary>
    /// <param name="said">By names in snake_case; what is not said stays.</param>
    internal ModelSpec? With(JsonObject said)
    {
        ModelSpec chosen = this with { };
        foreach (PropertyInfo option in Options.Where(o => said.ContainsKey(Key(o))))
        {
            Type? optional = Nullable.GetUnderlyingType(option.PropertyType);
            JsonNode? node = said[Key(option)];
            object? value = Value(node as JsonValue, optional ?? option.PropertyType);
            bool isLeftOut = node is null && optional is not null;
            if (!isLeftOut && (value is null || !option.GetCustomAttributes<ValidationAttribute>().All(a => a.IsValid(value))))
                return null;
            option.SetValue(chosen, value);
        }
        return chosen;
    }

    /// <summary>The specification of a recipe for sequences of some kind, with the recipe's own choices.</summary>
    public static ModelSpec Of(Recipe recipe, SequenceSpec sequences, int classes)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(sequences);
        return recipe.SeesFrames
            ? new ModelSpec(recipe.Name, sequences.Length, 0, classes) { Height = sequences.Height, Width = sequences.Width }
            : new ModelSpec(recipe.Name, sequences.Length, sequences.Features, classes);
    }

    private static object? Value(JsonValue? said, Type type) =>
        type == typeof(bool) ? said?.TryGetValue(out bool flag) == true ? flag : null
        : type == typeof(double) ? said?.TryGetValue(out double number) == true ? number : null
        : said?.TryGetValue(out int count) == true ? count : null;
}
