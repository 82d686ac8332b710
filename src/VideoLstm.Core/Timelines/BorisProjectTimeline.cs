using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// A project of BORIS (format 7.0, its config.py and project_functions.py): JSON with the ethogram and observations, whose events are
/// <c>[time, subject, behaviour, modifiers, comment, frame]</c>, seconds to the millisecond. Two events of one state are its start and its
/// end. Written is one observation of state events, with comments that give probabilities; BORIS imports it into another project too
/// ("Import observations"). Points are left out when a project is read, and that is said. Names are exact, but for half a surrogate pair.
/// </summary>
/// <param name="extension"><c>.boris</c>, or <c>.boris.gz</c>, compressed.</param>
internal sealed class BorisProjectTimeline(string extension) : JsonFormat(extension, 1000)
{
    // From start to end, for BORIS.
    private static readonly int[] Whole = [0, 0];

    private const string State = "State event", Observation = "vlstm";

    public override bool Is(JsonElement root) =>
        root.Property("observations") is { ValueKind: JsonValueKind.Object } && root.Property("behaviors_conf") is not null;

    protected override Timeline Read(TimelineText text, JsonElement root)
    {
        text.Unit = "event";
        if (!Is(root))
            throw new InputException($"{text.Path}: expected `behaviors_conf` and `observations`, as a project of BORIS has");
        var behaviors = new Dictionary<string, (string Category, bool IsState)>(StringComparer.Ordinal);
        foreach (JsonElement behavior in Values(root, "behaviors_conf"))
        {
            if (behavior.Text("code") is { } code)
                behaviors[code] = (behavior.Text("category") ?? "",
                    behavior.Text("type")?.StartsWith("State", StringComparison.OrdinalIgnoreCase) == true);
        }
        var found = new BorisObservation();
        int number = 0;
        foreach (JsonProperty observation in root.Property("observations")!.Value.EnumerateObject())
        {
            string? video = VideoOf(text, observation);
            // In the order of time: BORIS sorts them when it saves, not every program that writes such files.
            foreach (JsonElement entry in observation.Value.Items("events").OrderBy(e => Item(e, 0) is { } t ? Time(t) ?? 0 : 0))
                ReadEvent(
                    text, found, (observation.Name, video, Number(observation.Value, "time offset") ?? 0), behaviors, entry, number++);
        }
        return found.ToTimeline(text);
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        string video = timeline.Video ?? "video";
        double end = timeline.Segments.Count > 0 ? timeline.Segments[^1].End : 0,
            length = timeline is { Frames: { } frames, Fps: { } rate } ? Math.Max(frames / rate, end) : end;
        Dictionary<string, double> Media(double value) => new() { [video] = value };
        writer.WriteLine(JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["time_format"] = "hh:mm:ss", ["project_date"] = "", ["project_name"] = Observation, ["project_description"] = "",
                ["project_format_version"] = "7.0", ["subjects_conf"] = new { },
                ["behaviors_conf"] = timeline.Segments.Select(s => s.Class).Distinct(StringComparer.Ordinal).Index().ToDictionary(
                    c => c.Index.ToString(CultureInfo.InvariantCulture), c => Behavior(c.Item)),
                ["observations"] = new Dictionary<string, object>
                {
                    [Observation] = new Dictionary<string, object>
                    {
                        ["file"] = Enumerable.Range(1, 8).ToDictionary(
                            p => p.ToString(CultureInfo.InvariantCulture), p => p == 1 ? new[] { video } : []),
                        ["type"] = "MEDIA", ["date"] = "", ["description"] = "", ["time offset"] = 0.0,
                        ["events"] = timeline.Segments.SelectMany(Events), ["observation time interval"] = Whole,
                        ["independent_variables"] = new { }, ["visualize_spectrogram"] = false, ["visualize_waveform"] = false,
                        ["close_behaviors_between_videos"] = false,
                        ["media_info"] = new Dictionary<string, object>
                        {
                            ["length"] = Media(Math.Round(length, 3)), ["fps"] = Media(timeline.Fps ?? 0),
                            ["hasVideo"] = new Dictionary<string, bool> { [video] = true },
                            ["hasAudio"] = new Dictionary<string, bool> { [video] = false },
                            ["offset"] = new Dictionary<string, double> { ["1"] = 0 },
                        },
                    },
                },
                ["behavioral_categories"] = Array.Empty<string>(), ["behavioral_categories_config"] = new { },
                ["independent_variables"] = new { }, ["coding_map"] = new { }, ["behaviors_coding_map"] = Array.Empty<string>(),
                ["converters"] = new { },
            },
            Readable));
    }

    private static Dictionary<string, object> Behavior(string code) => new()
    {
        ["type"] = State, ["key"] = "", ["code"] = code, ["description"] = "", ["color"] = "", ["category"] = "",
        ["modifiers"] = new { }, ["excluded"] = "", ["coding map"] = "",
    };

    private static object[][] Events(Segment segment)
    {
        string comment = segment.Probability is { } probability ? Invariant($"probability {probability:0.###}") : "";
        return
        [
            [Math.Round(segment.Start, 3), "", segment.Class, "", comment, "NA"],
            [Math.Round(segment.End, 3), "", segment.Class, "", "", "NA"],
        ];
    }

    private static IEnumerable<JsonElement> Values(JsonElement element, string key) =>
        element.Property(key) is { ValueKind: JsonValueKind.Object } values ? values.EnumerateObject().Select(p => p.Value) : [];

    private static JsonElement? Item(JsonElement element, int index) =>
        element.ValueKind == JsonValueKind.Array && index < element.GetArrayLength() ? element[index] : null;

    private static string? VideoOf(TimelineText text, JsonProperty observation)
    {
        string[] files = observation.Value.Property("file") is { } players
            ? [.. players.Items("1").Select(f => f.ToString())]
            : [];
        // Its events count on from one to the next, and how long each is, only BORIS knows for sure.
        if (files.Length > 1)
            throw new InputException($"{text.Path}: the observation {Printable.Quote(observation.Name)} plays {files.Length} videos one "
                + "after another; expected one");
        return files.Length == 1 ? files[0] : observation.Name;
    }

    private static void ReadEvent(TimelineText text, BorisObservation found, (string Name, string? Video, double Offset) observation,
        Dictionary<string, (string Category, bool IsState)> behaviors, JsonElement entry, int number)
    {
        if (Item(entry, 0) is not { } first || Time(first) is not { } time
            || Item(entry, 2) is not { ValueKind: JsonValueKind.String } behavior)
            throw new InputException($"{text.Place(number)}: expected an array of time, subject, behaviour, found {Shown(entry)}");
        string code = behavior.GetString()!;
        (string category, bool isState) = behaviors.GetValueOrDefault(code, ("", true));
        var what = new BorisEvent(observation.Name, observation.Video, Item(entry, 1)?.ToString() ?? "", code, category,
            Item(entry, 3)?.ToString() ?? "");
        // What a user set the clock to at the start of the video.
        time -= observation.Offset;
        if (isState)
            found.Toggle(what, time, number);
        else
            found.Add(what, time, time, number);
    }

    // Some versions write decimals as texts.
    private static double? Time(JsonElement time) => time.ValueKind switch
    {
        JsonValueKind.Number when time.TryGetDouble(out double value) && double.IsFinite(value) => value,
        JsonValueKind.String => TimelineText.Number(time.GetString()!),
        _ => null,
    };
}
