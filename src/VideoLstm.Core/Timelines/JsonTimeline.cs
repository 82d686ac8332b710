using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// JSON, for programs: <c>{"video", "fps", "frames", "segments": [{"start", "end", "class", "probability"}],
/// "shots": [{"start", "end"}]}</c>, times in seconds to the microsecond, null for what is not known. Fields that are not ours are passed
/// over, and shots that do not lie one behind the other; comments and trailing commas, which people leave, are taken, and so are JSON5 as
/// LosslessCut's .llc is written, NaN and Infinity, an array without an object around it, other names of the fields
/// (<see cref="TimelineFields"/>), clock times as texts and an open end. Names are exact, but for half a surrogate pair, which is U+FFFD.
/// </summary>
internal sealed class JsonTimeline(string extension) : JsonFormat(extension, 1_000_000)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What the array is called: here, by LosslessCut, in lists of actions.
    private static readonly string[] Lists = ["segments", "cutSegments", "annotations"];

    /// <summary>Also what is of no other format: what it lacks is said.</summary>
    public override bool Is(JsonElement root) => true;

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
            writer.Write(
                $"    {{\"start\": {Seconds(segment.Start)}, \"end\": {Seconds(segment.End)}, \"class\": {Quote(segment.Class)}, "
                    + $"\"probability\": {Exact(segment.Probability)}}}");
            separator = ",";
        }
        writer.Write(timeline.Segments.Count > 0 ? "\n  ]" : "]");
        if (timeline.Shots.Count > 0)
        {
            writer.Write(",\n  \"shots\": [");
            writer.Write(string.Join(
                ",", timeline.Shots.Select(s => $"\n    {{\"start\": {Seconds(s.Start)}, \"end\": {Seconds(s.End)}}}")));
            writer.Write("\n  ]");
        }
        writer.WriteLine();
        writer.WriteLine("}");
    }

    /// <summary>Seconds to the microsecond, as short as they are.</summary>
    internal static string Seconds(double seconds) => seconds.ToString("0.######", CultureInfo.InvariantCulture);

    /// <summary>A number of which nothing is lost.</summary>
    internal static string Exact(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "null";

    protected override Timeline Read(TimelineText text, JsonElement root)
    {
        text.Unit = "segment";
        JsonElement? segments = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root
            : Lists.Select(name => root.Property(name)).FirstOrDefault(list => list is { ValueKind: JsonValueKind.Array });
        if (segments is null)
            throw new InputException($"{text.Path}: expected an object with an array `segments`");
        int number = 0;
        foreach (JsonElement segment in segments.Value.EnumerateArray())
        {
            string place = text.Place(number);
            if (segment.ValueKind != JsonValueKind.Object)
                throw new InputException($"{place}: expected an object with start, end and class, found {Shown(segment)}");
            (JsonElement? start, JsonElement? end, JsonElement? name, JsonElement? probability) = Fields(segment);
            double from = Time(start, "start", place) ?? (number == 0 && end is not null ? 0
                : throw new InputException($"{place}: has no `start`, which is a number of seconds"));
            string label = Text(name, "class", place) ?? throw new InputException($"{place}: has no `class`, which is a text");
            text.Add(from, Time(end, "end", place), (label.Length > 0 ? label : Segment.Unknown, Finite(probability, "probability", place)),
                number);
            number++;
        }
        double? fps = Finite(root.Property("fps"), "fps", text.Path), frames = Finite(root.Property("frames"), "frames", text.Path);
        if (fps is <= 0)
            throw new InputException($"{text.Path}: expected a rate above 0 as `fps`, found {Exact(fps)}");
        if (frames is { } count && !(count >= 0 && count < long.MaxValue && count == Math.Floor(count)))
            throw new InputException($"{text.Path}: expected a whole number as `frames`, found {Exact(frames)}");
        string? video = Text(root.Property("video"), "video", text.Path);
        Shot[] shots = Shots(text, root);
        return text.ToTimeline() with { Video = video, Fps = fps ?? text.Fps, Frames = (long?)frames, Shots = shots };
    }

    private static Shot[] Shots(TimelineText text, JsonElement root)
    {
        if (root.Property("shots") is not { ValueKind: JsonValueKind.Array } list)
            return [];
        var shots = new List<Shot>();
        foreach (JsonElement shot in list.EnumerateArray())
        {
            if (shot.Property("start") is not { ValueKind: JsonValueKind.Number } start || !start.TryGetDouble(out double from)
                || shot.Property("end") is not { ValueKind: JsonValueKind.Number } end || !end.TryGetDouble(out double to)
                || !(from >= (shots.Count > 0 ? shots[^1].End : 0) && from < to && double.IsFinite(to)))
            {
                text.Note(Invariant($"shot {shots.Count + 1} is none, with a start and an end after it; the shots are passed over"));
                return [];
            }
            shots.Add(new Shot(from, to));
        }
        return [.. shots];
    }

    // Of several that mean the same the likeliest.
    private static (JsonElement? Start, JsonElement? End, JsonElement? Class, JsonElement? Probability) Fields(JsonElement segment)
    {
        var ranks = new int[4];
        var found = new JsonElement?[4];
        foreach (JsonProperty property in segment.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null || TimelineFields.Find(property.Name) is not { } field
                || (int)field.Field >= found.Length)
                continue;
            if (found[(int)field.Field] is null || field.Rank < ranks[(int)field.Field])
                (found[(int)field.Field], ranks[(int)field.Field]) = (property.Value, field.Rank);
        }
        return (found[0], found[1], found[2], found[3]);
    }

    private static string? Text(JsonElement? element, string key, string place) => element is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Unfit(value, "a text", key, place);

    private static double? Time(JsonElement? element, string key, string place) => element is not { ValueKind: JsonValueKind.String } text
        ? Finite(element, key, place)
        : text.GetString() is "Infinity" ? double.PositiveInfinity
        : ClockTime.Parse(text.GetString()!) ?? throw Unfit(text, "a number", key, place);

    // NaN is what programs write where there is none.
    private static double? Finite(JsonElement? element, string key, string place)
    {
        if (element is not { } value || (value.ValueKind == JsonValueKind.String && value.GetString() == "NaN"))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Unfit(value, "a number", key, place);
    }

    private static InputException Unfit(JsonElement value, string expected, string key, string place) =>
        new($"{place}: expected {expected} as `{key}`, found {Shown(value)}");

    private static string Quote(string? text) => JsonSerializer.Serialize(text, Plain);
}
