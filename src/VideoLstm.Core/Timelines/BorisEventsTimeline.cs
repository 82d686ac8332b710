using System.Globalization;
using CsvHelper.Configuration;
using CsvHelper;
using VideoLstm.Core.Formats.Tables;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Events as BORIS exports them (export_events.py, export_observation.py): a table with tabs or commas between the fields. Aggregated, a
/// row is a state or a point, with <c>Start (s)</c> and <c>Stop (s)</c>; tabular, a row is a start, a stop or a point, with <c>Time</c>.
/// Written are aggregated events, to the millisecond. What lasts no time is left out when it is read, and that is said.
/// </summary>
internal sealed class BorisEventsTimeline() : TimelineFormat(".boris.tsv", 1000)
{
    private static readonly string[] Written =
    [
        "Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)", "Coding duration",
        "Media duration (s)", "FPS (frame/s)", "Subject", "Observation duration by subject by observation", "Behavior",
        "Behavioral category", "Behavior type", "Start (s)", "Stop (s)", "Duration (s)", "Media file name", "Image index start",
        "Image index stop", "Image file path start", "Image file path stop", "Comment start", "Comment stop",
    ];

    /// <summary>Whether these are the names of the columns of such a table.</summary>
    public static bool IsHeader(string[] fields) => fields.Contains("Behavior") && fields.Contains("Subject")
        && (fields.Contains("Start (s)") || (fields.Contains("Time") && fields.Any(f => f is "Behavior type" or "Status")));

    /// <summary>Whether a row is what older versions write before the names of the columns.</summary>
    public static bool IsPreamble(string[] fields) => fields is ["Observation id", ..] && !IsHeader(fields);

    public override Timeline Read(TimelineText text)
    {
        using TableFile table = TableFile.Open(
            text.Path, "a timeline", longest: TimelineText.LongestFile, mostLines: TimelineText.MostLines);
        var found = new BorisObservation();
        string[]? header = null;
        string observation = "";
        foreach (TableRow row in table.Rows())
        {
            if (row.Fault is not null)
                throw new InputException($"{table.Place(row)}: {row.Fault}");
            if (header is not null)
                ReadRow(table, row, header, observation, found);
            else if (IsHeader(row.Fields))
                header = row.Fields;
            else if (row.Field(0) == "Observation id")
                observation = row.Field(1);
        }
        return header is not null ? found.ToTimeline(text) : throw new InputException(
            $"{text.Path}: expected a header with the columns Subject, Behavior, Behavior type, and Start (s) and Stop (s) or Time");
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        using var csv = new CsvWriter(
            writer, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n", Delimiter = "\t" }, leaveOpen: true);
        string video = timeline.Video ?? "NA", fps = timeline.Fps is { } rate ? Seconds(rate) : "NA",
            duration = Seconds(timeline is { Frames: { } frames, Fps: { } known } ? frames / known
                : timeline.Segments.Count > 0 ? timeline.Segments[^1].End : 0);
        WriteRow(csv, Written);
        foreach (Segment segment in timeline.Segments)
        {
            string comment = segment.Probability is { } probability ? Invariant($"probability {probability:0.###}") : "";
            WriteRow(csv, ["vlstm", "", "", "Media file(s)", $"player #1:{video}", "0", duration, duration, fps, BorisObservation.NoSubject,
                duration, segment.Class, "", "STATE", Seconds(segment.Start), Seconds(segment.End), Seconds(segment.End - segment.Start),
                video, "NA", "NA", "NA", "NA", comment, ""]);
        }
    }

    private static string Seconds(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static void WriteRow(CsvWriter csv, string[] fields)
    {
        foreach (string field in fields)
            csv.WriteField(field, shouldQuote: field.AsSpan().ContainsAny("\t\r\n\"")
                || (field.Length > 0 && (char.IsWhiteSpace(field[0]) || char.IsWhiteSpace(field[^1]))));
        csv.NextRecord();
    }

    private static void ReadRow(TableFile table, TableRow row, string[] header, string observation, BorisObservation found)
    {
        string Field(string name) => row.Field(Array.IndexOf(header, name));
        double Time(string name) => TimelineText.Time(Field(name))
            ?? throw new InputException($"{table.Place(row)}: expected seconds as {name}, found {Printable.Quote(Field(name))}");

        string id = Field("Observation id") is { Length: > 0 } own ? own : observation,
            media = Field("Media file name") is { Length: > 0 } and not ("NA" or "Not found") and var file ? file : Field("Media file");
        var what = new BorisEvent(id, media.Length > 0 ? media : id, Field("Subject") == BorisObservation.NoSubject ? "" : Field("Subject"),
            Field("Behavior"), Field("Behavioral category"), string.Join('|', header.Index()
                .Where(c => c.Item.StartsWith("Modifier", StringComparison.Ordinal)).Select(c => row.Field(c.Index))));
        if (Field("Source").Split('|')[0].Contains(';', StringComparison.Ordinal))
            throw new InputException(
                $"{table.Place(row)}: the observation {Printable.Quote(id)} plays several videos one after another; expected one");
        double offset = TimelineText.Time(Field("Time offset (s)")) ?? 0;
        string kind = (Field("Behavior type") is { Length: > 0 } type ? type : Field("Status")).ToUpperInvariant();
        if (Array.IndexOf(header, "Start (s)") >= 0)
            found.Add(what, Time("Start (s)") - offset, (kind == "POINT" ? Time("Start (s)") : Time("Stop (s)")) - offset, row.Line - 1);
        else if (kind is "START" or "STOP")
            found.Toggle(what, Time("Time") - offset, row.Line - 1);
        else if (kind == "POINT")
            found.Add(what, Time("Time") - offset, Time("Time") - offset, row.Line - 1);
        else
            throw new InputException($"{table.Place(row)}: expected START, STOP or POINT as Behavior type, found {Printable.Quote(kind)}");
    }
}
