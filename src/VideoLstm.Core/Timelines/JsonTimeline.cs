using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// JSON, for programs: <c>{"video", "fps", "frames", "segments": [{"start", "end", "class", "probability"}]}</c>, times in seconds to
/// the microsecond, null for what is not known. Fields that are not ours are passed over; comments and trailing commas, which people leave,
/// are taken. Names are exact, but for half a surrogate pair, which is U+FFFD.
/// </summary>
internal sealed class JsonTimeline : TimelineFormat
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public override string Extension => ".json";

    public override int ClockRate => 1_000_000;

    public override Timeline Read(TimelineText text)
    {
        JsonDocument document;
        try
        {
            document = JsonText.Parse(text.Text, Lenient);
        }
        catch (JsonException e)
        {
            int line = (int)(e.LineNumber ?? 0);
            throw new InputException($"{text.Place(line)}: is no JSON ({TimelineText.Shorten(e.Message.Split(". LineNumber")[0], 200)})", e);
        }
        using (document)
            return Read(text, document.RootElement);
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        writer.WriteLine("{");
        writer.WriteLine($"  \"video\": {Quote(timeline.Video)},");
        writer.WriteLine($"  \"fps\": {Exact(timeline.Fps)},");
        writer.WriteLine($"  \"frames\": {timeline.Frames?.ToString(CultureInfo.InvariantCulture) ?? "null"},");
        writer.Write("  \"segments\": [");
        string separator = "";
        foreach (Segment segment in timeline.Segments)
        {
            writer.WriteLine(separator);
            writer.Write($"    {{\"start\": {Seconds(segment.Start)}, \"end\": {Seconds(segment.End)}, \"class\": {Quote(segment.Class)}, \"probability\": {Exact(segment.Probability)}}}");
            separator = ",";
        }
        writer.WriteLine(timeline.Segments.Count > 0 ? "\n  ]" : "]");
        writer.WriteLine("}");
    }

    /// <summary>Seconds to the microsecond, as short as they are.</summary>
    internal static string Seconds(double seconds) => seconds.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>A number of which nothing is lost.</summary>
    internal static string Exact(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "null";

    private static Timeline Read(TimelineText text, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("segments", out JsonElement segments) || segments.ValueKind != JsonValueKind.Array)
            throw new InputException($"{text.Path}: expected an object with an array `segments`");
        int number = 0;
        foreach (JsonElement segment in segments.EnumerateArray())
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{text.Path}, segment {++number}");
            if (segment.ValueKind != JsonValueKind.Object)
                throw new InputException($"{place}: expected an object with start, end and class, found {Shown(segment)}");
            double start = Number(segment, "start", place) ?? throw new InputException($"{place}: has no `start`, which is a number of seconds");
            double end = Number(segment, "end", place) ?? throw new InputException($"{place}: has no `end`, which is a number of seconds");
            string name = Text(segment, "class", place) ?? throw new InputException($"{place}: has no `class`, which is a text");
            text.Add(start, end, (name.Length > 0 ? name : Segment.Unknown, Number(segment, "probability", place)), place);
        }
        double? fps = Number(root, "fps", text.Path), frames = Number(root, "frames", text.Path);
        if (fps is <= 0)
            throw new InputException($"{text.Path}: expected a rate above 0 as `fps`, found {Exact(fps)}");
        if (frames is { } count && !(count >= 0 && count < long.MaxValue && count == Math.Floor(count)))
            throw new InputException($"{text.Path}: expected a whole number as `frames`, found {Exact(frames)}");
        return text.ToTimeline() with { Video = Text(root, "video", text.Path), Fps = fps ?? text.Fps, Frames = (long?)frames };
    }

    private static double? Number(JsonElement element, string key, string place)
    {
        if (!element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw new InputException($"{place}: expected a number as `{key}`, found {Shown(value)}");
    }

    private static string? Text(JsonElement element, string key, string place)
    {
        if (!element.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new InputException($"{place}: expected a text as `{key}`, found {Shown(value)}");
    }

    private static string Shown(JsonElement value) => $"`{TimelineText.Shorten(value.GetRawText())}`";

    private static string Quote(string? text) => JsonSerializer.Serialize(text, Readable);
}
