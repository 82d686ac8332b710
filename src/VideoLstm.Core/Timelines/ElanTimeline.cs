using System.Globalization;
using System.Xml.Linq;
using VideoLstm.Core.Formats.Xml;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// An annotation document of ELAN (its schema EAFv3.0): time slots in milliseconds, tiers of annotations between two slots. Annotations
/// that refer to others have the time of these, or their part of it; slots without a time lie evenly between their neighbours. Written is
/// one tier, without probabilities. Names are exact, but for what XML cannot hold: control characters are spaces, half a surrogate pair
/// is U+FFFD.
/// </summary>
internal sealed class ElanTimeline() : XmlFormat(".eaf", 1000, "ANNOTATION_DOCUMENT")
{
    // References that refer to others: more is a circle.
    private const int LongestChain = 20;

    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = "video/mp4", [".m4v"] = "video/mp4", [".mov"] = "video/quicktime", [".mpg"] = "video/mpeg", [".mpeg"] = "video/mpeg",
        [".avi"] = "video/x-msvideo", [".mkv"] = "video/x-matroska", [".webm"] = "video/webm",
    };

    protected override Timeline Read(TimelineText text, XElement root)
    {
        if (root.Element("HEADER") is { } header && Value(header, "TIME_UNITS") is not (null or "milliseconds"))
            throw Broken(text, header, "TIME_UNITS of milliseconds");
        if (root.Descendants("MEDIA_DESCRIPTOR").FirstOrDefault(m => Number(Value(m, "TIME_ORIGIN")) is { } o && o != 0) is { } shifted)
            text.Note($"the video begins {Value(shifted, "TIME_ORIGIN")} ms late on ELAN's clock, which is taken for that of the video");
        Dictionary<string, double> slots = ReadSlots(text, root);
        var times = new Dictionary<string, (double Start, double End)>(StringComparer.Ordinal);
        List<(string Tier, XElement Element)> references = [], all = [];
        foreach (XElement tier in root.Elements("TIER"))
        {
            string name = Value(tier, "TIER_ID") ?? throw Broken(text, tier, "a TIER_ID");
            foreach (XElement annotation in tier.Elements("ANNOTATION").Elements())
            {
                if (annotation.Name.LocalName == "ALIGNABLE_ANNOTATION")
                    times[Id(text, annotation)] = (Slot(text, slots, annotation, "TIME_SLOT_REF1"),
                        Slot(text, slots, annotation, "TIME_SLOT_REF2"));
                else if (annotation.Name.LocalName == "REF_ANNOTATION")
                    references.Add((name, annotation));
                else
                    throw Broken(text, tier, "ALIGNABLE_ANNOTATION or REF_ANNOTATION");
                all.Add((name, annotation));
            }
        }
        Resolve(text, references, times);
        foreach ((string tier, XElement annotation) in all)
        {
            text.Tier = tier;
            string label = annotation.Element("ANNOTATION_VALUE")?.Value ?? "";
            (double start, double end) = times[Id(text, annotation)];
            text.Add(start, end, (label.Length > 0 ? label : Segment.Unknown, null), Line(annotation));
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        long[] times = [.. timeline.Segments.SelectMany(s => new[] { s.Start, s.End }).Select(s => (long)Math.Round(s * ClockRate))];
        SafeXml.Write(writer, new XElement("ANNOTATION_DOCUMENT",
            new XAttribute(XNamespace.Xmlns + "xsi", Instance),
            new XAttribute(Instance + "noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"),
            new XAttribute("AUTHOR", ""), new XAttribute("DATE", "1970-01-01T00:00:00+00:00"), new XAttribute("FORMAT", "3.0"),
            new XAttribute("VERSION", "3.0"),
            new XElement("HEADER", new XAttribute("MEDIA_FILE", ""), new XAttribute("TIME_UNITS", "milliseconds"),
                timeline.Video is null ? null
                : new XElement("MEDIA_DESCRIPTOR", new XAttribute("MEDIA_URL", Address(timeline.Video)),
                    new XAttribute("MIME_TYPE", Types.GetValueOrDefault(Path.GetExtension(timeline.Video), "unknown")),
                    new XAttribute("RELATIVE_MEDIA_URL", $"./{Uri.EscapeDataString(FileName(timeline.Video)!)}"))),
            new XElement("TIME_ORDER", times.Select((t, i) => new XElement("TIME_SLOT",
                new XAttribute("TIME_SLOT_ID", Invariant($"ts{i + 1}")),
                new XAttribute("TIME_VALUE", t.ToString(CultureInfo.InvariantCulture))))),
            new XElement("TIER", new XAttribute("LINGUISTIC_TYPE_REF", "label"), new XAttribute("TIER_ID", "labels"),
                timeline.Segments.Select((s, i) => new XElement("ANNOTATION", new XElement("ALIGNABLE_ANNOTATION",
                    new XAttribute("ANNOTATION_ID", Invariant($"a{i + 1}")), new XAttribute("TIME_SLOT_REF1", Invariant($"ts{2 * i + 1}")),
                    new XAttribute("TIME_SLOT_REF2", Invariant($"ts{2 * i + 2}")),
                    new XElement("ANNOTATION_VALUE", SafeXml.Clean(s.Class)))))),
            new XElement("LINGUISTIC_TYPE", new XAttribute("GRAPHIC_REFERENCES", "false"), new XAttribute("LINGUISTIC_TYPE_ID", "label"),
                new XAttribute("TIME_ALIGNABLE", "true"))));
    }

    private static string Id(TimelineText text, XElement annotation) =>
        Value(annotation, "ANNOTATION_ID") ?? throw Broken(text, annotation, "an ANNOTATION_ID");

    private static double Slot(TimelineText text, Dictionary<string, double> slots, XElement annotation, string attribute) =>
        Value(annotation, attribute) is { } id && slots.TryGetValue(id, out double time) ? time
            : throw Broken(text, annotation, $"the name of a TIME_SLOT as {attribute}");

    private static Dictionary<string, double> ReadSlots(TimelineText text, XElement root)
    {
        (string Id, double? Time)[] slots = [.. root.Elements("TIME_ORDER").Elements("TIME_SLOT").Select(s =>
            (Value(s, "TIME_SLOT_ID") ?? throw Broken(text, s, "a TIME_SLOT_ID"),
                Value(s, "TIME_VALUE") is { } value
                    ? (Number(value) ?? throw Broken(text, s, "milliseconds as TIME_VALUE")) / 1000
                    : (double?)null))];
        var times = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0, known = -1; i < slots.Length; i++)
        {
            if (slots[i].Time is not { } time)
                continue;
            double before = known >= 0 ? slots[known].Time!.Value : time;
            for (int k = known + 1; k <= i; k++)
                times[slots[k].Id] = before + (time - before) * (k - known) / (i - known);
            known = i;
        }
        return times;
    }

    private static void Resolve(TimelineText text, List<(string Tier, XElement Element)> references,
        Dictionary<string, (double Start, double End)> times)
    {
        for (int round = 0; references.Count > 0; round++)
        {
            var left = new List<(string, XElement)>();
            foreach (var siblings in references.GroupBy(r => (r.Tier, Parent: Value(r.Element, "ANNOTATION_REF"))))
            {
                if (siblings.Key.Parent is { } parent && times.TryGetValue(parent, out (double Start, double End) whole))
                {
                    double step = (whole.End - whole.Start) / siblings.Count();
                    foreach ((int i, (string Tier, XElement Element) reference) in siblings.Index())
                        times[Id(text, reference.Element)] = (whole.Start + i * step, whole.Start + (i + 1) * step);
                }
                else if (round == LongestChain)
                {
                    throw Broken(text, siblings.First().Element, "the name of an annotation as ANNOTATION_REF");
                }
                else
                {
                    left.AddRange(siblings);
                }
            }
            references = left;
        }
    }
}
