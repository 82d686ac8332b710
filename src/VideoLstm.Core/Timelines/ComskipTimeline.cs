using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// What Comskip writes by default, and Kodi and others read: <c>FILE PROCESSING COMPLETE 45000 FRAMES AT 2500</c> (frames, and frames in a
/// hundred seconds, cut to a whole number), a line of dashes, then first and last frame of each commercial with a tab between. Comskip
/// counts frames from 1: the frame at time t has the number t * rate + 1, rounded (its F2F). A rate of 29.97 or 23.97 frames/s stands for
/// 30000/1001 or 24000/1001. Since Audacity calls its labels .txt, a file that begins otherwise is read as such, but for what says that it
/// is subtitles, chapters or a table. Rows may be in any order and overlap.
/// </summary>
internal sealed partial class ComskipTimeline() : TimelineFormat(".txt", 1_000_000)
{
    // What a .txt is that does not begin as Comskip's.
    private static readonly (Func<string, bool> Begins, TimelineFormat Format)[] Others =
    [
        (line => line.StartsWith(";FFMETADATA", StringComparison.Ordinal), new FfmetadataTimeline()),
        (line => line.StartsWith("WEBVTT", StringComparison.Ordinal), new VttTimeline()),
        (line => line.All(char.IsAsciiDigit) || line.Contains("-->", StringComparison.Ordinal), new SrtTimeline()),
        (line => line.Equals("[Script Info]", StringComparison.OrdinalIgnoreCase), new AssTimeline()),
        (line => line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) || CsvTimeline.IsHeader(line), new CsvTimeline(".csv")),
        (_ => true, new AudacityTimeline()),
    ];

    // Rates of NTSC are these times 1000 / 1001.
    private static readonly int[] NtscRates = [12, 15, 24, 30, 48, 60, 120];

    public override bool IsSkipList => true;

    public override Timeline Read(TimelineText text)
    {
        int first = text.FirstLine;
        Match header = Header().Match(text.Lines[first]);
        if (!header.Success)
            return ReadOther(text, text.Lines[first].Trim());
        if (text.Track is not null)
            throw new InputException($"{text.Path}: is of Comskip and has no tracks", Remedy.DoNotChooseTrack);
        double fps = Rate(header.Groups["rate"].Value, text.Fps)
            ?? throw text.Broken(first, "a rate, `FRAMES AT 2500`, since that of the video is not known");
        for (int i = first + 1; i < text.Lines.Length; i++)
        {
            if (text.Lines[i].Trim('-', ' ', '\t').Length == 0)
                continue;
            Match match = Frames().Match(text.Lines[i]);
            if (!match.Success)
                throw text.Broken(i, "first and last frame of what to skip");
            long begin = long.Parse(match.Groups["first"].ValueSpan, CultureInfo.InvariantCulture),
                last = long.Parse(match.Groups["last"].ValueSpan, CultureInfo.InvariantCulture);
            text.Add(Math.Max(begin - 1, 0) / fps, last / fps, (TimelineFile.SkipClass, null), i);
        }
        return text.ToTimeline(joins: true) with
        {
            Fps = fps, Frames = long.Parse(header.Groups["frames"].ValueSpan, CultureInfo.InvariantCulture),
        };
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        if (timeline.Fps is not { } fps)
            throw new InputException(
                $"{name}: such a file counts frames, but the rate of the video is not known; take another format, e.g. .edl");
        long frames = timeline.Frames ?? (long)Math.Round((timeline.Segments.Count > 0 ? timeline.Segments[^1].End : 0) * fps);
        writer.WriteLine(Invariant($"FILE PROCESSING COMPLETE {frames,6} FRAMES AT {HundredSeconds(fps),5}"));
        writer.WriteLine(new string('-', 19));
        foreach (Segment segment in timeline.Segments)
        {
            long first = (long)Math.Round(segment.Start * fps) + 1, last = (long)Math.Round(segment.End * fps);
            if (last >= first)
                writer.WriteLine(Invariant($"{first}\t{last}"));
        }
    }

    // A number alone is a label of Audacity's unless a time follows.
    private static Timeline ReadOther(TimelineText text, string line)
    {
        bool isNumber = line.Length > 0 && line.All(char.IsAsciiDigit);
        if (isNumber
            && !(text.FirstLine + 1 < text.Lines.Length && text.Lines[text.FirstLine + 1].Contains("->", StringComparison.Ordinal)))
            line = "0 label";
        TimelineFormat format = Others.First(o => o.Begins(line)).Format;
        return text.Track is null || format is AudacityTimeline
            ? format.Read(text)
            : throw new InputException($"{text.Path}: has no tracks", Remedy.DoNotChooseTrack);
    }

    // Half a millionth for what binary fractions lack.
    private static int HundredSeconds(double fps) => (int)(fps * 100 + 5e-7);

    // The rate that the video has, if the header can mean it; else what the header means.
    private static double? Rate(string header, double? fps)
    {
        if (header.Length == 0)
            return fps;
        double stated = double.Parse(header.Replace(',', '.'), CultureInfo.InvariantCulture);
        if (!(stated > 0))
            return fps;
        IEnumerable<double> candidates = NtscRates.Select(r => r * 1000 / 1001.0);
        if (fps is { } known)
            candidates = candidates.Prepend(known);
        // No video has less than a frame in two seconds: then these are frames a second.
        if (stated <= 50 && candidates.All(c => Math.Abs(c * 100 - stated) >= 1))
            stated *= 100;
        return candidates.FirstOrDefault(c => Math.Abs(c * 100 - stated) < 1, stated / 100);
    }

    [GeneratedRegex(@"^\s*FILE PROCESSING COMPLETE\s+(?<frames>[0-9]{1,15})\s+FRAMES(\s+AT\s+(?<rate>[0-9]{1,9}([.,][0-9]{1,9})?))?",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Header();

    [GeneratedRegex(@"^\s*(?<first>[0-9]{1,15})\s+(?<last>[0-9]{1,15})\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Frames();
}
