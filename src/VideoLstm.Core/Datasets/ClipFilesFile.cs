using System.Globalization;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// <c>clip_files.csv</c>, beside data_file.csv: which file each clip is, and what was done of it, rows
/// <c>train|test,class,name,file,bytes,written,frames,yes|no,stream,sha256,picture bytes,picture sha256</c> without a header; the stream is
/// empty where none was chosen, the last two where there are no pictures. By it every verb reads the file that was listed, and nothing is
/// done or read twice. Lists of the Python scripts and of people have none. Older versions wrote rows without the last three, and before
/// that <c>clip_folders.csv</c>, rows <c>train|test,class,name,folder</c>, for clips in unusual folders only.
/// </summary>
internal static class ClipFilesFile
{
    private const string Yes = "yes", No = "no";

    private static readonly string[] Columns =
        ["file", "bytes", "written", "frames", "pictures", "stream", "sha256", "picture bytes", "picture sha256"];

    private const int ColumnsBefore = 6;

    /// <summary>Reads all rows; there are none without a file.</summary>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    public static Dictionary<ClipKey, ClipRecord> Read(string path) => File.Exists(path)
        ? DataFile.ReadRows(path, Columns, ColumnsBefore, (fields, broken) => new ClipRecord(
            RelativePath(fields[0], broken),
            new FileStamp(Number(fields[1], broken), Time(fields[2], broken)),
            Number(fields[3], broken),
            fields[4] is Yes or No ? fields[4] == Yes : throw broken($"expected yes or no, found {Printable.Quote(fields[4])}"),
            fields[5].Length == 0 ? null : (int)Math.Min(int.MaxValue, Number(fields[5], broken)))
        {
            Digest = fields.Length > ColumnsBefore ? Sha256(fields[6], broken) : "",
            PictureBytes = fields.Length > ColumnsBefore && fields[7].Length > 0 ? Number(fields[7], broken) : 0,
            PictureDigest = fields.Length > ColumnsBefore ? Sha256(fields[8], broken) : "",
        })
            .ToDictionary(row => row.Key, row => row.Further)
        : [];

    /// <summary>Reads the folders that an older version left; there are none without a file.</summary>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    public static Dictionary<ClipKey, string> ReadFolders(string path) => File.Exists(path)
        ? DataFile.ReadRows(path, ["folder"], 1, (fields, broken) => fields[0] == "." ? "." : RelativePath(fields[0], broken))
            .ToDictionary(row => row.Key, row => row.Further)
        : [];

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IEnumerable<(ClipKey Key, ClipRecord Record)> rows) =>
        DataFile.WriteRows(path, rows.Select(row => (row.Key, (IReadOnlyList<string>)
        [
            row.Record.Path, Invariant($"{row.Record.Stamp.Length}"), Invariant($"{row.Record.Stamp.Written:O}"),
            Invariant($"{row.Record.Frames}"), row.Record.HasPictures ? Yes : No, Invariant($"{row.Record.Stream}"),
            row.Record.Digest, row.Record.PictureDigest.Length > 0 ? Invariant($"{row.Record.PictureBytes}") : "", row.Record.PictureDigest,
        ])));

    // Nothing that leaves the data folder may pass.
    private static string RelativePath(string text, Func<string, InputException> broken) =>
        text.Split('/').All(DataFile.IsName) && !Path.IsPathRooted(text) ? text
            : throw broken($"{Printable.Quote(text)} is no path in the data folder");

    private static DateTime Time(string text, Func<string, InputException> broken) =>
        DateTime.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime written)
            ? written
            : throw broken($"{Printable.Quote(text)} is no time");

    private static string Sha256(string text, Func<string, InputException> broken) =>
        text.Length == 0 || (text.Length == 64 && text.All(char.IsAsciiHexDigitLower)) ? text
        : throw broken($"expected a SHA-256, found {Printable.Quote(text)}");

    private static long Number(string text, Func<string, InputException> broken) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw broken($"expected a number, found {Printable.Quote(text)}");
}
