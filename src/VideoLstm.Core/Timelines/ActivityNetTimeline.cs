using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// What the ActivityNet challenge trains with and judges ("ActivityNet: evaluation", get_detection_performance.py; THUMOS14 and HACS are
/// published so too): <c>{"version", "taxonomy", "database": {"&lt;video&gt;": {"duration", "subset", "annotations": [{"segment":
/// [start, end], "label"}]}}}</c>, seconds. Read are also results, <c>{"results": {"&lt;video&gt;": [{"segment", "label", "score"}]}}</c>.
/// A file may be of many videos: the one whose name is that of the video is taken. Names are exact, but for half a surrogate pair.
/// </summary>
internal sealed class ActivityNetTimeline() : JsonFormat(".activitynet.json", 1_000_000)
{
    public override bool Is(JsonElement root) =>
        root.Property("database") is { ValueKind: JsonValueKind.Object } || root.Property("results") is { ValueKind: JsonValueKind.Object };

    protected override Timeline Read(TimelineText text, JsonElement root)
    {
        text.Unit = "annotation";
        JsonElement videos = root.Property("database") ?? root.Property("results")
            ?? throw new InputException($"{text.Path}: expected an object `database` with the annotations of videos");
        if (videos.ValueKind != JsonValueKind.Object)
            throw new InputException($"{text.Path}: expected an object `database` with the annotations of videos, found {Shown(videos)}");
        int number = 0;
        foreach (JsonProperty video in videos.EnumerateObject())
        {
            text.Video = video.Name;
            IEnumerable<JsonElement> annotations = video.Value.ValueKind == JsonValueKind.Array
                ? video.Value.EnumerateArray()
                : video.Value.Items("annotations");
            foreach (JsonElement annotation in annotations)
                ReadAnnotation(text, annotation, number++);
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        string video = Path.GetFileNameWithoutExtension(timeline.Video) is { Length: > 0 } stem ? stem : "video";
        double end = timeline.Segments.Count > 0 ? timeline.Segments[^1].End : 0;
        double duration = timeline is { Frames: { } frames, Fps: { } fps } ? Math.Max(frames / fps, end) : end;
        writer.WriteLine(JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["version"] = "VERSION 1.3",
                ["taxonomy"] = Array.Empty<object>(),
                ["database"] = new Dictionary<string, object>
                {
                    [video] = new
                    {
                        duration = Math.Round(duration, 6),
                        subset = "testing",
                        annotations = timeline.Segments.Select(Annotation),
                    },
                },
            },
            Readable));
    }

    private static Dictionary<string, object> Annotation(Segment segment)
    {
        var annotation = new Dictionary<string, object>
        {
            ["segment"] = new[] { Math.Round(segment.Start, 6), Math.Round(segment.End, 6) }, ["label"] = segment.Class,
        };
        if (segment.Probability is { } probability)
            annotation["score"] = probability;
        return annotation;
    }

    private static void ReadAnnotation(TimelineText text, JsonElement annotation, int number)
    {
        double?[] times = [.. annotation.Items("segment").Take(3).Select(TimeOf)];
        if (times is not [{ } start, { } end])
            throw new InputException($"{text.Place(number)}: expected `segment`, an array of start and end, found {Shown(annotation)}");
        string label = annotation.Text("label")
            ?? throw new InputException($"{text.Place(number)}: has no `label`, which is a text");
        double? score = Number(annotation, "score");
        // Some write logits.
        text.Add(start, end, (label.Length > 0 ? label : Segment.Unknown, score is >= 0 and <= 1 ? score : null), number);
    }

    private static double? TimeOf(JsonElement time) =>
        time.ValueKind == JsonValueKind.Number && time.TryGetDouble(out double value) && double.IsFinite(value) ? value : null;
}
