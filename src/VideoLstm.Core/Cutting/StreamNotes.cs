using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Cutting;

/// <summary>What a container says of one of its tracks.</summary>
/// <param name="Tags">Such as its language and title, by name.</param>
/// <param name="Disposition">What it is for, as ffmpeg's option takes it; 0 if nothing is said.</param>
internal sealed record StreamNotes(IReadOnlyList<(string Name, string Value)> Tags, string Disposition)
{
    private const int LongestValue = 1000;

    // The others are numbers that a cut makes wrong, or name the program that wrote the file.
    private static readonly string[] Kept = ["language", "title", "handler_name", "creation_time", "stereo_mode"];

    private static readonly string[] Purposes =
        ["default", "dub", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "visual_impaired", "clean_effects",
            "captions", "descriptions", "metadata"];

    /// <summary>Reads them.</summary>
    public static StreamNotes Of(JsonElement stream)
    {
        (string, string)[] tags = [.. TagsOf(stream)
            .Where(t => Kept.Contains(t.Name, StringComparer.OrdinalIgnoreCase) && t.Value.Length <= LongestValue)];
        string[] purposes = stream.Property("disposition") is { } said ? [.. Purposes.Where(p => said.Integer(p) == 1)] : [];
        return new StreamNotes(tags, purposes.Length > 0 ? string.Join('+', purposes) : "0");
    }

    /// <summary>All tags of a stream, a chapter or a file.</summary>
    public static IEnumerable<(string Name, string Value)> TagsOf(JsonElement element) =>
        element.Property("tags") is { ValueKind: JsonValueKind.Object } tags
            ? tags.EnumerateObject().Where(t => t.Value.ValueKind == JsonValueKind.String).Select(t => (t.Name, t.Value.GetString()!))
            : [];

    /// <summary>ffmpeg's arguments that say it of a track of the output.</summary>
    /// <param name="kind"><c>v</c>, <c>a</c> or <c>s</c>.</param>
    /// <param name="number">Number of the track among those of its kind.</param>
    public string[] Arguments(string kind, int number)
    {
        string track = Invariant($"{kind}:{number}");
        return [.. Tags.SelectMany(t => (string[])[$"-metadata:s:{track}", $"{t.Name}={t.Value}"]), $"-disposition:{track}", Disposition];
    }
}
