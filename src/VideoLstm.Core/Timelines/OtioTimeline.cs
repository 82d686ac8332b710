using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// OpenTimelineIO (its documentation, "File Format Specification" and the schemas Timeline.1, Stack.1, Track.1, Clip.2, Gap.1, Marker.2):
/// JSON, times as a number of frames and their rate. A label is a clip in a track of video, its name the class, or a marker; a tier is a
/// track, or all markers. Written is one track of clips and gaps, with the probability in the metadata, as Clip.1, which every version
/// reads. Names are exact, but for half a surrogate pair. Where there are tracks of video, those of audio are passed over.
/// </summary>
internal sealed class OtioTimeline() : JsonFormat(".otio", 1_000_000)
{
    private const string Schema = "OTIO_SCHEMA", Markers = "markers", Own = "vlstm";

    // Compositions in compositions; the parser allows no more than 64 levels in all.
    private const int Deepest = 30;

    public override bool Is(JsonElement root) => root.Text(Schema) is not null;

    protected override Timeline Read(TimelineText text, JsonElement root)
    {
        text.Unit = "item";
        JsonElement timeline = Kind(root) == "SerializableCollection" ? Only(text, root) : root;
        JsonElement stack = Kind(timeline) == "Timeline" ? timeline.Property("tracks") ?? timeline : timeline;
        if (Kind(stack) is not ("Stack" or "Track"))
            throw new InputException($"{text.Path}: expected a Timeline, Stack or Track, found "
                + $"{Printable.Quote(root.Text(Schema) ?? "nothing")}");
        JsonElement[] tracks = Kind(stack) == "Track" ? [stack] : [.. stack.Items("children").Where(c => Kind(c) == "Track")];
        var reading = new Reading(text);
        if (Kind(stack) == "Stack")
            reading.ReadMarkers(stack, 0, Range(stack, "source_range")?.Start ?? 0);
        bool hasVideo = tracks.Any(t => t.Text("kind") != "Audio");
        foreach ((int i, JsonElement track) in tracks.Where(t => !hasVideo || t.Text("kind") != "Audio").Index())
            reading.ReadTrack(track, track.Text("name") is { Length: > 0 } name ? name
                : Invariant($"{track.Text("kind") ?? "Video"} {i + 1}"));
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        long Frame(double seconds) => (long)Math.Round(seconds * fps);
        Dictionary<string, object?> Time(long frames) => Of("RationalTime.1", ("rate", fps), ("value", (double)frames));
        Dictionary<string, object?> TimeRange(long start, long end) =>
            Of("TimeRange.1", ("start_time", Time(start)), ("duration", Time(end - start)));
        Dictionary<string, object?> Item(string schema, string called, long start, long end, Segment? segment) => Of(schema,
            ("metadata", segment?.Probability is { } probability
                ? new Dictionary<string, object> { [Own] = new Dictionary<string, object> { ["probability"] = probability } }
                : new Dictionary<string, object>()),
            ("name", called), ("source_range", TimeRange(start, end)), ("effects", Array.Empty<object>()),
            (Markers, Array.Empty<object>()));

        var children = new List<Dictionary<string, object?>>();
        long at = 0, frames = Math.Max(timeline.Frames ?? 0, timeline.Segments.Count > 0 ? Frame(timeline.Segments[^1].End) : 0);
        foreach (Segment segment in timeline.Segments.Where(s => Frame(s.End) > Frame(s.Start)))
        {
            (long start, long end) = (Frame(segment.Start), Frame(segment.End));
            if (start > at)
                children.Add(Item("Gap.1", "", 0, start - at, null));
            Dictionary<string, object?> clip = Item("Clip.1", segment.Class, start, end, segment);
            clip["media_reference"] = timeline.Video is { } video
                ? Of("ExternalReference.1", ("metadata", new { }), ("name", ""), ("available_range", TimeRange(0, frames)),
                    ("target_url", video))
                : Of("MissingReference.1", ("metadata", new { }), ("name", ""), ("available_range", null));
            children.Add(clip);
            at = end;
        }
        Dictionary<string, object?> track = Of("Track.1", ("metadata", new { }), ("name", "labels"), ("kind", "Video"),
            ("source_range", null),
            ("effects", Array.Empty<object>()), (Markers, Array.Empty<object>()), ("children", children));
        Dictionary<string, object?> stack = Of("Stack.1", ("metadata", new { }), ("name", "tracks"), ("source_range", null),
            ("effects", Array.Empty<object>()), (Markers, Array.Empty<object>()), ("children", new[] { track }));
        writer.WriteLine(JsonSerializer.Serialize(
            Of("Timeline.1", ("metadata", new { }), ("name", Path.GetFileNameWithoutExtension(timeline.Video) ?? Own),
                ("global_start_time", null), ("tracks", stack)),
            Readable));
    }

    private static Dictionary<string, object?> Of(string schema, params (string Key, object? Value)[] fields)
    {
        var found = new Dictionary<string, object?> { [Schema] = schema };
        foreach ((string key, object? value) in fields)
            found[key] = value;
        return found;
    }

    private static string Kind(JsonElement element) => (element.Text(Schema) ?? "").Split('.')[0];

    private static JsonElement Only(TimelineText text, JsonElement collection)
    {
        JsonElement[] timelines = [.. collection.Items("children").Where(c => Kind(c) == "Timeline")];
        return timelines.Length == 1 ? timelines[0]
            : throw new InputException($"{text.Path}: expected a collection of one timeline, found {timelines.Length}");
    }

    private static double? Seconds(JsonElement? time) => time is { } value && Number(value, "rate") is > 0 and { } rate
        ? Number(value, "value") / rate : null;

    private static (double Start, double Length)? Range(JsonElement element, string key) => element.Property(key) is { } range
        && Seconds(range.Property("start_time")) is { } start && Seconds(range.Property("duration")) is { } length ? (start, length) : null;

    // Where the media of a clip begins and how long it is; Clip.2 has several, by name.
    private static (double Start, double Length)? Media(JsonElement clip)
    {
        JsonElement? reference = clip.Property("media_reference")
            ?? clip.Property("media_references")?.Property(clip.Text("active_media_reference_key") ?? "DEFAULT_MEDIA");
        return reference is { } media ? Range(media, "available_range") : null;
    }

    private sealed class Reading(TimelineText text)
    {
        private int _items;

        public void ReadTrack(JsonElement track, string tier)
        {
            (double cut, double length) = Range(track, "source_range") ?? (0, double.PositiveInfinity);
            ReadMarkers(track, 0, cut);
            double at = -cut;
            foreach (JsonElement child in track.Items("children"))
            {
                int number = _items++;
                // A transition lies over two clips, and takes no time of its own.
                if (Kind(child) == "Transition")
                    continue;
                double duration = Length(text, child, number, 0);
                ReadMarkers(child, at, (Range(child, "source_range") ?? Media(child))?.Start ?? 0);
                text.Tier = tier;
                if (Kind(child) != "Gap" && Math.Min(at + duration, length) > Math.Max(at, 0))
                {
                    double? probability = child.Property("metadata")?.Property(Own) is { } own
                        && Number(own, "probability") is >= 0 and <= 1 and { } p
                        ? p : null;
                    text.Add(Math.Max(at, 0), Math.Min(at + duration, length),
                        (child.Text("name") is { Length: > 0 } name ? name : Segment.Unknown, probability), number);
                }
                at += duration;
            }
        }

        // Their times are those of the item that they are on.
        public void ReadMarkers(JsonElement item, double at, double origin)
        {
            text.Tier = Markers;
            foreach (JsonElement marker in item.Items(Markers))
            {
                int number = _items++;
                (double start, double length) = Range(marker, "marked_range")
                    ?? throw new InputException($"{text.Place(number)}: expected a marker with a `marked_range`, found {Shown(marker)}");
                double frame = 1 / (Number(marker.Property("marked_range")!.Value.Property("duration")!.Value, "rate") ?? 1);
                text.AddMarker(at + start - origin, length, frame, marker.Text("name") ?? "", number);
            }
        }

        private static double Length(TimelineText text, JsonElement item, int number, int depth)
        {
            if (depth > Deepest)
                throw new InputException($"{text.Place(number)}: is nested too deeply");
            double? length = Range(item, "source_range")?.Length ?? Kind(item) switch
            {
                "Clip" => Media(item)?.Length,
                "Track" => item.Items("children").Where(c => Kind(c) != "Transition").Sum(c => Length(text, c, number, depth + 1)),
                "Stack" => item.Items("children").Select(c => Length(text, c, number, depth + 1)).DefaultIfEmpty(0).Max(),
                _ => null,
            };
            return length is >= 0 ? length.Value
                : throw new InputException($"{text.Place(number)}: expected an item with a `source_range`, found {Shown(item)}");
        }
    }
}
