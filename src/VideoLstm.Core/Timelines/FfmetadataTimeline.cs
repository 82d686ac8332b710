using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Chapters as FFmpeg's metadata file has them (its documentation, "Metadata"): <c>[CHAPTER]</c>, <c>TIMEBASE</c>, <c>START</c>,
/// <c>END</c>, <c>title</c>. <c>ffmpeg -i match.mp4 -i match.ffmetadata -map_chapters 1 -c copy with-chapters.mp4</c> puts them into a
/// video. Titles are those of <see cref="LabelText"/>, with a backslash before <c>= ; # \</c> and a line end. None ends with a backslash,
/// of which ffmpeg (5.1) would take the line end behind for a part of the title: a joiner follows. Read are also chapters without an end,
/// which last until the next.
/// </summary>
internal sealed partial class FfmetadataTimeline() : TimelineFormat(".ffmetadata", 1_000_000)
{
    private const string Header = ";FFMETADATA";

    private static readonly string[] Single = ["START", "END", "TIMEBASE", "title"];

    public override Timeline Read(TimelineText text)
    {
        if (!text.Lines[text.FirstLine].TrimStart().StartsWith(Header, StringComparison.Ordinal))
            throw text.Broken(text.FirstLine, $"`{Header}1`");
        Dictionary<string, (string Value, int Line)>? chapter = null;
        int chapterLine = 0;
        foreach ((int line, string content) in LogicalLines(text.Lines))
        {
            if (content.Trim() is "[CHAPTER]" or "[STREAM]")
            {
                AddChapter(text, chapter, chapterLine);
                (chapter, chapterLine) = (content.Trim() == "[CHAPTER]" ? new(StringComparer.OrdinalIgnoreCase) : null, line);
            }
            else if (content.StartsWith('['))
            {
                throw text.Broken(line, "`[CHAPTER]` or `[STREAM]`");
            }
            else if (chapter is not null && !string.IsNullOrWhiteSpace(content) && content[0] is not (';' or '#'))
            {
                Match tag = Tag().Match(content);
                if (!tag.Success)
                    throw text.Broken(line, "`key=value`");
                string key = Unescape(tag.Groups["key"].Value).Trim();
                if (!chapter.TryAdd(key, (Unescape(tag.Groups["value"].Value), line))
                    && Single.Contains(key, StringComparer.OrdinalIgnoreCase))
                    throw text.Broken(line, $"`[CHAPTER]` before another `{Printable.Short(key, 100)}=`");
            }
        }
        AddChapter(text, chapter, chapterLine);
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        writer.WriteLine(Header + "1");
        foreach (Segment segment in timeline.Segments)
        {
            string title = LabelText.Compose(segment);
            if (title.EndsWith('\\'))
                title += LabelText.Joiner;
            writer.WriteLine("[CHAPTER]");
            writer.WriteLine($"TIMEBASE=1/{ClockRate}");
            writer.WriteLine(Invariant($"START={Math.Round(segment.Start * ClockRate):F0}"));
            writer.WriteLine(Invariant($"END={Math.Round(segment.End * ClockRate):F0}"));
            writer.WriteLine($"title={Special().Replace(title, @"\$0")}");
        }
    }

    private static void AddChapter(TimelineText text, Dictionary<string, (string Value, int Line)>? chapter, int line)
    {
        if (chapter is null)
            return;
        (double numerator, double denominator) = (1, 1e9);
        if (chapter.TryGetValue("TIMEBASE", out (string Value, int Line) timeBase))
        {
            Match match = Fraction().Match(timeBase.Value);
            if (!match.Success)
                throw text.Broken(timeBase.Line, "`TIMEBASE=1/1000`");
            (numerator, denominator) = (long.Parse(match.Groups["n"].ValueSpan, CultureInfo.InvariantCulture),
                long.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture));
        }
        double? Time(string key)
        {
            if (!chapter.TryGetValue(key, out (string Value, int Line) value))
                return null;
            return long.TryParse(value.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long time)
                ? time * numerator / denominator
                : throw text.Broken(value.Line, $"`{key}=` and a whole number");
        }
        double start = Time("START") ?? throw new InputException($"{text.Place(line)}: this chapter has no `START=`");
        text.AddText(start, Time("END"), chapter.GetValueOrDefault("title").Value ?? "", line);
    }

    // A line that ends with an odd number of backslashes goes on.
    private static IEnumerable<(int Line, string Content)> LogicalLines(string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            int first = i;
            var content = new StringBuilder(lines[i]);
            while (i + 1 < lines.Length && (lines[i].Length - lines[i].TrimEnd('\\').Length) % 2 == 1)
                content.Append('\n').Append(lines[++i]);
            yield return (first, content.ToString());
        }
    }

    private static string Unescape(string text) => Escaped().Replace(text, "${character}");

    [GeneratedRegex(@"^(?<key>([^=\\]|\\.)*)=(?<value>.*)$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s*(?<n>[1-9][0-9]{0,9})/(?<d>[1-9][0-9]{0,9})\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"[=;#\\\n]")]
    private static partial Regex Special();

    [GeneratedRegex(@"\\(?<character>.)", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Escaped();
}
