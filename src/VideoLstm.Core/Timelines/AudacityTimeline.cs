using System.Globalization;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// A label track of Audacity (its manual, "Importing and Exporting Labels"): lines of start, end and text with tabs between, seconds
/// to the microsecond. Text is that of <see cref="LabelText"/> on one line: line ends and tabs are spaces. Read are also
/// point labels, which last until the next label as when Audacity exports a file a label, lines of frequencies, which are passed over, and, typed by hand,
/// spaces for tabs.
/// </summary>
internal sealed class AudacityTimeline : TimelineFormat
{
    public override string Extension => ".labels.txt";

    public override int ClockRate => 1_000_000;

    public override Timeline Read(TimelineText text)
    {
        for (int i = 0; i < text.Lines.Length; i++)
        {
            // Of later versions, which older ones pass over.
            if (text.Lines[i].StartsWith('\\') || text.Lines[i].Trim().Length == 0)
                continue;
            string[] fields = text.Lines[i].Contains('\t', StringComparison.Ordinal)
                ? text.Lines[i].Split('\t', StringSplitOptions.RemoveEmptyEntries)
                : text.Lines[i].Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            double start = TimelineText.Number(fields.ElementAtOrDefault(0) ?? "") ?? throw text.Broken(i, "a label: start, tab, end, tab, text");
            double? end = TimelineText.Number(fields.ElementAtOrDefault(1) ?? "");
            string label = (end is null ? fields.ElementAtOrDefault(1) : fields.ElementAtOrDefault(2)) ?? "";
            text.Add(start, end == start ? null : end, LabelText.Parse(label), text.Place(i));
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        foreach (Segment segment in timeline.Segments)
        {
            string oneLine = segment.Class.ReplaceCarriageReturns().Replace('\n', ' ').Replace('\t', ' ');
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{segment.Start:F6}\t{segment.End:F6}\t{LabelText.Compose(segment with { Class = oneLine })}"));
        }
    }
}
