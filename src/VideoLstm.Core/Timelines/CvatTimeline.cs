using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VideoLstm.Core.Formats.Xml;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// CVAT's XML 1.1 (its documentation, "CVAT for video" and "CVAT for images"; dataset_manager/formats/cvat.py): frames from 0. A
/// <c>track</c> has a shape where it changes, and is there until one that is <c>outside</c>; a <c>tag</c> is of the frame of its
/// <c>image</c>, or of the one that it names. A tier is a label: what is tracked twice at a time is there once. Written are tracks of a
/// small box in the corner, since CVAT has no stretches without a shape. Names are exact, but for what XML cannot hold.
/// </summary>
internal sealed partial class CvatTimeline() : XmlFormat(".cvat.xml", 1_000_000, "annotations")
{
    private static readonly string[] Shapes =
        ["box", "polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton"];

    protected override Timeline Read(TimelineText text, XElement root)
    {
        double fps = text.Fps ?? throw NoRate(text);
        XElement? meta = root.Element("meta");
        Dictionary<string, string> tasks = meta is null ? [] : meta.Descendants("task").Where(t => t.Element("id") is not null)
            .GroupBy(t => t.Element("id")!.Value, StringComparer.Ordinal)
            .ToDictionary(t => t.Key, t => t.First().Element("source")?.Value ?? t.First().Element("name")?.Value ?? t.Key,
                StringComparer.Ordinal);
        // Of a task that leaves frames out, each frame stands for those behind it.
        long step = meta?.Descendants("frame_filter").Select(f => Step().Match(f.Value)).FirstOrDefault(m => m.Success) is { } match
            ? long.Parse(match.Groups["step"].ValueSpan, CultureInfo.InvariantCulture) : 1;
        long? last = Whole(meta?.Descendants("stop_frame").FirstOrDefault()?.Value)
            ?? Whole(meta?.Descendants("size").FirstOrDefault()?.Value) - 1;
        var stretches = new List<(string? Video, string Label, double First, double End, int Line)>();
        string? VideoOf(XElement element) => Value(element, "task_id") is { } id ? tasks.GetValueOrDefault(id, id) : null;

        foreach (XElement track in root.Elements("track"))
            stretches.AddRange(Stretches(text, track, last + 1).Select(s => (VideoOf(track), Label(text, track), s.First, s.End, s.Line)));
        var tags = new List<(string? Video, string Label, double First, double End, int Line)>();
        foreach (XElement tag in root.Elements("tag").Concat(root.Elements("image").Elements("tag")))
        {
            XElement holder = tag.Attribute("frame") is null && tag.Parent!.Name.LocalName == "image" ? tag.Parent : tag;
            long frame = Frame(text, holder, holder == tag ? "frame" : "id");
            tags.Add((VideoOf(holder), Label(text, tag), frame, frame + step, Line(tag)));
        }
        foreach (var ofLabel in tags.GroupBy(s => (s.Video, s.Label)))
            stretches.AddRange(Joined(ofLabel.Select(s => (s.First, s.End, s.Line)), joinsNeighbours: true)
                .Select(s => (ofLabel.Key.Video, ofLabel.Key.Label, s.First, s.End, s.Line)));
        foreach (var ofLabel in stretches.GroupBy(s => (s.Video, s.Label)))
        {
            (text.Video, text.Tier) = ofLabel.Key;
            foreach ((double first, double end, int line) in Joined(ofLabel.Select(s => (s.First, s.End, s.Line)), joinsNeighbours: false))
                text.Add(first / fps, end / fps, (ofLabel.Key.Label, null), line);
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        long Frame(double seconds) => (long)Math.Round(seconds * fps);
        long frames = Math.Max(timeline.Frames ?? 0, timeline.Segments.Count > 0 ? Frame(timeline.Segments[^1].End) : 0);
        XElement Box(long frame, bool outside) => new("box", new XAttribute("frame", frame), new XAttribute("keyframe", 1),
            new XAttribute("outside", outside ? 1 : 0), new XAttribute("occluded", 0),
            new XAttribute("xtl", "0.00"), new XAttribute("ytl", "0.00"),
            new XAttribute("xbr", "16.00"), new XAttribute("ybr", "16.00"), new XAttribute("z_order", 0));
        SafeXml.Write(writer, new XElement("annotations",
            new XElement("version", "1.1"),
            new XElement("meta", new XElement("task",
                new XElement("name", FileName(timeline.Video) ?? "video"), new XElement("size", frames),
                new XElement("mode", "interpolation"),
                new XElement("overlap", 0), new XElement("start_frame", 0), new XElement("stop_frame", Math.Max(0, frames - 1)),
                new XElement("labels", timeline.Segments.Select(s => SafeXml.Clean(s.Class)).Distinct(StringComparer.Ordinal).Select(
                    label => new XElement("label", new XElement("name", label), new XElement("type", "rectangle"),
                        new XElement("attributes")))))),
            timeline.Segments.Where(s => Frame(s.End) > Frame(s.Start)).Select((s, i) => new XElement("track",
                new XAttribute("id", i), new XAttribute("label", SafeXml.Clean(s.Class)), new XAttribute("source", "auto"),
                Box(Frame(s.Start), outside: false), Frame(s.End) < frames ? Box(Frame(s.End), outside: true) : null))));
    }

    private static string Label(TimelineText text, XElement element) =>
        Value(element, "label") is { } label ? label.Length > 0 ? label : Segment.Unknown : throw Broken(text, element, "a label");

    private static long Frame(TimelineText text, XElement element, string attribute) =>
        Whole(Value(element, attribute)) is >= 0 and { } frame ? frame
            : throw Broken(text, element, $"the number of a frame as `{attribute}`");

    private static IEnumerable<(double First, double End, int Line)> Stretches(TimelineText text, XElement track, long? frames)
    {
        long? first = null;
        foreach ((XElement shape, long frame) in track.Elements().Where(e => Shapes.Contains(e.Name.LocalName))
            .Select(e => (e, Frame(text, e, "frame"))).OrderBy(e => e.Item2))
        {
            bool isOutside = Value(shape, "outside") == "1";
            if (!isOutside)
                first ??= frame;
            else if (first is { } begun)
            {
                yield return (begun, frame, Line(track));
                first = null;
            }
        }
        if (first is { } rest)
            yield return (rest, frames > rest ? frames.Value : double.PositiveInfinity, Line(track));
    }

    private static IEnumerable<(double First, double End, int Line)> Joined(
        IEnumerable<(double First, double End, int Line)> stretches, bool joinsNeighbours)
    {
        (double First, double End, int Line)? open = null;
        foreach ((double First, double End, int Line) next in stretches.OrderBy(s => s.First))
        {
            if (open is { } before && (next.First < before.End || (joinsNeighbours && next.First <= before.End)))
            {
                open = before with { End = Math.Max(before.End, next.End) };
                continue;
            }
            if (open is { } done)
                yield return done;
            open = next;
        }
        if (open is { } last)
            yield return last;
    }

    [GeneratedRegex(@"step\s*=\s*(?<step>[1-9][0-9]{0,5})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Step();
}
