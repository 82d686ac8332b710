using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Tasks of Label Studio as JSON (its documentation, "Export annotations" and the tag TimelineLabels): a list of tasks, each with
/// <c>data</c> and results of <c>annotations</c> or <c>predictions</c>. A result of the type <c>timelinelabels</c> counts frames from 1,
/// the last one included; those of audio, <c>labels</c>, have seconds. Written is a prediction, which is imported as labels to correct; the
/// rate stands beside the video in <c>data</c>, since Label Studio does not keep it. A tier is a control of the labelling interface
/// (<c>from_name</c>), of one of several annotators. JSON-MIN is read too.
/// </summary>
internal sealed class LabelStudioTimeline() : JsonFormat(".labelstudio.json", 1_000_000)
{
    private const string Timeline = "timelinelabels";

    public override bool Is(JsonElement root) => Tasks(root).FirstOrDefault() is { ValueKind: JsonValueKind.Object } task
        && (Annotations(task).Any() || MinimalRegions(task).Any());

    protected override Timeline Read(TimelineText text, JsonElement root)
    {
        text.Unit = "region";
        if (!Is(root) && Tasks(root).Any())
            throw new InputException($"{text.Path}: expected a list of tasks with `annotations` or `predictions`, found {Shown(root)}");
        int number = 0;
        foreach (JsonElement task in Tasks(root))
        {
            JsonElement data = task.Property("data") ?? task;
            double? fps = Rate(data) ?? text.Fps;
            text.Video = VideoOf(task, data);
            JsonElement[] annotations = [.. Annotations(task)];
            foreach ((int i, JsonElement annotation) in annotations.Index())
            {
                foreach (JsonElement result in annotation.Items("result"))
                {
                    string control = result.Text("from_name") ?? "labels";
                    text.Tier = annotations.Length == 1 ? control : $"{control} of {Author(annotation, i)}";
                    if (result.Property("value") is { } value)
                        ReadRegion(text, value, result.Text("type"), (Number(result, "score"), fps), number++);
                }
            }
            foreach ((string control, JsonElement region) in MinimalRegions(task))
            {
                text.Tier = control;
                ReadRegion(text, region, null, (null, fps), number++);
            }
        }
        return text.ToTimeline() with { Fps = Tasks(root).Select(t => Rate(t.Property("data") ?? t)).FirstOrDefault() ?? text.Fps };
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        var result = new List<Dictionary<string, object>>();
        foreach ((int i, Segment segment) in timeline.Segments.Index())
        {
            long first = (long)Math.Round(segment.Start * fps) + 1, last = (long)Math.Round(segment.End * fps);
            if (last < first)
                continue;
            var region = new Dictionary<string, object>
            {
                ["id"] = Invariant($"r{i + 1}"), ["type"] = Timeline, ["from_name"] = "videoLabels", ["to_name"] = "video",
                ["value"] = new Dictionary<string, object>
                {
                    ["ranges"] = new[] { new { start = first, end = last } }, [Timeline] = new[] { segment.Class },
                },
            };
            if (segment.Probability is { } probability)
                region["score"] = probability;
            result.Add(region);
        }
        writer.WriteLine(JsonSerializer.Serialize(
            new[]
            {
                new { data = new { video = timeline.Video ?? "", fps }, predictions = new[] { new { model_version = "vlstm", result } } },
            },
            Readable));
    }

    private static IEnumerable<JsonElement> Tasks(JsonElement root) => root.ValueKind == JsonValueKind.Array
        ? root.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.Object)
        : root.ValueKind == JsonValueKind.Object ? [root] : [];

    // What people said counts; predictions, where nobody has.
    private static IEnumerable<JsonElement> Annotations(JsonElement task)
    {
        // Before 1.0 they were completions.
        JsonElement[] said = [.. task.Items("annotations").Concat(task.Items("completions"))
            .Where(a => a.Property("result") is { ValueKind: JsonValueKind.Array }
                && a.Property("was_cancelled") is not { ValueKind: JsonValueKind.True })];
        return said.Length > 0 ? said
            : task.Items("predictions").Where(p => p.Property("result") is { ValueKind: JsonValueKind.Array });
    }

    // In JSON-MIN a control is a field of the task, and its regions are their values.
    private static IEnumerable<(string Control, JsonElement Region)> MinimalRegions(JsonElement task) =>
        task.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array)
            .SelectMany(p => p.Value.EnumerateArray().Where(r => r.Property(Timeline) is not null).Select(r => (p.Name, r)));

    private static double? Rate(JsonElement data) =>
        (Number(data, "fps") ?? Number(data, "frameRate") ?? Number(data, "framerate")) is > 0 and <= 100_000 and var fps ? fps : null;

    // An uploaded file has eight digits of its hash before its name.
    private static string? VideoOf(JsonElement task, JsonElement data)
    {
        string? path = data.Text("video") ?? data.Text("video_url") ?? task.Text("file_upload")
            ?? (data.ValueKind == JsonValueKind.Object
                ? data.EnumerateObject().Select(p => p.Value).Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString())
                    .FirstOrDefault()
                : null);
        if (path is null)
            return task.Property("id") is { } id ? $"task {Printable.Short(id.ToString(), 60)}" : null;
        string name = path[(path.LastIndexOf('/') + 1)..];
        return path.Contains("/upload/", StringComparison.Ordinal) && name.IndexOf('-', StringComparison.Ordinal) == 8 ? name[9..] : path;
    }

    private static string Author(JsonElement annotation, int index)
    {
        JsonElement? author = annotation.Property("completed_by") is { ValueKind: JsonValueKind.Object } person
            ? person.Property("email") ?? person.Property("id")
            : annotation.Property("completed_by") ?? annotation.Property("id");
        return author is { } value ? Printable.Short(value.ToString(), 60) : (index + 1).ToString(CultureInfo.InvariantCulture);
    }

    private static void ReadRegion(TimelineText text, JsonElement value, string? type, (double? Score, double? Fps) known, int number)
    {
        bool countsFrames = value.Property(Timeline) is not null;
        // What is drawn into pictures, and answers to questions.
        if (!countsFrames && type is not (null or "labels" or "paragraphlabels"))
            return;
        string[] labels = [.. (countsFrames ? value.Items(Timeline) : value.Items("labels")).Select(l => l.ToString())];
        if (labels.Length > 1)
            throw new InputException($"{text.Place(number)}: expected one label, found {TierChoice.Listed(labels)}");
        double? probability = known.Score is >= 0 and <= 1 ? known.Score : null;
        string label = labels is [{ Length: > 0 } one] ? one : Segment.Unknown;
        if (!countsFrames)
        {
            if (Seconds(value, "start") is not { } start || Seconds(value, "end") is not { } end)
                throw new InputException($"{text.Place(number)}: expected `start` and `end` in seconds, found {Shown(value)}");
            text.Add(start, end, (label, probability), number);
            return;
        }
        if (known.Fps is not { } fps)
            throw NoRate(text);
        foreach (JsonElement range in value.Items("ranges"))
        {
            if (Number(range, "start") is not { } first || Number(range, "end") is not { } last || last < first)
                throw new InputException($"{text.Place(number)}: expected `ranges` of a first and a last frame, found {Shown(range)}");
            // Older files count the first frame as 0 or 1.
            text.Add(Math.Max(first - 1, 0) / fps, last / fps, (label, probability), number);
        }
    }

    private static double? Seconds(JsonElement value, string key) => Number(value, key) ?? TimelineText.Number(value.Text(key) ?? "");
}
