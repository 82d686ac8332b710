using System.Net;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// WebVTT (W3C), for browsers: <c>WEBVTT</c>, then <c>00:00:01.500 --> 00:00:02.000</c>, the text, an empty line. Text is that of
/// <see cref="LabelText"/>, with <c>&amp;amp;</c>, <c>&amp;lt;</c> and <c>&amp;gt;</c>. Read are also times without hours, identifiers,
/// settings, tags, and notes, styles and regions, which are passed over.
/// </summary>
internal sealed partial class VttTimeline() : TimelineFormat(".vtt", 1000)
{
    public override Timeline Read(TimelineText text)
    {
        if (!Header().IsMatch(text.Lines[text.FirstLine]))
            throw text.Broken(text.FirstLine, "`WEBVTT`");
        int line = text.FirstLine;
        while (line < text.Lines.Length && text.Lines[line].Length > 0)
            line++;
        SubtitleCues.Read(text, line, isVtt: true, content => WebUtility.HtmlDecode(Tag().Replace(content, "")));
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        writer.WriteLine("WEBVTT");
        foreach (Segment segment in timeline.Segments)
        {
            string content = LabelText.Compose(segment).Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
            writer.WriteLine();
            writer.WriteLine(
                $"{ClockTime.Format(segment.Start, ClockRate, '.', 2)} --> {ClockTime.Format(segment.End, ClockRate, '.', 2)}");
            writer.WriteLine(LabelText.WithoutEmptyLines(content));
        }
    }

    [GeneratedRegex(@"^WEBVTT(\s|$)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Header();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
