namespace VideoLstm.Core.Datasets;

/// <summary>
/// <c>clip_folders.csv</c>: where those clips of data_file.csv lie that are in none of the usual folders, rows
/// <c>train|test,class,name,folder</c>, the folder relative to the data folder, with slashes.
/// </summary>
internal static class ClipFoldersFile
{
    /// <summary>Reads all rows; there are none without a file.</summary>
    /// <exception cref="InputException">A row is not what it should be: the message names the row.</exception>
    public static IReadOnlyDictionary<ClipKey, string> Read(string path) => File.Exists(path)
        ? DataFile.ReadRows(path, "folder", (text, broken) =>
            text == "." || (text.Split('/').All(DataFile.IsName) && !Path.IsPathRooted(text)) ? text : throw broken($"`{text}` is no folder in the data folder")).ToDictionary(row => row.Key, row => row.Last)
        : new Dictionary<ClipKey, string>();

    /// <summary>Writes the rows, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyDictionary<ClipKey, string> folders) => DataFile.WriteRows(path, folders
        .OrderBy(f => f.Key.Set).ThenBy(f => f.Key.Class, StringComparer.Ordinal).ThenBy(f => f.Key.Name, StringComparer.Ordinal).Select(f => (f.Key, f.Value)));
}
