using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// SubRip subtitles, for players and subtitle editors: a number, <c>00:00:01,500 --> 00:00:02,000</c>, the text, an empty line. The format
/// has no specification; what is read and how tags look is as ffmpeg's srt demuxer and Subtitle Edit have it. Text is that of
/// <see cref="LabelText"/>; a joiner stands behind a bracket that would begin a tag and in an arrow.
/// </summary>
internal sealed partial class SrtTimeline : TimelineFormat
{
    public override string Extension => ".srt";

    public override int ClockRate => 1000;

    public override Timeline Read(TimelineText text)
    {
        // Programs disagree whether an empty line ends a text; the next time does.
        int[] times = [.. Enumerable.Range(0, text.Lines.Length).Where(i => TimeLine().IsMatch(text.Lines[i]))];
        int first = Array.FindIndex(text.Lines, line => line.Trim().Length > 0 && !IsNumber(line));
        if (first >= 0 && (times.Length == 0 || first < times[0]))
            throw text.Broken(first, "a number or a time `00:00:00,000 --> 00:00:10,000`");
        for (int i = 0; i < times.Length; i++)
        {
            Match time = TimeLine().Match(text.Lines[times[i]]);
            bool isLast = i + 1 == times.Length;
            int end = isLast ? text.Lines.Length : times[i + 1];
            if (!isLast && end - 1 > times[i] && IsNumber(text.Lines[end - 1]))
                end--;
            string content = Tag().Replace(string.Join('\n', text.Lines[(times[i] + 1)..end]), "");
            AddCue(text, times[i], time, content);
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        int number = 0;
        foreach (Segment segment in timeline.Segments)
        {
            string content = MaybeTag().Replace(LabelText.Compose(segment), bracket => bracket.Value + LabelText.Joiner);
            writer.WriteLine((++number).ToString(CultureInfo.InvariantCulture));
            writer.WriteLine($"{ClockTime.Format(segment.Start, ClockRate, ',', 2)} --> {ClockTime.Format(segment.End, ClockRate, ',', 2)}");
            writer.WriteLine(LabelText.WithoutEmptyLines(content));
            writer.WriteLine();
        }
    }

    /// <summary>Adds a subtitle. One that lasts no time is a mark, as Audacity exports point labels.</summary>
    internal static void AddCue(TimelineText text, int line, Match time, string content)
    {
        double start = ClockTime.Parse(time.Groups["start"].Value)!.Value, end = ClockTime.Parse(time.Groups["end"].Value)!.Value;
        text.Add(start, end == start ? null : end, LabelText.Parse(content), text.Place(line));
    }

    /// <summary>A line with times, which may have more behind.</summary>
    [GeneratedRegex(@"^\s*(?<start>" + ClockTime.Pattern + @")\s*-->\s*(?<end>" + ClockTime.Pattern + @")(\s.*)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex TimeLine();

    private static bool IsNumber(string line) => line.Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);

    [GeneratedRegex(@"</?(b|i|u|s|font|ruby|rt)(\s[^<>]*)?>|\{\\[^{}]*\}", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"<(?=[A-Za-z/])|\{|--(?=>)")]
    private static partial Regex MaybeTag();
}
