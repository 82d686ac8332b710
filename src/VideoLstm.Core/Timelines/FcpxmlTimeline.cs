using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VideoLstm.Core.Formats.Xml;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Final Cut Pro's XML (Apple's "FCPXML Reference"): times are fractions of a second, those of what is in a clip are the clip's own. A
/// label is a clip in the story line, its name the class, a keyword over a range, or a marker. A tier is the story line, a lane of clips
/// connected to it, all keywords, or all markers. Written is version 1.8, a story line of clips and gaps at whole frames, which Resolve
/// reads too. Text is that of <see cref="LabelText"/>, without characters that XML cannot hold.
/// </summary>
internal sealed partial class FcpxmlTimeline() : XmlFormat(".fcpxml", 1_000_000, "fcpxml")
{
    private const string StoryLine = "storyline", Markers = "markers", Keywords = "keywords";

    private static readonly string[] Clips =
        ["asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "video", "audio", "title", "caption", "spine", "gap", "audition"];

    protected override Timeline Read(TimelineText text, XElement root)
    {
        double frame = text.Fps is > 0 and { } fps ? 1 / fps : root.Descendants("format")
            .Select(f => Parse(Value(f, "frameDuration"))).FirstOrDefault(d => d > 0) ?? 1.0 / 24;
        XElement[] sequences = [.. root.Descendants("project").Elements("sequence")];
        if (sequences.Length == 0)
            sequences = [.. root.Descendants("sequence")];
        foreach (XElement sequence in sequences)
        {
            text.Video = sequences.Length > 1 ? Value(sequence.Parent!, "name") ?? "" : null;
            foreach (XElement spine in sequence.Elements("spine"))
                ReadSpine(text, spine, -(Time(text, sequence, "tcStart") ?? 0), frame, StoryLine);
        }
        // Clips of the browser, on their own clock.
        if (sequences.Length == 0)
        {
            foreach (XElement clip in root.Descendants("event").Concat([root]).Elements().Where(e => Clips.Contains(e.Name.LocalName)))
            {
                text.Video = Value(clip, "name");
                ReadInside(text, clip, 0, frame);
            }
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        Rational rate = FrameRates.Of(timeline.Fps ?? throw NoRate(name));
        long Frame(double seconds) => (long)Math.Round(seconds * timeline.Fps.Value);
        string Length(long frames) => frames == 0 ? "0s" : Invariant($"{(Int128)frames * rate.Denominator}/{rate.Numerator}s");
        long total = Math.Max(timeline.Frames ?? 0, timeline.Segments.Count > 0 ? Frame(timeline.Segments[^1].End) : 0);
        string video = FileName(timeline.Video) ?? "video";
        var spine = new XElement("spine");
        long at = 0;
        foreach (Segment segment in timeline.Segments.Where(s => Frame(s.End) > Frame(s.Start)))
        {
            (long start, long end) = (Frame(segment.Start), Frame(segment.End));
            if (start > at)
                spine.Add(new XElement("gap", new XAttribute("name", "Gap"), new XAttribute("offset", Length(at)),
                    new XAttribute("duration", Length(start - at)), new XAttribute("start", "0s")));
            spine.Add(new XElement("asset-clip", new XAttribute("ref", "r2"),
                new XAttribute("name", SafeXml.Clean(LabelText.Compose(segment))),
                new XAttribute("offset", Length(start)), new XAttribute("start", Length(start)),
                new XAttribute("duration", Length(end - start)),
                new XAttribute("format", "r1"), new XAttribute("tcFormat", "NDF")));
            at = end;
        }
        SafeXml.Write(
            writer,
            new XElement("fcpxml", new XAttribute("version", "1.8"),
                new XElement("resources",
                    new XElement("format", new XAttribute("id", "r1"), new XAttribute("frameDuration", Length(1))),
                    new XElement("asset", new XAttribute("id", "r2"), new XAttribute("name", video),
                        new XAttribute("src", Address(timeline.Video)),
                        new XAttribute("start", "0s"), new XAttribute("duration", Length(total)), new XAttribute("hasVideo", "1"),
                        new XAttribute("format", "r1"))),
                new XElement("event", new XAttribute("name", video),
                    new XElement("project", new XAttribute("name", video),
                        new XElement("sequence", new XAttribute("format", "r1"), new XAttribute("duration", Length(at)),
                            new XAttribute("tcStart", "0s"), new XAttribute("tcFormat", "NDF"), spine)))),
            "fcpxml");
    }

    // What is in a story line lies one behind the other, where no offset is said.
    private static void ReadSpine(TimelineText text, XElement spine, double origin, double frame, string tier)
    {
        double next = 0;
        foreach (XElement item in spine.Elements().Where(e => Clips.Contains(e.Name.LocalName)))
        {
            double offset = Time(text, item, "offset") ?? next, length = Length(text, item);
            ReadClip(text, item, origin + offset, length, frame, tier);
            next = offset + length;
        }
    }

    private static void ReadClip(TimelineText text, XElement clip, double start, double length, double frame, string tier)
    {
        string kind = clip.Name.LocalName;
        if (kind == "audition")
        {
            if (clip.Elements().FirstOrDefault(e => Clips.Contains(e.Name.LocalName)) is { } chosen)
                ReadClip(text, chosen, start, Length(text, chosen), frame, tier);
            return;
        }
        if (kind == "spine")
        {
            ReadSpine(text, clip, start, frame, tier);
            return;
        }
        if (kind != "gap")
        {
            text.Tier = tier;
            text.AddText(start, start + length, Value(clip, "name") ?? "", Line(clip));
        }
        ReadInside(text, clip, start, frame);
    }

    private static void ReadInside(TimelineText text, XElement clip, double at, double frame)
    {
        // The clock of a clip of the browser begins with it.
        double origin = at - (Time(text, clip, "start") ?? 0);
        foreach (XElement item in clip.Elements())
        {
            string kind = item.Name.LocalName;
            if (kind is "marker" or "chapter-marker")
            {
                text.Tier = Markers;
                text.AddMarker(origin + (Time(text, item, "start") ?? 0), Time(text, item, "duration") ?? 0, frame,
                    Value(item, "value") ?? "", Line(item));
            }
            else if (kind == "keyword")
            {
                text.Tier = Keywords;
                double start = origin + (Time(text, item, "start") ?? Time(text, clip, "start") ?? 0);
                text.AddText(start, start + (Time(text, item, "duration") ?? Length(text, clip)), Value(item, "value") ?? "", Line(item));
            }
            else if (item.Attribute("lane") is { } lane && kind != "audio" && Clips.Contains(kind))
            {
                ReadClip(text, item, origin + (Time(text, item, "offset") ?? 0), Length(text, item), frame, $"lane {lane.Value}");
            }
        }
    }

    private static double Length(TimelineText text, XElement item) => Time(text, item, "duration") ?? item.Name.LocalName switch
    {
        "spine" => item.Elements().Where(e => Clips.Contains(e.Name.LocalName))
            .Select(e => (Time(text, e, "offset") ?? 0) + Length(text, e)).DefaultIfEmpty(0).Max(),
        "audition" => item.Elements().Where(e => Clips.Contains(e.Name.LocalName)).Select(e => Length(text, e)).FirstOrDefault(),
        _ => AssetLength(text, item),
    };

    // A clip without a length has that of its media.
    private static double AssetLength(TimelineText text, XElement item) =>
        item.Document is null && Value(item, "ref") is { } id && item.AncestorsAndSelf().Last().Elements("resources").Elements()
            .FirstOrDefault(r => Value(r, "id") == id) is { } asset
            && (Time(text, asset, "duration")
                ?? asset.Elements("sequence").Select(s => Time(text, s, "duration")).FirstOrDefault()) is { } length
            ? length : throw Broken(text, item, "a duration");

    private static double? Time(TimelineText text, XElement element, string attribute) => Value(element, attribute) is not { } value ? null
        : Parse(value) ?? throw Broken(text, element, $"a time like 1001/30000s as `{attribute}`");

    private static double? Parse(string? time)
    {
        Match match = Fraction().Match(time ?? "");
        if (!match.Success)
            return null;
        double numerator = double.Parse(match.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups["d"].Success ? numerator / double.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture) : numerator;
    }

    [GeneratedRegex(@"^\s*(?<n>-?[0-9]{1,20}(\.[0-9]{1,20})?)(/(?<d>[1-9][0-9]{0,14}))?s?\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Fraction();
}
