using System.Globalization;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Text;

namespace VideoLstm.Core.Timelines;

/// <summary>What is in a timeline's file, and what reading it has found so far. The file may hold anything.</summary>
internal sealed class TimelineText
{
    /// <summary>Bytes that no timeline exceeds.</summary>
    public const long LongestFile = 32 << 20;

    /// <summary>Lines that no timeline exceeds.</summary>
    public const int MostLines = 2_000_000;

    // A label for each frame of three hours.
    private const int MostSegments = 250_000;

    // Over a hundred days: no recording, but a mistake.
    private const double LongestVideo = 1e7;

    // Programs round times to the millisecond; what is more is said.
    private const double Rounding = 0.0011;

    // Beyond the end of the video by more of its length than this, it is the timeline of another one.
    private const double MostOverhang = 0.5;

    private const string What = "a timeline";

    private readonly TierChoice _choice;
    private List<TimelineEntry> _entries = [];
    private readonly List<Finding> _notes = [];
    private readonly double? _duration;
    private string[]? _lines;
    private readonly HashSet<int> _markers = [];
    private bool _guesses;

    /// <summary>Begins to read a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fps">Rate of the video, frames/s, if it is known.</param>
    /// <param name="duration">Its length, seconds, if there is one; infinity if its length is not known.</param>
    /// <param name="track">Which of several label tracks, from 1; null for all.</param>
    /// <param name="choice">Which of several tiers and videos; null for all.</param>
    public TimelineText(string path, double? fps, double? duration, int? track, TierChoice? choice = null) =>
        (Path, Fps, _duration, Track, _choice) = (path, fps, duration, track, choice ?? new TierChoice(null, null));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Rate of the video, frames/s, if it is known.</summary>
    public double? Fps { get; }

    /// <summary>Length of the video, seconds, if there is one; infinity if its length is not known.</summary>
    public double? Duration => _duration;

    /// <summary>Which of several label tracks, from 1; null for all.</summary>
    public int? Track { get; }

    /// <summary>Its lines, without their ends; at least one.</summary>
    /// <exception cref="InputException">It cannot be read, is too large, or is no text.</exception>
    public string[] Lines => _lines ??= TextFile.ReadLines(Path, What, LongestFile, MostLines) is { Length: > 0 } lines ? lines : [""];

    /// <summary>What messages call the places that are counted.</summary>
    public string Unit { get; set; } = "line";

    /// <summary>The tier of what is added next; null where the format has none.</summary>
    public string? Tier { get; set; }

    /// <summary>The video of what is added next; null where the file is of one.</summary>
    public string? Video { get; set; }

    /// <summary>Index of the first line that is not blank; 0 if there is none.</summary>
    public int FirstLine => Math.Max(0, Array.FindIndex(Lines, line => !string.IsNullOrWhiteSpace(line)));

    /// <summary>All of it, of lines of any length.</summary>
    /// <exception cref="InputException">As for <see cref="Lines"/>.</exception>
    public string ReadAll() => TextFile.ReadAll(Path, What, LongestFile);

    /// <summary>A line is not what it should be.</summary>
    /// <param name="line">Its index, from 0.</param>
    /// <param name="expected">What it should be.</param>
    public InputException Broken(int line, string expected) =>
        new($"{Place(line)}: expected {expected}, found "
            + $"{(line < Lines.Length ? $"{Printable.Quote(Lines[line].Trim())}" : "the end of the file")}");

    /// <summary>A line, as messages name it.</summary>
    /// <param name="line">Its index, from 0.</param>
    public string Place(int line) => $"{Path}, {PlaceInFile(line)}";

    /// <summary>Takes a number as people write it: digits, and a point or a comma before the fraction.</summary>
    public static double? Number(string text) =>
        double.TryParse(text.Trim().Replace(',', '.'),
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
            out double value)
        && double.IsFinite(value) ? value : null;

    /// <summary>Takes a time as people write it: seconds, or as on a clock.</summary>
    public static double? Time(string text) => ClockTime.Parse(text) ?? Number(text);

    /// <summary>Says what was assumed of the file, or left out.</summary>
    public void Note(string note, Remedy remedy = Remedy.None) => _notes.Add(new Finding($"{Path}: {note}", remedy));

    /// <summary>Adds a segment.</summary>
    /// <param name="start">Its start, seconds.</param>
    /// <param name="end">Its end, seconds, infinity for that of the video; null for a mark, which lasts until the next one, the last until
    /// the end of the video.</param>
    /// <param name="label">Class and probability.</param>
    /// <param name="line">Index of the line that says it, from 0.</param>
    /// <exception cref="InputException">It cannot be.</exception>
    public void Add(double start, double? end, (string Class, double? Probability) label, int line)
    {
        if (end is double.PositiveInfinity)
            end = null;
        if (!(start is >= 0 and <= LongestVideo) || !(end is null or (>= 0 and <= LongestVideo)))
            throw new InputException(Invariant(
                $"{Place(line)}: expected times of 0 to {LongestVideo} seconds, found {start} and {end ?? start}"));
        if (end < start - 1e-6)
            throw new InputException(Invariant($"{Place(line)}: expected an end after the start, found {start} to {end}"));
        if (label.Probability is { } probability && !(probability is >= 0 and <= 1))
            throw new InputException(Invariant($"{Place(line)}: expected a probability of 0 to 1, found {probability}"));
        if (_entries.Count >= MostSegments)
            throw new InputException(Invariant($"{Place(line)}: there are more than {MostSegments} segments, which no timeline has"));
        _entries.Add(new TimelineEntry(start, end, label.Class, label.Probability, line) { Tier = Tier, Video = Video });
    }

    /// <summary>
    /// Adds a marker of an editing program: one of no length, or of a frame, which is the least that some can write, lasts until the next.
    /// </summary>
    /// <param name="start">Its start, seconds.</param>
    /// <param name="length">Its length, seconds.</param>
    /// <param name="frame">The length of a frame, seconds.</param>
    /// <param name="label">A text of <see cref="LabelText"/>.</param>
    /// <param name="line">Index of the place that says it, from 0.</param>
    /// <exception cref="InputException">It cannot be.</exception>
    public void AddMarker(double start, double length, double frame, string label, int line)
    {
        bool isPoint = length <= frame * 1.01;
        if (isPoint)
            _markers.Add(line);
        AddText(start, isPoint ? null : start + length, label, line);
    }

    /// <summary>
    /// The timeline of the segments added. Neighbours that overlap or part by rounding, up to a frame of the video, meet where the later
    /// one begins; what lasts no time is left out; what ends after the video ends with it.
    /// </summary>
    /// <param name="joins">Whether overlapping segments become one, as in lists of what to skip, which are sets.</param>
    /// <exception cref="InputException">Two of them overlap, or the last mark has no end.</exception>
    public Timeline ToTimeline(bool joins = false)
    {
        _entries = _choice.Take(Path, _entries, _notes);
        NoteProbabilities();
        NoteMany(_entries.Where(e => e.End is null && _markers.Contains(e.Line)),
            "is a marker without a length, which lasts until the next", "are markers without a length, each of which lasts until the next");
        var segments = new List<Segment>(_entries.Count);
        TimelineEntry[] entries = [.. _entries.Where(e => e.End is null || e.End > e.Start)
            .OrderBy(e => e.Start).ThenBy(e => e.End ?? e.Start)];
        NoteMany(_entries.Where(e => e.End <= e.Start), "lasts no time and is left out", "last no time and are left out");
        double hair = Math.Max(Rounding, Fps is > 0 ? 1.01 / Fps.Value : 0);
        int moved = 0;
        TimelineEntry? last = null;
        foreach ((int i, TimelineEntry entry) in entries.Index())
        {
            double start = entry.Start;
            // A last mark without a name is the end of the one before, and two marks in one place are one.
            double? end = entry.End
                ?? (i + 1 < entries.Length ? entries[i + 1].Start
                    : _duration is { } duration && start >= duration ? double.PositiveInfinity
                    : _duration);
            if (end is null && entry.Class == Segment.Unknown && i > 0)
                continue;
            if (end is null)
                throw new InputException($"{Place(entry.Line)}: is a mark, which lasts until the next, but there is none; add one, "
                    + "without a name, where it ends");
            if (segments.Count > 0 && last is { } before && start - segments[^1].End is var gap
                && (gap < 0 || (before.End is not null && gap <= hair && _duration is not null)))
            {
                if (joins && gap <= 0)
                {
                    segments[^1] = segments[^1] with { End = Math.Max(segments[^1].End, end.Value) };
                    continue;
                }
                if (-gap > hair)
                    throw Overlap(entry, before, segments[^1].End);
                moved += Math.Abs(gap) > Rounding ? 1 : 0;
                // Times that programs worked out by themselves.
                if (gap < 0 && -gap <= 1e-6)
                    start = segments[^1].End;
                else if (start > segments[^1].Start)
                    segments[^1] = segments[^1] with { End = start };
                else
                    start = segments[^1].End;
            }
            if (end > start)
            {
                segments.Add(new Segment(start, end.Value, entry.Class, entry.Probability));
                last = entry;
            }
        }
        if (TierChoice.Tiers(entries) is { Length: > 1 } tiers)
            Note($"the tiers {TierChoice.Listed(tiers)} do not overlap, and all are taken together", Remedy.TierCanBeTaken);
        if (moved > 0)
            Note(moved == 1
                ? "two labels overlap or part by up to a frame; the later one counts"
                : Invariant($"{moved} pairs of labels overlap or part by up to a frame; the later ones count"));
        EndWithVideo(segments);
        return new Timeline { Segments = segments, Fps = Fps, Notes = [.. _notes] };
    }

    private string PlaceInFile(int line) => Invariant($"{Unit} {line + 1}");

    private InputException Overlap(TimelineEntry entry, TimelineEntry before, double end)
    {
        if (entry.Tier != before.Tier)
            return new InputException(Invariant(
                $"{Path}: labels of the tiers {TierChoice.Listed(TierChoice.Tiers(_entries))} overlap; in {PlaceInFile(entry.Line)} one ")
                    + Invariant($"begins at {entry.Start} s, before what {PlaceInFile(before.Line)} says ends at {end} s"),
                Remedy.TakeOneTier);
        int[] tracks = [.. TrackStarts()];
        (string advice, Remedy remedy) = tracks.Length == 0 || Track is not null || Unit != "line"
            ? ("let one of them end where the other begins", Remedy.None)
            : ($"the labels begin anew at {PlaceInFile(tracks[0])}, as those of several tracks do", Remedy.TakeOneTrack);
        return new InputException(Invariant(
            $"{Place(entry.Line)}: begins at {entry.Start} s, before what {PlaceInFile(before.Line)} says ends at {end} s; {advice}"),
                remedy);
    }

    // Where the labels of another track begin: programs write each in order of time.
    private IEnumerable<int> TrackStarts() =>
        _entries.Skip(1).Zip(_entries).Where(pair => pair.First.Start < pair.Second.Start).Select(pair => pair.First.Line);

    /// <summary>Leaves only the labels of the track that was asked for, where each begins as <see cref="TrackStarts"/> says.</summary>
    /// <exception cref="InputException">There is no such track.</exception>
    public void TakeTrack()
    {
        int[] starts = [.. TrackStarts()];
        if (Track is not { } wanted)
        {
            if (starts.Length > 0)
                Note(Invariant($"the labels begin anew at {PlaceInFile(starts[0])}, as those of several tracks do; all are taken together"),
                    Remedy.TrackCanBeTaken);
            return;
        }
        if (wanted > starts.Length + 1)
            throw new InputException(Invariant(
                $"{Path}: has {starts.Length + 1} label {(starts.Length == 0 ? "track" : "tracks")}, but track {wanted} was asked for"));
        int from = wanted == 1 ? 0 : starts[wanted - 2], to = wanted <= starts.Length ? starts[wanted - 1] : int.MaxValue;
        _entries.RemoveAll(e => e.Line < from || e.Line >= to);
    }

    private void EndWithVideo(List<Segment> segments)
    {
        if (_duration is not { } duration || segments.Count == 0)
            return;
        double end = segments[^1].End;
        if (!double.IsFinite(end) || end > duration * (1 + MostOverhang))
            return;
        if (end > duration + 1)
            Note(Invariant(
                $"goes on for {end - duration:0.###} s after the end of the video ({duration:0.###} s); what is after it is left out"));
        if (segments.RemoveAll(s => s.Start >= duration) > 0 || end > duration)
        {
            // Where that is exactly, the frames say.
            if (segments.Count > 0 && segments[^1].End > duration)
                segments[^1] = segments[^1] with { End = double.PositiveInfinity };
        }
    }

    // Where all labels have one, or none, nobody can be mistaken.
    private void NoteProbabilities()
    {
        TimelineEntry[] with = [.. _entries.Where(e => e.Probability is not null)];
        if (_guesses && with.Length > 0 && with.Length < _entries.Count)
            Note(Invariant($"the number at the end of {with.Length} of {_entries.Count} labels, first in {PlaceInFile(with[0].Line)}, ")
                + "is taken for a probability");
    }

    /// <summary>Adds a segment whose label is a text of <see cref="LabelText"/>.</summary>
    /// <inheritdoc cref="Add(double, double?, ValueTuple{string, double?}, int)"/>
    public void AddText(double start, double? end, string label, int line)
    {
        _guesses = true;
        Add(start, end, LabelText.Parse(label), line);
    }

    private void NoteMany(IEnumerable<TimelineEntry> entries, string one, string many)
    {
        TimelineEntry[] all = [.. entries];
        if (all.Length > 0)
            _notes.Add($"{Place(all[0].Line)}{(all.Length > 1 ? Invariant($" and {all.Length - 1} more: {many}") : $": {one}")}");
    }
}
