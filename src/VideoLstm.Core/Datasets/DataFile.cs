using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// <c>data_file.csv</c>: one row <c>train|test,class,name,frames</c> for each clip, without a header, as the Python scripts
/// write it with csv.writer (RFC 4180, UTF-8).
/// </summary>
public static class DataFile
{
    // Reading takes any line end; csv.writer writes these.
    private static readonly CsvConfiguration ReadFormat = new(CultureInfo.InvariantCulture) { HasHeaderRecord = false, MaxFieldSize = 1 << 16 };
    private static readonly CsvConfiguration WriteFormat = new(CultureInfo.InvariantCulture) { HasHeaderRecord = false, NewLine = "\r\n" };

    /// <summary>Reads all rows.</summary>
    /// <exception cref="InputException">The file is missing, or a row is not what it should be: the message names the row.</exception>
    public static IReadOnlyList<Clip> Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: not found; run `vlstm extract-files <extension>` first, e.g. `vlstm extract-files mp4`");

        return [.. ReadRows(path, "frames", (text, broken) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long frames) ? frames : throw broken($"expected a number of frames, found `{text}`"))
            .Select(row => new Clip(row.Key.Set, row.Key.Class, row.Key.Name, row.Last))];
    }

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<Clip> clips) =>
        WriteRows(path, clips.Select(c => (c.Key, c.Frames.ToString(CultureInfo.InvariantCulture))));

    /// <summary>Reads rows of <c>train|test,class,name</c> and a last field.</summary>
    /// <param name="path">The file, which is there.</param>
    /// <param name="lastField">What the last field is called in messages.</param>
    /// <param name="parse">Reads the last field, or throws what its second argument makes of a complaint.</param>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    internal static List<(ClipKey Key, T Last)> ReadRows<T>(string path, string lastField, Func<string, Func<string, InputException>, T> parse)
    {
        var rows = new List<(ClipKey, T)>();
        var seen = new HashSet<ClipKey>();
        using var reader = new StreamReader(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
        using var csv = new CsvReader(reader, ReadFormat);
        try
        {
            while (csv.Read())
            {
                if (csv.Parser.Count != 4)
                    throw Broken(path, csv, $"expected 4 fields `train|test,class,name,{lastField}`, found {csv.Parser.Count}");
                ClipKey key = ReadKey(csv, path);
                T last = parse(csv.GetField(3)!, what => Broken(path, csv, what));
                if (!seen.Add(key))
                    throw Broken(path, csv, $"{key.Label} is there twice");
                rows.Add((key, last));
            }
        }
        catch (Exception e) when (e is CsvHelperException or System.Text.DecoderFallbackException)
        {
            throw new InputException($"{path}: is no CSV file that can be read ({FirstLine(e.Message)}); delete it and run `vlstm extract-files` again", e);
        }
        return rows;
    }

    /// <summary>Writes rows, whole or not at all.</summary>
    internal static void WriteRows(string path, IEnumerable<(ClipKey Key, string Last)> rows) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), leaveOpen: true);
        using var csv = new CsvWriter(writer, WriteFormat);
        foreach ((ClipKey key, string last) in rows)
        {
            csv.WriteField(Clip.SetName(key.Set));
            csv.WriteField(key.Class);
            csv.WriteField(key.Name);
            csv.WriteField(last);
            csv.NextRecord();
        }
    });

    private static ClipKey ReadKey(CsvReader csv, string path)
    {
        ClipSet set = csv.GetField(0) switch
        {
            "train" => ClipSet.Train,
            "test" => ClipSet.Test,
            var other => throw Broken(path, csv, $"expected `train` or `test`, found `{other}`"),
        };
        return new ClipKey(set, FolderName(csv, 1, path), FolderName(csv, 2, path));
    }

    private static string FolderName(CsvReader csv, int field, string path) => csv.GetField(field)! is var value && IsName(value)
        ? value
        : throw Broken(path, csv, $"`{value}` is no name of a class or clip");

    /// <summary>Whether a text can be a class or a clip. Both become parts of paths that we read and write: nothing that leaves the data folder may pass.</summary>
    internal static bool IsName(string value) => value is not ("" or "." or "..") && value.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    private static InputException Broken(string path, CsvReader csv, string what) =>
        new($"{path}, row {csv.Parser.Row}: {FirstLine(what)}; mend the row, or delete the file and run `vlstm extract-files` again");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', '.');
}
