using System.Globalization;
using System.Xml.Linq;
using VideoLstm.Core.Formats.Xml;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// The XML of Final Cut Pro 7 ("Final Cut Pro XML Interchange Format", version 5), which Premiere Pro and Resolve read and write: frames of
/// <c>rate</c>, a <c>timebase</c> that is 1000/1001 of itself where <c>ntsc</c> is true. A label is a clip in a track, its name the class,
/// or a marker; a tier is a track of video, or all markers. Written is one track of clips. Text is that of <see cref="LabelText"/>, without
/// characters that XML cannot hold.
/// </summary>
/// <param name="extension"><c>.xml</c>, or <c>.xmeml</c>.</param>
internal sealed class XmemlTimeline(string extension) : XmlFormat(extension, 1_000_000, "xmeml")
{
    private const string Markers = "markers";

    protected override Timeline Read(TimelineText text, XElement root)
    {
        // Of a sequence in another one, the outer one tells.
        XElement[] sequences = [.. root.Descendants("sequence").Where(s => !s.Ancestors("clipitem").Any())];
        if (sequences.Length == 0)
            sequences = [.. root.Descendants("clip").Where(s => !s.Ancestors("clip").Any())];
        foreach (XElement sequence in sequences)
        {
            double fps = Rate(text, sequence);
            text.Video = sequences.Length > 1 ? sequence.Element("name")?.Value ?? Value(sequence, "id") : null;
            ReadMarkers(text, sequence, 0, fps);
            if (sequence.Name.LocalName == "clip")
                continue;
            foreach ((int i, XElement track) in sequence.Elements("media").Elements("video").Elements("track").Index())
                ReadTrack(text, track, Invariant($"V{i + 1}"), fps);
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        (int nominal, bool isNtsc) = FrameRates.Nominal(fps);
        long Frame(double seconds) => (long)Math.Round(seconds * fps);
        long total = Math.Max(timeline.Frames ?? 0, timeline.Segments.Count > 0 ? Frame(timeline.Segments[^1].End) : 0);
        string video = FileName(timeline.Video) ?? "video";
        XElement Rate() => new("rate", new XElement("timebase", nominal), new XElement("ntsc", isNtsc ? "TRUE" : "FALSE"));
        XElement Clip(Segment segment, int index) => new("clipitem", new XAttribute("id", Invariant($"clipitem-{index + 1}")),
            new XElement("name", SafeXml.Clean(LabelText.Compose(segment))), new XElement("duration", total), Rate(),
            new XElement("start", Frame(segment.Start)), new XElement("end", Frame(segment.End)),
            new XElement("in", Frame(segment.Start)), new XElement("out", Frame(segment.End)),
            new XElement("file", new XAttribute("id", "file-1"), index > 0 ? null : new object[]
            {
                new XElement("name", video), new XElement("pathurl", Address(timeline.Video)), Rate(), new XElement("duration", total),
                new XElement("media", new XElement("video")),
            }));
        SafeXml.Write(
            writer,
            new XElement("xmeml", new XAttribute("version", "5"),
                new XElement("sequence", new XAttribute("id", "sequence-1"), new XElement("name", video), new XElement("duration", total),
                    Rate(), new XElement("media", new XElement("video", new XElement("track",
                        timeline.Segments.Where(s => Frame(s.End) > Frame(s.Start)).Select(Clip)))))),
            "xmeml");
    }

    private static double Rate(TimelineText text, XElement sequence)
    {
        XElement rate = sequence.Element("rate") ?? sequence.Elements("timecode").Elements("rate").FirstOrDefault()
            ?? throw Broken(text, sequence, "a rate");
        if (Number(rate.Element("timebase")?.Value) is not (>= 1 and <= 1000 and { } timebase))
            throw Broken(text, rate, "a timebase of 1 to 1000");
        return FrameRates.Counted(
            "TRUE".Equals(rate.Element("ntsc")?.Value.Trim(), StringComparison.OrdinalIgnoreCase) ? timebase / 1.001 : timebase, text.Fps);
    }

    private static void ReadTrack(TimelineText text, XElement track, string tier, double fps)
    {
        XElement[] items = [.. track.Elements().Where(e => e.Name.LocalName is "clipitem" or "generatoritem" or "transitionitem")];
        foreach ((int i, XElement item) in items.Index())
        {
            if (item.Name.LocalName == "transitionitem")
                continue;
            // A border in a transition is not said, but -1.
            double? start = Frames(item, "start") is >= 0 and { } first ? first : i > 0 ? Middle(items[i - 1]) : null,
                end = Frames(item, "end") is >= 0 and { } last ? last : i + 1 < items.Length ? Middle(items[i + 1]) : null;
            if (start is null || end is null)
                throw Broken(text, item, "frames as start and end");
            string name = item.Element("name")?.Value ?? item.Element("file")?.Element("name")?.Value ?? "";
            text.Tier = tier;
            text.AddText(start.Value / fps, end.Value / fps, name, Line(item));
            ReadMarkers(text, item, start.Value - (Frames(item, "in") is >= 0 and { } from ? from : 0), fps);
        }
    }

    private static double? Middle(XElement transition) =>
        transition.Name.LocalName == "transitionitem" && Frames(transition, "start") is { } start && Frames(transition, "end") is { } end
            ? (start + end) / 2 : null;

    private static void ReadMarkers(TimelineText text, XElement item, double origin, double fps)
    {
        text.Tier = Markers;
        foreach (XElement marker in item.Elements("marker"))
        {
            double start = Frames(marker, "in") ?? throw Broken(text, marker, "a frame as `in`");
            double end = Frames(marker, "out") is { } last && last > start ? last : start;
            string name = marker.Element("name")?.Value.Trim() is { Length: > 0 } own ? own : marker.Element("comment")?.Value ?? "";
            text.AddMarker((origin + start) / fps, (end - start) / fps, 1 / fps, name, Line(marker));
        }
    }

    private static double? Frames(XElement item, string name) => Number(item.Element(name)?.Value);
}
