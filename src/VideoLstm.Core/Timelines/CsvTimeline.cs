using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Tables;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// CSV (RFC 4180), for tables: a header <c>start,end,class,probability</c>, times in seconds to the microsecond, an empty probability
/// where nobody has said. Read is what <see cref="TableFile"/> reads, with the columns of <see cref="TimelineFields"/> in any order and
/// among others; without a header, start, end and class, and LosslessCut's and PySceneDetect's tables; times as on a clock, an open end,
/// and, where no comma separates the fields, commas for points. Names are exact, but for half a surrogate pair, which is U+FFFD.
/// </summary>
internal sealed class CsvTimeline(string extension) : TimelineFormat(extension, 1_000_000)
{
    private static readonly CsvConfiguration WriteFormat = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Whether a line is the header of such a table.</summary>
    public static bool IsHeader(string line) => Columns.OfHeader(line.Split(',', ';', '\t')) is not null;

    public override Timeline Read(TimelineText text)
    {
        using TableFile table = TableFile.Open(
            text.Path, "a timeline", longest: TimelineText.LongestFile, mostLines: TimelineText.MostLines);
        Columns? columns = null;
        var videos = new HashSet<string>(StringComparer.Ordinal);
        foreach (TableRow row in table.Rows())
        {
            if (row.Fault is not null)
                throw new InputException($"{table.Place(row)}: {row.Fault}");
            if (columns is null)
            {
                // PySceneDetect's first line.
                if (row.Field(0).StartsWith("Timecode List", StringComparison.OrdinalIgnoreCase))
                    continue;
                if (BorisEventsTimeline.IsHeader(row.Fields) || BorisEventsTimeline.IsPreamble(row.Fields))
                    return new BorisEventsTimeline().Read(text);
                columns = Columns.OfHeader(row.Fields);
                if (columns is { } header)
                {
                    if (row.Field(header.Class).Equals("Scene Number", StringComparison.OrdinalIgnoreCase))
                        text.Note("the scenes have numbers and no classes; add a column `class` to name them");
                    continue;
                }
                columns = Columns.OfRow(row.Fields) ?? throw NoHeader(table, row);
            }
            if (row.Field(columns.Video) is { Length: > 0 } video && videos.Add(video) && videos.Count > 1)
                throw new InputException(
                    $"{table.Place(row)}: is of another video, {Printable.Short(video, 100)}, than the rows before; keep those of one");
            ReadRow(text, table, row, columns);
        }
        return columns is not null ? text.ToTimeline() : throw NoHeader(table, null);
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        using var csv = new CsvWriter(writer, WriteFormat, leaveOpen: true);
        foreach (string column in (string[])["start", "end", "class", "probability"])
            csv.WriteField(column);
        csv.NextRecord();
        foreach (Segment segment in timeline.Segments)
        {
            csv.WriteField(JsonTimeline.Seconds(segment.Start));
            csv.WriteField(JsonTimeline.Seconds(segment.End));
            csv.WriteField(segment.Class,
                shouldQuote: segment.Class.AsSpan().ContainsAny(",\r\n\"") || segment.Class[0] == ' ' || segment.Class[^1] == ' ');
            csv.WriteField(segment.Probability is null ? "" : JsonTimeline.Exact(segment.Probability));
            csv.NextRecord();
        }
    }

    private static InputException NoHeader(TableFile table, TableRow? row) =>
        new($"{(row is null ? $"{table.Path}, line 1" : table.Place(row))}: expected a header with the columns start, end and class, "
            + $"found {(row is null ? "the end of the file" : $"{Printable.Quote(string.Join(table.Separator, row.Fields))}")}");

    private static void ReadRow(TimelineText text, TableFile table, TableRow row, Columns columns)
    {
        InputException Broken(int column, string what) =>
            new($"{table.Place(row)}: expected {what}, found {Printable.Quote(row.Field(column))}");
        // A comma in the middle of fields between commas may part thousands.
        double? Number(int column) => table.Separator == ',' && row.Field(column).Contains(',', StringComparison.Ordinal)
            ? null
            : TimelineText.Number(row.Field(column));
        double Time(int column, string what) => ClockTime.Parse(row.Field(column)) ?? Number(column)
            ?? throw Broken(column,
                what + (row.Field(column).Contains(':', StringComparison.Ordinal) ? " in seconds, or like 0:01:02.5" : " in seconds"));

        if (columns.Class >= row.Fields.Length)
            throw new InputException(Invariant($"{table.Place(row)}: expected {columns.Count} fields, found {row.Fields.Length}"));
        if (row.Fields.Skip(columns.Count).Any(f => f.Length > 0))
            throw new InputException(
                Invariant($"{table.Place(row)}: expected {columns.Count} fields, found {row.Fields.Length}; put a name that holds a ")
                    + Invariant($"`{table.Separator}` into quotation marks"));
        bool isOpen = row.Field(columns.End) is ""
            || row.Field(columns.End).Trim('+').ToUpperInvariant() is "INF" or "INFINITY" or "\u221E";
        double start = row.Field(columns.Start).Length == 0 && !isOpen ? 0 : Time(columns.Start, "a start");
        double? end = !isOpen ? Time(columns.End, "an end")
            : row.Field(columns.Duration).Length > 0 ? start + Time(columns.Duration, "a duration")
            : null;
        double? probability = row.Field(columns.Probability) is "" or "nan" or "NaN"
            ? null
            : Number(columns.Probability) ?? throw Broken(columns.Probability, "a probability");
        string name = row.Field(columns.Class);
        text.Add(start, end, (name.Length > 0 ? name : Segment.Unknown, probability), row.Line - 1);
    }

    // Indices of the columns, -1 for one that is not there, and how many fields a row has.
    private sealed record Columns(int Start, int End, int Class, int Probability, int Duration, int Video, int Count)
    {
        public static Columns? OfHeader(string[] fields)
        {
            int[] found = [-1, -1, -1, -1, -1, -1], ranks = new int[found.Length];
            for (int i = 0; i < fields.Length; i++)
            {
                if (TimelineFields.Find(fields[i]) is { } known && (found[(int)known.Field] < 0 || known.Rank < ranks[(int)known.Field]))
                    (found[(int)known.Field], ranks[(int)known.Field]) = (i, known.Rank);
            }
            return found[0] >= 0 && found[2] >= 0
                ? new Columns(found[0], found[1], found[2], found[3], found[4], found[5], fields.Length)
                : null;
        }

        // Two times and a text say enough; a number behind them is a probability.
        public static Columns? OfRow(string[] fields)
        {
            static bool IsTime(string field) => TimelineText.Time(field) is not null;
            static bool MayBeTime(string field) => field.Length == 0 || IsTime(field);
            if (fields.Length < 3)
                return null;
            if (MayBeTime(fields[0]) && MayBeTime(fields[1]) && (IsTime(fields[0]) || IsTime(fields[1])))
                return new Columns(0, 1, 2, 3, -1, -1, 4);
            return IsTime(fields[1]) && MayBeTime(fields[2]) ? new Columns(1, 2, 0, 3, -1, -1, 4) : null;
        }
    }
}
