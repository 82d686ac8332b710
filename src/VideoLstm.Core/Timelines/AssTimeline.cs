using System.Text;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Advanced Sub Station Alpha subtitles (v4.00+), for Aegisub and players: <c>Dialogue:</c> lines with times in hundredths of a second,
/// in the style of the labels in result.avi. Hundredths tell the frames apart up to 50 frames/s, and no better. Text is that of
/// <see cref="LabelText"/>; <c>\N</c> is a line feed, <c>\{</c> and <c>\}</c> are braces as libass reads them, and a backslash has a
/// joiner behind. Read are also other orders of fields; comments and override tags are passed over.
/// </summary>
internal sealed partial class AssTimeline() : TimelineFormat(".ass", 100)
{
    private const int Width = 1280, Height = 720;
    private const string StyleFromSize = "45,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,3,0,7,22,22,22,1";

    public override Timeline Read(TimelineText text)
    {
        string section = "";
        string[] fields = [];
        bool hasEvents = false;
        for (int i = 0; i < text.Lines.Length; i++)
        {
            string line = text.Lines[i];
            if (line.StartsWith('['))
                section = line.Trim().ToUpperInvariant();
            bool isEvent = section == "[EVENTS]";
            hasEvents |= isEvent;
            if (isEvent && line.StartsWith("Format:", StringComparison.OrdinalIgnoreCase))
                fields = ReadFields(text, i);
            else if (isEvent && line.StartsWith("Dialogue:", StringComparison.OrdinalIgnoreCase))
                ReadDialogue(text, i, fields);
            else if (isEvent && !Passed().IsMatch(line))
                throw text.Broken(i, "`Dialogue:` or `Comment:`");
        }
        return hasEvents ? text.ToTimeline() : throw new InputException($"{text.Path}: expected a section `[Events]`, found none");
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        LabelScript.WriteHead(writer, Width, Height, StyleFromSize);
        foreach (Segment segment in timeline.Segments)
        {
            string content = LabelText.Compose(segment).Replace("\\", $"\\{LabelText.Joiner}", StringComparison.Ordinal)
                .Replace("{", "\\{", StringComparison.Ordinal).Replace("}", "\\}", StringComparison.Ordinal)
                .Replace("\n", "\\N", StringComparison.Ordinal);
            writer.WriteLine($"Dialogue: 0,{Clock(segment.Start)},{Clock(segment.End)},Label,,0,0,0,,{content}");
        }
    }

    private string Clock(double seconds) => ClockTime.Format(seconds, ClockRate, '.', 1);

    private static string[] ReadFields(TimelineText text, int line)
    {
        string[] fields = [.. AfterColon(text.Lines[line]).Split(',').Select(f => f.Trim().ToUpperInvariant())];
        return fields.Contains("START") && fields.Contains("END") && fields[^1] == "TEXT"
            ? fields
            : throw text.Broken(line, "the fields Start and End, and Text at the end");
    }

    private static void ReadDialogue(TimelineText text, int line, string[] fields)
    {
        if (fields.Length == 0)
            throw text.Broken(line, "a line `Format:` before");
        string[] values = AfterColon(text.Lines[line]).Split(',', fields.Length);
        if (values.Length < fields.Length)
            throw text.Broken(line, $"{fields.Length} fields as in the line `Format:`");
        double? start = ClockTime.Parse(values[Array.IndexOf(fields, "START")]),
            end = ClockTime.Parse(values[Array.IndexOf(fields, "END")]);
        if (start is null || end is null)
            throw text.Broken(line, "times like 0:00:10.00");
        // A field that is missing or one too many moves the others, and the text with them.
        if (Array.FindIndex(fields, f => f.StartsWith("MARGIN", StringComparison.Ordinal)) is >= 0 and int margin
            && !values[margin].Trim().All(char.IsAsciiDigit))
            throw text.Broken(line, $"a number as {fields[margin]}, the field {margin + 1}");
        if (ClockTime.IsLikely(values[^1]))
            throw text.Broken(line, "a text behind the other fields, and no time");
        text.AddText(start.Value, end == start ? null : end, Unescape(values[^1]), line);
    }

    private static string AfterColon(string line) => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static string Unescape(string text)
    {
        var plain = new StringBuilder();
        int lastBrace = text.LastIndexOf('}');
        for (int i = 0; i < text.Length; i++)
        {
            char next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] == '\\' && next is 'N' or 'n' or 'h' or '{' or '}')
            {
                plain.Append(next switch { 'N' or 'n' => '\n', 'h' => '\u00A0', _ => next });
                i++;
            }
            else if (text[i] == '{' && i < lastBrace)
            {
                i = text.IndexOf('}', i);
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }

    [GeneratedRegex(@"^\s*($|[;\[]|!:|(Format|Dialogue|Comment|Picture|Sound|Movie|Command)\s*:)",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Passed();
}
