using System.Net;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// WebVTT (W3C), for browsers: <c>WEBVTT</c>, then <c>00:00:01.500 --> 00:00:02.000</c>, the text, an empty line. Text is that of
/// <see cref="LabelText"/>, with <c>&amp;amp;</c>, <c>&amp;lt;</c> and <c>&amp;gt;</c>. Read are also times without hours, identifiers,
/// settings, tags, and notes, styles and regions, which are passed over.
/// </summary>
internal sealed partial class VttTimeline : TimelineFormat
{
    public override string Extension => ".vtt";

    public override int ClockRate => 1000;

    public override Timeline Read(TimelineText text)
    {
        if (!Header().IsMatch(text.Lines[0]))
            throw text.Broken(0, "`WEBVTT`");
        int line = SkipBlock(text, 0);
        while (line < text.Lines.Length)
        {
            if (text.Lines[line].Length == 0)
                line++;
            else if (OtherBlock().IsMatch(text.Lines[line]))
                line = SkipBlock(text, line);
            else
                line = ReadCue(text, line);
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        writer.WriteLine("WEBVTT");
        foreach (Segment segment in timeline.Segments)
        {
            string content = LabelText.Compose(segment).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
            writer.WriteLine();
            writer.WriteLine($"{ClockTime.Format(segment.Start, ClockRate, '.', 2)} --> {ClockTime.Format(segment.End, ClockRate, '.', 2)}");
            writer.WriteLine(LabelText.WithoutEmptyLines(content));
        }
    }

    private static int ReadCue(TimelineText text, int line)
    {
        // A line before the times is an identifier.
        if (!IsTimeLine(text, line))
            line++;
        Match time = SrtTimeline.TimeLine().Match(line < text.Lines.Length ? text.Lines[line] : "");
        if (!time.Success)
            throw text.Broken(line, "a time `00:00.000 --> 00:10.000`");
        int end = line + 1;
        while (end < text.Lines.Length && text.Lines[end].Length > 0 && !IsTimeLine(text, end))
            end++;
        SrtTimeline.AddCue(text, line, time, WebUtility.HtmlDecode(Tag().Replace(string.Join('\n', text.Lines[(line + 1)..end]), "")));
        return end;
    }

    private static bool IsTimeLine(TimelineText text, int line) => text.Lines[line].Contains("-->", StringComparison.Ordinal);

    private static int SkipBlock(TimelineText text, int line)
    {
        while (line < text.Lines.Length && text.Lines[line].Length > 0)
            line++;
        return line;
    }

    [GeneratedRegex(@"^WEBVTT(\s|$)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Header();

    [GeneratedRegex(@"^(NOTE|STYLE|REGION)(\s|$)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex OtherBlock();

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
