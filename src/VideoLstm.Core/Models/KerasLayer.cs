using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Models;

/// <summary>A layer of a Keras model as its configuration describes it.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Name">What the model calls it.</param>
/// <param name="Class">Keras' class.</param>
/// <param name="Config">Its settings.</param>
/// <param name="SavedName">What Keras 3 calls it among the weights: the class and, from the second on, its number.</param>
internal sealed record KerasLayer(string Path, string Name, string Class, JsonElement Config, string SavedName)
{
    /// <summary>A setting; null where it is not there or null.</summary>
    public JsonElement? Find(string key) => Config.Property(key);

    /// <summary>A switch.</summary>
    public bool Flag(string key, bool missing = false) => Find(key) switch
    {
        null => missing,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Refused($"{key} is {Show(other)}, expected true or false"),
    };

    /// <summary>A text.</summary>
    public string Text(string key) => Find(key) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { } other => throw Refused($"{key} is {Show(other)}, expected a name that Keras knows"),
        null => throw Refused($"{key} is missing"),
    };

    /// <summary>A whole number of at least 1.</summary>
    public int Number(string key, int most) =>
        Find(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) && value >= 1 && value <= most
            ? value : throw Refused($"{key} is {(Find(key) is { } other ? Show(other) : "missing")}, expected 1 to {most}");

    /// <summary>A real number.</summary>
    public double Real(string key, double missing) => Find(key) switch
    {
        null => missing,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out double value) && double.IsFinite(value) => value,
        { } other => throw Refused($"{key} is {Show(other)}, expected a number"),
    };

    /// <summary>What to throw where a layer is not what we can compute.</summary>
    public InputException Refused(string what) => new($"{Path}: layer `{Short(Name)}` ({Short(Class)}): {what}");

    /// <summary>A value of the configuration, for messages.</summary>
    public static string Show(JsonElement value) => $"`{Short(value.GetRawText())}`";

    /// <summary>Text of the file, for messages.</summary>
    public static string Short(string text) => Printable.Short(text, 60);
}
