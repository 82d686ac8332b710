using System.Globalization;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// <c>clip_files.csv</c>, beside data_file.csv: which file each clip is, and what was done of it, rows
/// <c>train|test,class,name,file,bytes,written,frames,yes|no,stream</c> without a header; the stream is empty where none was chosen. By it
/// every verb reads the file that was listed, and nothing is done twice. Lists of the Python scripts and of people have none. Older
/// versions wrote <c>clip_folders.csv</c>, rows <c>train|test,class,name,folder</c>, for clips in unusual folders only.
/// </summary>
internal static class ClipFilesFile
{
    private const string Yes = "yes", No = "no";

    /// <summary>Reads all rows; there are none without a file.</summary>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    public static Dictionary<ClipKey, ClipRecord> Read(string path) => File.Exists(path)
        ? DataFile.ReadRows(path, ["file", "bytes", "written", "frames", "pictures", "stream"], (fields, broken) => new ClipRecord(
            RelativePath(fields[0], broken),
            new FileStamp(Number(fields[1], broken), Time(fields[2], broken)),
            Number(fields[3], broken),
            fields[4] is Yes or No ? fields[4] == Yes : throw broken($"expected yes or no, found `{fields[4]}`"),
            fields[5].Length == 0 ? null : (int)Math.Min(int.MaxValue, Number(fields[5], broken))))
            .ToDictionary(row => row.Key, row => row.Further)
        : [];

    /// <summary>Reads the folders that an older version left; there are none without a file.</summary>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    public static Dictionary<ClipKey, string> ReadFolders(string path) => File.Exists(path)
        ? DataFile.ReadRows(path, ["folder"], (fields, broken) => fields[0] == "." ? "." : RelativePath(fields[0], broken))
            .ToDictionary(row => row.Key, row => row.Further)
        : [];

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<(ClipKey Key, ClipRecord Record)> rows) =>
        DataFile.WriteRows(path, rows.Select(row => (row.Key, (IReadOnlyList<string>)
        [
            row.Record.Path, Invariant($"{row.Record.Stamp.Length}"), Invariant($"{row.Record.Stamp.Written:O}"),
            Invariant($"{row.Record.Frames}"), row.Record.HasPictures ? Yes : No, Invariant($"{row.Record.Stream}"),
        ])));

    // Nothing that leaves the data folder may pass.
    private static string RelativePath(string text, Func<string, InputException> broken) =>
        text.Split('/').All(DataFile.IsName) && !Path.IsPathRooted(text) ? text : throw broken($"`{text}` is no path in the data folder");

    private static DateTime Time(string text, Func<string, InputException> broken) =>
        DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime written)
            ? written
            : throw broken($"`{text}` is no time");

    private static long Number(string text, Func<string, InputException> broken) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw broken($"expected a number, found `{text}`");
}
