using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// SubRip subtitles, for players and subtitle editors: a number, <c>00:00:01,500 --> 00:00:02,000</c>, the text, an empty line. The format
/// has no specification; what is read and how tags look is as ffmpeg's srt demuxer and Subtitle Edit have it. Text is that of
/// <see cref="LabelText"/>; a joiner stands behind a bracket that would begin a tag and in an arrow.
/// </summary>
internal sealed partial class SrtTimeline() : TimelineFormat(".srt", 1000)
{
    public override Timeline Read(TimelineText text)
    {
        SubtitleCues.Read(text, 0, isVtt: false, content => Tag().Replace(content, ""));
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        int number = 0;
        foreach (Segment segment in timeline.Segments)
        {
            string content = MaybeTag().Replace(LabelText.Compose(segment), bracket => bracket.Value + LabelText.Joiner);
            writer.WriteLine((++number).ToString(CultureInfo.InvariantCulture));
            writer.WriteLine(
                $"{ClockTime.Format(segment.Start, ClockRate, ',', 2)} --> {ClockTime.Format(segment.End, ClockRate, ',', 2)}");
            writer.WriteLine(LabelText.WithoutEmptyLines(content));
            writer.WriteLine();
        }
    }

    [GeneratedRegex(@"</?(b|i|u|s|font|ruby|rt)(\s[^<>]*)?>|\{\\[^{}]*\}",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"<(?=[A-Za-z/])|\{|--(?=>)")]
    private static partial Regex MaybeTag();
}
