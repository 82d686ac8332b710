using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Xml;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Projects of programs that edit with MLT (its "XML" format, mlt-xml.dtd). Kdenlive keeps guides as JSON in a property,
/// <c>[{"pos", "duration", "comment", "type"}]</c>, frames (its markerlistmodel.cpp; ranges since 25.08); Shotcut has properties
/// <c>text</c>, <c>start</c> and <c>end</c> of each marker, on a clock of milliseconds (its markersmodel.cpp). A tier is the guides, or the
/// markers of a clip. A marker without a length lasts until the next. Written is the video in one track, with guides (<c>.kdenlive</c>) or
/// with markers of Shotcut's (<c>.mlt</c>). Text is that of <see cref="LabelText"/>, without characters that XML cannot hold.
/// </summary>
/// <param name="extension"><c>.kdenlive</c>, or <c>.mlt</c>.</param>
internal sealed class MltTimeline(string extension) : XmlFormat(extension, 1000, "mlt")
{
    private const string Shotcut = "shotcut:markers", ClipMarkers = "kdenlive:markers", DocumentGuides = "kdenlive:docproperties.guides",
        SequenceGuides = "kdenlive:sequenceproperties.guides", Guides = "guides", Markers = "markers";

    protected override Timeline Read(TimelineText text, XElement root)
    {
        double fps = Rate(text, root);
        XElement[] properties = [.. root.Descendants("property")];
        // Newer versions keep those of each sequence, and those of the project for older ones.
        string guides = properties.Any(p => Value(p, "name") == SequenceGuides) ? SequenceGuides : DocumentGuides;
        foreach (XElement property in properties)
        {
            if (Value(property, "name") is not { } name || (name != guides && name != ClipMarkers))
                continue;
            text.Tier = name == guides ? Guides
                : Property(property.Parent!, "kdenlive:clipname") is { Length: > 0 } clip ? $"{Markers} of {clip}" : Markers;
            ReadGuides(text, property, fps);
        }
        foreach (XElement marker in root.Descendants("properties").Where(p => Value(p, "name") == Shotcut).Elements("properties"))
        {
            text.Tier = Markers;
            double start = Time(text, marker, "start", fps), end = Time(text, marker, "end", fps);
            text.AddMarker(start, end - start, 0, Property(marker, "text") ?? "", Line(marker));
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        Rational rate = FrameRates.Of(fps);
        long Frame(double seconds) => (long)Math.Round(seconds * fps);
        long frames = Math.Max(1, Math.Max(timeline.Frames ?? 0, timeline.Segments.Count > 0 ? Frame(timeline.Segments[^1].End) : 0));
        bool isKdenlive = Extension == ".kdenlive";
        XElement Of(string key, object value) => new("property", new XAttribute("name", key), value);
        string Text(Segment segment) => SafeXml.Clean(LabelText.Compose(segment));
        // Its own clock counts milliseconds of frames at the rate of the profile.
        string Clock(long frame) => ClockTime.Format(frame / rate.Value, 1000, '.', 2);

        XAttribute Range(string key, long frame) => new(key, frame);
        Segment[] segments = [.. timeline.Segments.Where(s => Frame(s.End) > Frame(s.Start))];
        string guides = JsonSerializer.Serialize(
            segments.Select(s => new { pos = Frame(s.Start), duration = Frame(s.End) - Frame(s.Start), comment = Text(s), type = 0 }));
        var producer = new XElement("producer", new XAttribute("id", "video"), Range("in", 0), Range("out", frames - 1),
            Of("length", frames), Of("resource", SafeXml.Clean(timeline.Video ?? "video")), Of("mlt_service", "avformat"),
            isKdenlive ? Of("kdenlive:id", 2) : null);
        XElement Entry() => new("entry", new XAttribute("producer", "video"), Range("in", 0), Range("out", frames - 1),
            isKdenlive ? Of("kdenlive:id", 2) : null);
        SafeXml.Write(writer, new XElement("mlt", new XAttribute("LC_NUMERIC", "C"), new XAttribute("version", "7.0.0"),
            new XAttribute("title", FileName(timeline.Video) ?? "video"), new XAttribute("producer", isKdenlive ? "main_bin" : "tractor0"),
            new XElement("profile", new XAttribute("description", "video"), new XAttribute("width", 1920), new XAttribute("height", 1080),
                new XAttribute("progressive", 1), new XAttribute("sample_aspect_num", 1), new XAttribute("sample_aspect_den", 1),
                new XAttribute("display_aspect_num", 16), new XAttribute("display_aspect_den", 9), new XAttribute("colorspace", 709),
                new XAttribute("frame_rate_num", rate.Numerator), new XAttribute("frame_rate_den", rate.Denominator)),
            producer,
            new XElement("playlist", new XAttribute("id", isKdenlive ? "main_bin" : "main bin"),
                isKdenlive ? new object[] { Of("kdenlive:docproperties.version", "1.04"), Of(DocumentGuides, guides) } : null,
                Of("xml_retain", 1), Entry()),
            new XElement("playlist", new XAttribute("id", "playlist0"), isKdenlive ? null : Of("shotcut:video", 1), Entry()),
            new XElement("tractor", new XAttribute("id", "tractor0"), Range("in", 0), Range("out", frames - 1),
                isKdenlive ? null : new object[]
                {
                    Of("shotcut", 1),
                    new XElement("properties", new XAttribute("name", Shotcut), segments.Select((s, i) => new XElement("properties",
                        new XAttribute("name", i), Of("text", Text(s)), Of("start", Clock(Frame(s.Start))), Of("end", Clock(Frame(s.End))),
                        Of("color", "#008000")))),
                },
                new XElement("track", new XAttribute("producer", "playlist0")))));
    }

    private static double Rate(TimelineText text, XElement root)
    {
        XElement? profile = root.Descendants("profile").FirstOrDefault();
        double? stated = Number(Value(profile ?? root, "frame_rate_num")) / Number(Value(profile ?? root, "frame_rate_den"));
        return stated is > 0.001 and < 100_000 and { } rate ? FrameRates.Counted(rate, text.Fps)
            : text.Fps ?? throw Broken(text, profile ?? root, "a profile with frame_rate_num and frame_rate_den");
    }

    private static string? Property(XElement holder, string name) =>
        holder.Elements("property").FirstOrDefault(p => Value(p, "name") == name)?.Value;

    private static void ReadGuides(TimelineText text, XElement property, double fps)
    {
        if (string.IsNullOrWhiteSpace(property.Value))
            return;
        try
        {
            using JsonDocument document = JsonText.Parse(property.Value);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw Broken(text, property, "a list of guides");
            foreach (JsonElement guide in document.RootElement.EnumerateArray())
            {
                if (guide.Property("pos") is not { ValueKind: JsonValueKind.Number } at || !at.TryGetDouble(out double position))
                    throw Broken(text, property, "guides with a number of a frame as `pos`");
                double length = guide.Property("duration") is { ValueKind: JsonValueKind.Number } range
                    && range.TryGetDouble(out double frames) ? frames : 0;
                text.AddMarker(position / fps, length / fps, 0, guide.Text("comment") ?? "", Line(property));
            }
        }
        catch (JsonException e)
        {
            throw new InputException($"{text.Place(Line(property))}: the guides are no JSON "
                + $"({Printable.Short(e.Message.Split(". LineNumber")[0], 200)})", e);
        }
    }

    // A clock, a time code, or the number of a frame.
    private static double Time(TimelineText text, XElement marker, string key, double fps)
    {
        string value = Property(marker, key) ?? throw Broken(text, marker, $"a property `{key}`");
        return (value.AsSpan().Count(':') == 3 ? Timecode.Parse(value, FrameRates.Nominal(fps).Nominal, drop: false) / fps : null)
            ?? ClockTime.Parse(value) ?? Whole(value) / fps ?? throw Broken(text, marker, $"a time as `{key}`");
    }
}
