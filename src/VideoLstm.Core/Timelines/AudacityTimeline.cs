using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// A label track of Audacity (its manual, "Importing and Exporting Labels"): lines of start, end and text with tabs between, seconds
/// to the microsecond. Text is that of <see cref="LabelText"/> on one line: line ends and tabs are spaces. Read are also
/// several tracks in one file, point labels, which last until the next label as when Audacity exports a file a label, lines of frequencies,
/// which are passed over, and, typed by hand, spaces for tabs and times as on a clock.
/// </summary>
internal sealed partial class AudacityTimeline() : TimelineFormat(".labels.txt", 1_000_000)
{
    public override Timeline Read(TimelineText text)
    {
        for (int i = 0; i < text.Lines.Length; i++)
        {
            // Of later versions, which older ones pass over.
            if (!text.Lines[i].StartsWith('\\') && text.Lines[i].Trim().Length > 0)
                ReadLabel(text, i, text.Lines[i]);
        }
        text.TakeTrack();
        return text.ToTimeline();
    }

    private static void ReadLabel(TimelineText text, int line, string content)
    {
        bool isTyped = !content.Contains('\t', StringComparison.Ordinal);
        string[] fields = isTyped
            ? content.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : content.Split('\t');
        double start = TimelineText.Time(fields[0]) ?? throw text.Broken(line, "a label: start, tab, end, tab, text");
        double? end = fields.Length > 1 ? TimelineText.Time(fields[1]) : null;
        string[] words = fields[(end is null ? 1 : 2)..];
        string label = string.Join(' ', words.Where(w => w.Length > 0));
        // Two labels in one line, or a time with a typing error, and not a part of the name.
        if (!isTyped && words.Skip(1).Any(w => TimelineText.Time(w) is not null))
            throw text.Broken(line, "one label a line: start, tab, end, tab, text");
        if ((isTyped || end is null) && words.Length > 0 && LikelyTime().IsMatch(words[0]))
            throw text.Broken(line, "an end in seconds, or a text that does not begin like one");
        if (ClockTime.IsLikely(label))
            throw text.Broken(line, "a text behind start and end, and no time");
        text.AddText(start, end == start ? null : end, label, line);
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        foreach (Segment segment in timeline.Segments)
        {
            string oneLine = segment.Class.ReplaceCarriageReturns().Replace('\n', ' ').Replace('\t', ' ');
            writer.WriteLine(Invariant($"{segment.Start:F6}\t{segment.End:F6}\t{LabelText.Compose(segment with { Class = oneLine })}"));
        }
    }

    [GeneratedRegex(@"^[0-9]+[.,:;][0-9OoIl]\S*$|^[0-9]+\s", RegexOptions.NonBacktracking)]
    private static partial Regex LikelyTime();
}
