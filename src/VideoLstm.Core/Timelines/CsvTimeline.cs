using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// CSV (RFC 4180), for tables: a header <c>start,end,class,probability</c>, times in seconds to the microsecond, an empty probability
/// where nobody has said. Read are also the columns <c>start_s</c> and <c>end_s</c>, in any order and among others, and what spreadsheets
/// make of it: semicolons or tabs between the fields, and then commas for points. Names are exact, but for half a surrogate pair, which is U+FFFD.
/// </summary>
internal sealed class CsvTimeline : TimelineFormat
{
    private static readonly CsvConfiguration WriteFormat = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    // The first that is in the header.
    private static readonly char[] Delimiters = [',', ';', '\t'];

    public override string Extension => ".csv";

    public override int ClockRate => 1_000_000;

    public override Timeline Read(TimelineText text)
    {
        string header = text.Lines[0];
        char delimiter = Delimiters.FirstOrDefault(header.Contains, ',');
        var format = new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = $"{delimiter}", TrimOptions = TrimOptions.Trim, CountBytes = false };
        using var csv = new CsvParser(new StringReader(text.Text), format);
        try
        {
            string[] columns = csv.Read() ? csv.Record! : [];
            int start = Column(columns, "start", "start_s"), end = Column(columns, "end", "end_s"), name = Column(columns, "class"), probability = Column(columns, "probability");
            if (start < 0 || end < 0 || name < 0)
                throw text.Broken(0, "a header with the columns start, end and class");
            // A field may hold line ends: a row begins where the one before has ended.
            for (int line = csv.RawRow; csv.Read(); line = csv.RawRow)
                ReadRow(text, csv.Record!, (start, end, name, probability), delimiter, line);
        }
        catch (CsvHelperException e)
        {
            throw new InputException($"{text.Place(csv.RawRow - 1)}: is no CSV that can be read ({TimelineText.Shorten(e.Message.Split('\n')[0].Trim(), 200)})", e);
        }
        return text.ToTimeline();
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
            csv.WriteField(segment.Class, shouldQuote: segment.Class.AsSpan().ContainsAny(",\r\n\"") || segment.Class[0] == ' ' || segment.Class[^1] == ' ');
            csv.WriteField(segment.Probability is null ? "" : JsonTimeline.Exact(segment.Probability));
            csv.NextRecord();
        }
    }

    private static void ReadRow(TimelineText text, string[] fields, (int Start, int End, int Name, int Probability) columns, char delimiter, int line)
    {
        string Field(int column) => column >= 0 && column < fields.Length ? fields[column] : "";
        double Number(int column, string what) =>
            (delimiter == ',' && Field(column).Contains(',', StringComparison.Ordinal) ? null : TimelineText.Number(Field(column)))
            ?? throw new InputException($"{text.Place(line)}: expected {what}, found `{TimelineText.Shorten(Field(column))}`");
        double? probability = Field(columns.Probability).Length == 0 ? null : Number(columns.Probability, "a probability");
        string name = Field(columns.Name);
        text.Add(Number(columns.Start, "a start in seconds"), Number(columns.End, "an end in seconds"), (name.Length > 0 ? name : Segment.Unknown, probability), text.Place(line));
    }

    private static int Column(string[] columns, params string[] names) => Array.FindIndex(columns, c => names.Contains(c.Trim(), StringComparer.OrdinalIgnoreCase));
}
