using System.IO.Compression;
using System.Text;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Timelines;

/// <summary>Timelines as files: the name says the format, so that each can be opened in the program that it is for.</summary>
public static class TimelineFile
{
    /// <summary>
    /// The class of what is read from formats that only say what to skip: <c>.edl</c> and Comskip's <c>.txt</c>. What they do not name is
    /// not known.
    /// </summary>
    public const string SkipClass = "skip";

    // The first whose extension fits. What is called .json, .xml, .edl, .csv, .tsv or .txt is known by its content.
    private static readonly TimelineFormat[] Formats =
    [
        new ElanTimeline(), new BorisProjectTimeline(".boris"), new BorisEventsTimeline(), new LabelStudioTimeline(), new CvatTimeline(),
        new ActivityNetTimeline(), new OtioTimeline(), new CmxTimeline(), new FcpxmlTimeline(), new XmemlTimeline(".xml"),
        new MltTimeline(".kdenlive"), new MltTimeline(".mlt"), new JsonTimeline(".json"), new CsvTimeline(".csv"), new SrtTimeline(),
        new VttTimeline(), new AssTimeline(), new EdlTimeline(), new FfmetadataTimeline(), new AudacityTimeline(), new ComskipTimeline(),
    ];

    // What other programs call the same.
    private static readonly TimelineFormat[] OtherNames =
    [
        new JsonTimeline(".llc"), new CsvTimeline(".tsv"), new BorisProjectTimeline(".boris.gz"), new XmemlTimeline(".xmeml"),
    ];

    /// <summary>The names that files may have, for help and messages: <c>.json, .csv, ...</c>.</summary>
    public static string Extensions { get; } = 
        string.Join(", ", Formats[..^1].Select(f => f.Extension)) + " or " + Formats[^1].Extension;

    /// <summary>Whether a file name has an extension that is known here.</summary>
    public static bool IsKnown(string path) => Formats.Concat(OtherNames).Any(f => f.Fits(path));

    /// <summary>
    /// Refuses what <see cref="Write(string, Timeline, IReadOnlyCollection{string}?)"/> would refuse, before any long work.
    /// </summary>
    /// <param name="path">The file that is to be written.</param>
    /// <param name="skip">The classes to skip, for formats that say nothing else.</param>
    /// <exception cref="InputException">The name has no known extension, or nothing is said to be skipped and the format says nothing
    /// else.</exception>
    public static void Check(string path, IReadOnlyCollection<string>? skip = null)
    {
        TimelineFormat format = FormatOf(path);
        if (format.IsSkipList && skip is not { Count: > 0 })
            throw new InputException($"{path}: such a file says only what to skip", Remedy.NameSkippedClasses);
    }

    /// <summary>Reads a timeline.</summary>
    /// <param name="path">The file; its name says the format. What others call <c>.txt</c> is recognised by its content.</param>
    /// <param name="fps">Rate of the video, frames/s, for files that count frames without saying so; null if it is not known.</param>
    /// <param name="duration">Length of the video, seconds: where a last mark without end leads to; infinity if its length is not known,
    /// null if there is no video.</param>
    /// <param name="track">Which of several label tracks in a file of Audacity's, from 1; null for all.</param>
    /// <param name="tier">Which of several tiers of a file that has some, by its name; null for all.</param>
    /// <param name="video">The video that the labels are wanted for, a path: which of several in a file; null if it is not known.</param>
    /// <exception cref="InputException">The file is missing, or not what it should be: the message names file and line.</exception>
    public static Timeline Read(
        string path, double? fps = null, double? duration = null, int? track = null, string? tier = null, string? video = null)
    {
        TimelineFormat format = FormatOf(path);
        if (track is not null && format is not (AudacityTimeline or ComskipTimeline))
            throw new InputException($"{path}: has no tracks", Remedy.DoNotChooseTrack);
        return format.Read(new TimelineText(path, fps, duration, track, new TierChoice(tier, video)));
    }

    /// <summary>Writes a timeline, whole or not at all. What is too short for the clock of the format is left out.</summary>
    /// <param name="path">The file; its name says the format.</param>
    /// <param name="timeline">What to write.</param>
    /// <param name="skip">The classes to skip, for formats that say nothing else; the others pass over it.</param>
    /// <exception cref="InputException">As <see cref="Check"/>, or the format needs what the timeline does not say.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Timeline timeline, IReadOnlyCollection<string>? skip = null)
    {
        Check(path, skip);
        AtomicFile.Write(path, stream => Write(stream, path, timeline, skip));
    }

    /// <summary>Writes a timeline to a stream, e.g. to standard output, in UTF-8.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    /// <param name="name">A name with the extension of the format, e.g. <c>.json</c>; stands in messages.</param>
    /// <param name="timeline">What to write.</param>
    /// <param name="skip">The classes to skip, for formats that say nothing else.</param>
    /// <exception cref="InputException">As for files.</exception>
    public static void Write(Stream stream, string name, Timeline timeline, IReadOnlyCollection<string>? skip = null)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        Check(name, skip);
        TimelineFormat format = FormatOf(name);
        IEnumerable<Segment> segments = timeline.Segments.Select(s => s.Class.Length > 0 ? s : s with { Class = Segment.Unknown });
        if (format.IsSkipList)
            segments = Stretches(segments.Where(s => skip!.Contains(s.Class, StringComparer.Ordinal)));
        segments = segments.Where(s => Math.Round(s.End * format.ClockRate) > Math.Round(s.Start * format.ClockRate));
        using Stream? packed = format.Extension.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)
            : null;
        using var writer = new StreamWriter(packed ?? stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        format.Write(writer, timeline with { Segments = [.. segments] }, name);
    }

    private static TimelineFormat FormatOf(string path) => Formats.Concat(OtherNames).FirstOrDefault(f => f.Fits(path))
        ?? throw new InputException($"{path}: expected the name of a timeline, which ends with {Extensions}");

    // Stretches that touch become one.
    private static List<Segment> Stretches(IEnumerable<Segment> segments)
    {
        var stretches = new List<Segment>();
        foreach (Segment segment in segments)
        {
            if (stretches.Count > 0 && segment.Start <= stretches[^1].End)
                stretches[^1] = stretches[^1] with { End = Math.Max(segment.End, stretches[^1].End) };
            else
                stretches.Add(new Segment(segment.Start, segment.End, SkipClass));
        }
        return stretches;
    }
}
