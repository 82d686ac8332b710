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

        var clips = new List<Clip>();
        var seen = new HashSet<(ClipSet, string, string)>();
        using var reader = new StreamReader(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
        using var csv = new CsvReader(reader, ReadFormat);
        try
        {
            while (csv.Read())
            {
                Clip clip = ReadRow(csv, path);
                if (!seen.Add((clip.Set, clip.Class, clip.Name)))
                    throw Broken(path, csv, $"{clip.Label} is there twice");
                clips.Add(clip);
            }
        }
        catch (Exception e) when (e is CsvHelperException or System.Text.DecoderFallbackException)
        {
            throw new InputException($"{path}: is no CSV file that can be read ({FirstLine(e.Message)}); delete it and run `vlstm extract-files` again", e);
        }
        return clips;
    }

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<Clip> clips) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), leaveOpen: true);
        using var csv = new CsvWriter(writer, WriteFormat);
        foreach (Clip clip in clips)
        {
            csv.WriteField(Clip.SetName(clip.Set));
            csv.WriteField(clip.Class);
            csv.WriteField(clip.Name);
            csv.WriteField(clip.Frames);
            csv.NextRecord();
        }
    });

    private static Clip ReadRow(CsvReader csv, string path)
    {
        if (csv.Parser.Count != 4)
            throw Broken(path, csv, $"expected 4 fields `train|test,class,name,frames`, found {csv.Parser.Count}");

        ClipSet set = csv.GetField(0) switch
        {
            "train" => ClipSet.Train,
            "test" => ClipSet.Test,
            var other => throw Broken(path, csv, $"expected `train` or `test`, found `{other}`"),
        };
        string className = FolderName(csv, 1, path);
        string name = FolderName(csv, 2, path);
        if (!long.TryParse(csv.GetField(3), NumberStyles.None, CultureInfo.InvariantCulture, out long frames))
            throw Broken(path, csv, $"expected a number of frames, found `{csv.GetField(3)}`");
        return new Clip(set, className, name, frames);
    }

    // Both become parts of paths that we read and write: nothing that leaves the data folder may pass.
    private static string FolderName(CsvReader csv, int field, string path)
    {
        string value = csv.GetField(field)!;
        bool leaves = value is "" or "." or ".." || value.AsSpan().IndexOfAny('/', '\\', '\0') >= 0;
        return leaves ? throw Broken(path, csv, $"`{value}` is no name of a class or clip") : value;
    }

    private static InputException Broken(string path, CsvReader csv, string what) =>
        new($"{path}, row {csv.Parser.Row}: {FirstLine(what)}; mend the row, or delete the file and run `vlstm extract-files` again");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', '.');
}
