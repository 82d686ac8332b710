using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// An edit decision list of CMX 3600, which editing programs exchange: events with a reel, a channel, a transition and four time codes, of
/// which the last two say where the event is in the edit, that is, in the video. <c>* FROM CLIP NAME:</c> is the class. It says no rate:
/// that of the video counts, or that of the time codes' drop frames. A list that begins at a full hour, as programmes do by convention, is
/// moved to 0, which is said. A tier is a channel; <c>* LOC:</c>, a locator of Avid's, and <c>|M:</c>, a marker of Resolve's, are of the
/// tier <c>markers</c>. Text is that of <see cref="LabelText"/> on one line: line ends and tabs are spaces.
/// </summary>
internal sealed partial class CmxTimeline() : TimelineFormat(".cmx.edl", 1_000_000)
{
    private const string Markers = "markers";
    private const int Hour = 3600;

    /// <summary>Whether a line is of such a list.</summary>
    public static bool IsLine(string line) => Cmx3600().IsMatch(line);

    public override Timeline Read(TimelineText text)
    {
        double fps = text.Fps ?? throw NoRate(text);
        (int nominal, bool drops) = (FrameRates.Nominal(fps).Nominal, false);
        var events = new List<Event>();
        var markers = new List<Event>();
        long At(Group code, int line)
        {
            drops |= code.ValueSpan.Contains(';');
            return Timecode.Parse(code.Value, nominal, drops) ?? throw text.Broken(line, $"time codes of {nominal} frames a second");
        }

        for (int i = 0; i < text.Lines.Length; i++)
        {
            string line = text.Lines[i];
            if (Mode().Match(line) is { Success: true } mode)
                drops = !mode.Groups["non"].Success;
            else if (Edit().Match(line) is { Success: true } edit)
                events.Add(new Event(At(edit.Groups["in"], i), At(edit.Groups["out"], i),
                    edit.Groups["channel"].Value, edit.Groups["reel"].Value, i));
            else if (Locator().Match(line) is { Success: true } locator)
                markers.Add(new Event(At(locator.Groups["at"], i), 0, Markers, locator.Groups["name"].Value, i));
            else if (ResolveMarker().Match(line) is { Success: true } marker && events.Count > 0)
                (markers, events) = ([.. markers, MarkerOf(events[^1], marker)], events[..^1]);
            else if (ClipName().Match(line) is { Success: true } name && events.Count > 0)
                events[^1] = events[^1] with { Name = name.Groups["name"].Value, IsNamed = true };
            else if (line.TrimStart().Length > 0 && char.IsAsciiDigit(line.TrimStart()[0]))
                throw text.Broken(i, "an event: number, reel, channel, transition and four time codes");
        }
        AddAll(text, (fps, drops), events, markers);
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        double fps = timeline.Fps ?? throw NoRate(name);
        (int nominal, bool isNtsc) = FrameRates.Nominal(fps);
        bool drop = isNtsc && nominal % 30 == 0;
        string title = OneLine(Path.GetFileNameWithoutExtension(timeline.Video) ?? "labels");
        writer.WriteLine($"TITLE: {title[..Math.Min(title.Length, 70)]}");
        writer.WriteLine($"FCM: {(drop ? "DROP FRAME" : "NON-DROP FRAME")}");
        int number = 0;
        foreach (Segment segment in timeline.Segments)
        {
            long start = (long)Math.Round(segment.Start * fps), end = (long)Math.Round(segment.End * fps);
            if (end <= start)
                continue;
            if (end >= 100L * Hour * nominal)
                throw new InputException($"{name}: time codes end before 100 hours; take another format, e.g. .json");
            string times = $"{Timecode.Format(start, nominal, drop)} {Timecode.Format(end, nominal, drop)}";
            writer.WriteLine();
            writer.WriteLine(Invariant($"{++number:000}  AX       V     C        {times} {times}"));
            writer.WriteLine($"* FROM CLIP NAME: {LabelText.Compose(segment with { Class = OneLine(segment.Class) })}");
        }
    }

    private static string OneLine(string text) => text.ReplaceCarriageReturns().Replace('\n', ' ').Replace('\t', ' ');

    // The event before it says where it is.
    private static Event MarkerOf(Event at, Match marker) => at with
    {
        Channel = Markers, Name = marker.Groups["name"].Value.TrimEnd(),
        End = at.Start + (long)(TimelineText.Number(marker.Groups["length"].Value) ?? 0),
    };

    private static void AddAll(TimelineText text, (double Fps, bool Drops) rate, List<Event> events, List<Event> markers)
    {
        (double fps, bool drops) = rate;
        // Sound goes with the picture; black is what nothing is.
        bool hasPictures = events.Exists(e => e.IsPicture);
        Event[] wanted = [.. events.Where(e => (e.IsPicture || !hasPictures) && e.End > e.Start && !(e.Name == "BL" && !e.IsNamed))];
        long first = wanted.Concat(markers).Select(e => e.Start).DefaultIfEmpty(0).Min(),
            last = wanted.Concat(markers).Select(e => e.End).DefaultIfEmpty(0).Max();
        int nominal = FrameRates.Nominal(fps).Nominal;
        long OfHour(long hour) => Timecode.Parse(Invariant($"{hour:00}:00:00:00"), nominal, drops) ?? 0;
        // Where numbers are dropped, an hour has a thousandth less of them.
        long hours = (long)(Math.Max(0, first) * 1.0011 / (Hour * nominal));
        hours -= OfHour(hours) > first ? 1 : 0;
        long origin = OfHour(hours);
        if (hours == 0 || !(text.Duration is { } duration && double.IsFinite(duration) ? last / fps > duration + 1 : first == origin))
            origin = 0;
        if (origin > 0)
            text.Note(Invariant($"its time codes begin at {hours} h, which is taken for the start of the video"));
        foreach (Event e in wanted)
        {
            text.Tier = e.Channel;
            text.AddText((e.Start - origin) / fps, (e.End - origin) / fps, e.Name, e.Line);
        }
        text.Tier = Markers;
        foreach (Event e in markers)
            text.AddMarker((e.Start - origin) / fps, Math.Max(0, e.End - e.Start) / fps, 1 / fps, e.Name, e.Line);
    }

    private sealed record Event(long Start, long End, string Channel, string Name, int Line)
    {
        public bool IsNamed { get; init; }

        public bool IsPicture => Channel.Contains('V', StringComparison.Ordinal) || Channel.StartsWith('B');
    }

    [GeneratedRegex(@"^\s*FCM\s*:\s*(?<non>NON)?", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Mode();

    [GeneratedRegex(@"^\s*[0-9]{1,6}\s+(?<reel>\S+)\s+(?<channel>[A-Z][A-Z0-9/]*)\s+\S+(\s+[0-9]+)?(\s+\S+)?\s+([0-9:;.,]{8,14}\s+){2}" +
        @"(?<in>[0-9:;.,]{8,14})\s+(?<out>[0-9:;.,]{8,14})\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Edit();

    [GeneratedRegex(@"^\s*\*\s*(FROM\s+CLIP\s+NAME|CLIP\s+NAME|TO\s+CLIP\s+NAME)\s*:\s*(?<name>.*)$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex ClipName();

    [GeneratedRegex(@"^\s*\*\s*LOC\s*:\s*(?<at>[0-9:;.,]{8,14})\s+\S+(\s+(?<name>.*))?$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Locator();

    [GeneratedRegex(@"^\s*\|C:[^|]*\|M:(?<name>[^|]*)(\|D:(?<length>[0-9]{1,12}))?",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ResolveMarker();

    [GeneratedRegex(@"^\s*(TITLE\s*:|FCM\s*:|[0-9]{3,6}\s+\S+\s+\S+\s+\S+\s.*[0-9]{2}[:;][0-9]{2}[:;][0-9]{2}[:;][0-9]{2})",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Cmx3600();
}
