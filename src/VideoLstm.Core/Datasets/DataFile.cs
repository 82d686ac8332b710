using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Tables;
using VideoLstm.Core.Formats.Text;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// <c>data_file.csv</c>: one row <c>train|test,class,name,frames</c> for each clip, without a header, as the Python scripts
/// write it with csv.writer (RFC 4180, UTF-8).
/// </summary>
public static class DataFile
{
    // As csv.writer writes them.
    private static readonly CsvConfiguration WriteFormat = new(CultureInfo.InvariantCulture) { HasHeaderRecord = false, NewLine = "\r\n" };

    /// <summary>Reads all rows. A class whose name differs in case or in Unicode form between train and test is one.</summary>
    /// <param name="path">The list.</param>
    /// <param name="remarks">Gets one line for each such class.</param>
    /// <exception cref="InputException">The file is missing, or a row is not what it should be: the message names the row.</exception>
    public static IReadOnlyList<Clip> Read(string path, ICollection<Finding>? remarks = null)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: not found", Remedy.ExtractFiles);

        List<(ClipKey Key, long Frames)> rows = ReadRows(path, ["frames"], 1, (fields, broken) =>
            long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out long frames)
                ? frames
                : throw broken($"expected a number of frames, found {Printable.Quote(fields[0])}"));
        IReadOnlyDictionary<string, string> classes = ClassNames.Unify(rows.Select(r => (r.Key.Set, r.Key.Class)), remarks ?? []);
        return [.. rows.Select(r => new Clip(r.Key.Set, classes[r.Key.Class], r.Key.Name, r.Frames))];
    }

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<Clip> clips) =>
        WriteRows(path, clips.Select(c => (c.Key, (IReadOnlyList<string>)[c.Frames.ToString(CultureInfo.InvariantCulture)])));

    /// <summary>Reads rows of <c>train|test,class,name</c> and further fields.</summary>
    /// <param name="path">The file, which is there.</param>
    /// <param name="further">What the further fields are called in messages.</param>
    /// <param name="least">How many of them there must be: these, or all.</param>
    /// <param name="parse">Reads the further fields, or throws what its second argument makes of a complaint.</param>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    internal static List<(ClipKey Key, T Further)> ReadRows<T>(
        string path, string[] further, int least, Func<string[], Func<string, InputException>, T> parse) =>
        // Another process may be putting it in its place.
        StoreFault.Outlast(() => ReadRowsOnce(path, further, least, parse));

    private static List<(ClipKey Key, T Further)> ReadRowsOnce<T>(
        string path, string[] further, int least, Func<string[], Func<string, InputException>, T> parse)
    {
        using TableFile table = TableFile.Open(path, "a list of clips", trims: false);
        var rows = new List<(ClipKey, T)>();
        var seen = new HashSet<ClipKey>();
        foreach (TableRow row in table.Rows())
        {
            InputException Broken(string what) => new($"{table.Place(row)}: {what}", Remedy.MendList);

            if (row.Fault is not null)
                throw Broken(row.Fault);
            if (row.Fields.Length != 3 + further.Length && row.Fields.Length != 3 + least)
                throw Broken($"expected {3 + further.Length} fields `train|test,class,name,{string.Join(',', further)}`, "
                    + $"found {row.Fields.Length}");
            ClipSet set = row.Fields[0] switch
            {
                "train" => ClipSet.Train,
                "test" => ClipSet.Test,
                var other => throw Broken($"expected `train` or `test`, found {Printable.Quote(other)}"),
            };
            var key = new ClipKey(set, Name(row.Fields[1]), Name(row.Fields[2]));
            T rest = parse(row.Fields[3..], Broken);
            if (!seen.Add(key))
                throw Broken($"{key.Label} is there twice");
            rows.Add((key, rest));

            string Name(string value) => IsName(value) ? value : throw Broken($"{Printable.Quote(value)} is no name of a class or clip");
        }
        return rows;
    }

    /// <summary>Writes rows, whole or not at all.</summary>
    internal static void WriteRows(string path, IEnumerable<(ClipKey Key, IReadOnlyList<string> Further)> rows) =>
        AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), leaveOpen: true);
        using var csv = new CsvWriter(writer, WriteFormat);
        foreach ((ClipKey key, IReadOnlyList<string> rest) in rows)
        {
            csv.WriteField(Clip.SetName(key.Set));
            csv.WriteField(key.Class);
            csv.WriteField(key.Name);
            foreach (string field in rest)
                csv.WriteField(field);
            csv.NextRecord();
        }
    });

    /// <summary>
    /// Whether a text can be a class or a clip. Both become parts of paths that we read and write: nothing that leaves the data folder may
    /// pass.
    /// </summary>
    internal static bool IsName(string value) => value is not ("" or "." or "..") && value.AsSpan().IndexOfAny('/', '\\', '\0') < 0;
}
