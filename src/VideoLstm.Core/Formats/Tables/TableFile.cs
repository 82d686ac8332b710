using System.Text;
using VideoLstm.Core.Formats.Text;

namespace VideoLstm.Core.Formats.Tables;

/// <summary>
/// A table as programs and spreadsheets write it (RFC 4180 and what they make of it): commas, semicolons or tabs between the fields,
/// <c>sep=;</c> in the first line, quoted fields that hold separators and line ends, any encoding and line end of <see cref="TextFile"/>.
/// Rows without anything in them, or with nothing but separators, are passed over. A quotation mark where none can be spoils its own line
/// and no other: CsvHelper, which writes our tables, would take the rest of the file for a field, has no limit on the number of fields and
/// explains faults to programmers.
/// </summary>
internal sealed class TableFile : IDisposable
{
    // No table that is read here has so many columns, or as many lines in a field.
    private const int MostFields = 1000, MostLinesOfRow = 1000;

    // Enough to tell what stands between the fields.
    private const int SampleLines = 20;

    // Where two fit as well, the one that is rarer in text and numbers.
    private static readonly char[] Separators = ['\t', ';', ','];

    private readonly TextFile _file;
    private readonly string _what;
    private readonly int _mostLines;
    private readonly bool _trims;

    // Lines that were looked at ahead, with their numbers and ends.
    private readonly LinkedList<Line> _ahead = new();

    private TableFile(TextFile file, string path, string what, int mostLines, bool trims) =>
        (_file, Path, _what, _mostLines, _trims) = (file, path, what, mostLines, trims);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What stands between the fields.</summary>
    public char Separator { get; private set; }

    /// <summary>Opens a table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should be, with its article, for messages: <c>a timeline</c>.</param>
    /// <param name="trims">Whether blanks around fields that are not quoted are no part of them.</param>
    /// <param name="longest">Bytes that no such file exceeds.</param>
    /// <param name="mostLines">Lines that no such file exceeds.</param>
    /// <exception cref="InputException">It is missing, too large, no text, or has a line that no table has.</exception>
    public static TableFile Open(string path, string what, bool trims = true, long longest = 256 << 20, int mostLines = 5_000_000)
    {
        TextFile file = TextFile.Open(path, what, longest);
        try
        {
            var table = new TableFile(file, path, what, mostLines, trims);
            table.Separator = table.FindSeparator();
            return table;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The rows, in order, once.</summary>
    /// <exception cref="InputException">What <see cref="Open"/> refuses comes later in the file.</exception>
    public IEnumerable<TableRow> Rows()
    {
        while (NextRow() is { } row)
        {
            if (row.Fault is not null || !Array.TrueForAll(row.Fields, IsEmpty))
                yield return row;
        }
    }

    /// <summary>A row as messages name it: <c>clips.csv, line 3</c>.</summary>
    public string Place(TableRow row) => Invariant($"{Path}, line {row.Line}");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // `sep=;` says it. Else the one that stands equally often, and more often than the others, in all lines of the sample, or else in the
    // first.
    private char FindSeparator()
    {
        var sample = new List<string>();
        for (int read = 0; read < SampleLines && ReadLine() is { } line; read++)
        {
            if (read == 0 && line.Text.Trim().Trim('"') is ['s' or 'S', 'e' or 'E', 'p' or 'P', '=', var said])
                return said;
            _ahead.AddLast(line);
            if (!IsEmpty(line.Text))
                sample.Add(line.Text);
        }
        return Separators.Select(s => (Separator: s, Counts: sample.ConvertAll(line => Count(line, s))))
            .Where(s => s.Counts.Count > 0 && s.Counts[0] > 0)
            .OrderByDescending(s => s.Counts.TrueForAll(c => c == s.Counts[0])).ThenByDescending(s => s.Counts[0])
            .Select(s => s.Separator).FirstOrDefault(',');
    }

    private static bool IsEmpty(string text) => text.AsSpan().IndexOfAnyExcept(" \u00A0\t,;") < 0;

    private static int Count(string line, char separator)
    {
        int count = 0;
        bool isQuoted = false;
        foreach (char c in line)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (c == separator && !isQuoted)
                count++;
        }
        return count;
    }

    private TableRow? NextRow()
    {
        if (TakeLine() is not { } first)
            return null;
        var lines = new List<Line> { first };
        if (Fields(lines) is { } fields)
            return new TableRow(first.Number, fields);
        // What was taken for the rest of a field are rows of their own.
        for (int i = lines.Count - 1; i > 0; i--)
            _ahead.AddFirst(lines[i]);
        return new TableRow(first.Number, [], $"a quotation mark is not closed or stands where none can: {Printable.Quote(first.Text)}");
    }

    // The fields of a row; null where a quotation mark is out of place. Takes further lines for quoted line ends.
    private string[]? Fields(List<Line> lines)
    {
        var fields = new List<string>();
        string text = lines[0].Text;
        for (int at = 0; ; at++)
        {
            if (fields.Count == MostFields)
                throw new InputException(Invariant($"{Path}, line {lines[0].Number}: has more than {MostFields} fields, expected {_what}"));
            int blanks = text.AsSpan(at).IndexOfAnyExcept(' ');
            if (blanks >= 0 && text[at + blanks] == '"')
            {
                at += blanks + 1;
                if (Quoted(lines, ref text, ref at) is not { } quoted)
                    return null;
                fields.Add(quoted);
            }
            else
            {
                int length = text.AsSpan(at).IndexOf(Separator);
                string plain = text.Substring(at, length < 0 ? text.Length - at : length);
                if (plain.Contains('"', StringComparison.Ordinal))
                    return null;
                fields.Add(_trims ? plain.Trim(' ') : plain);
                at += length < 0 ? plain.Length : length;
            }
            if (at >= text.Length)
                return [.. fields];
        }
    }

    // A field from behind its first quotation mark; `at` is then where the separator is, or the end of the row.
    private string? Quoted(List<Line> lines, ref string text, ref int at)
    {
        var field = new StringBuilder();
        while (true)
        {
            int mark = text.IndexOf('"', at);
            if (mark < 0)
            {
                if (lines.Count == MostLinesOfRow || TakeLine() is not { } next)
                    return null;
                field.Append(text.AsSpan(at)).Append(lines[^1].End);
                lines.Add(next);
                (text, at) = (next.Text, 0);
                continue;
            }
            field.Append(text.AsSpan(at, mark - at));
            at = mark + 1;
            if (at == text.Length || text[at] != '"')
                break;
            field.Append('"');
            at++;
        }
        while (at < text.Length && text[at] == ' ')
            at++;
        return at == text.Length || text[at] == Separator ? field.ToString() : null;
    }

    private Line? TakeLine()
    {
        if (_ahead.First is not { } first)
            return ReadLine();
        _ahead.RemoveFirst();
        return first.Value;
    }

    private Line? ReadLine() => _file.ReadLine() is not { } text ? null : _file.Line <= _mostLines
        ? new Line(text, _file.LineEnd, _file.Line)
        : throw new InputException(Invariant($"{Path}: has more than {_mostLines} lines, too many for {_what}"));

    private readonly record struct Line(string Text, string End, int Number);
}
