using System.IO.Enumeration;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// What is below a folder, as people's folders are: with links in a circle, with what systems leave in them, with some that cannot be
/// entered.
/// </summary>
public static class FolderTree
{
    // Left by archives, file managers, network stores and file systems; none of it is a user's.
    private static readonly HashSet<string> Litter = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX", "@eaDir", "#recycle", "@Recycle", "#snapshot", "$RECYCLE.BIN", "RECYCLER", "System Volume Information", "lost+found",
        "Network Trash Folder", "Temporary Items", "TheVolumeSettingsFolder", "__pycache__", "Thumbs.db", "ehthumbs.db", "desktop.ini",
        "Icon\r",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> LitterNames =
        Litter.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Says of a file or folder, by its name without path, whether it is wanted.</summary>
    public delegate bool NameFilter(ReadOnlySpan<char> name);

    /// <summary>Whether a file or folder is the user's: not hidden, and not left by a system.</summary>
    public static bool IsOfUser(ReadOnlySpan<char> name) => name.Length > 0 && name[0] != '.' && !LitterNames.Contains(name);

    /// <summary>
    /// Names of the folders in a folder, by code; not hidden ones, what systems leave, and links to a folder that they lie in.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    internal static string[] FolderNames(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Where(d => IsOfUser(Path.GetFileName(d.AsSpan())) && !LeadsBack(d))
            .Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>All wanted files below a folder. A folder that cannot be read is named, and the others are read.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="wanted">Which files; those that are not the user's are not asked about.</param>
    /// <param name="failures">Gets one line for each folder that cannot be read.</param>
    /// <param name="enters">Which folders; null: all. Given the path.</param>
    /// <param name="everyWay">Whether a folder that links lead to from several places is read in each; a link to a folder that it lies in
    /// is followed in no case.</param>
    public static IEnumerable<FoundFile> Files(
        string root, NameFilter wanted, ICollection<Finding> failures, Predicate<string>? enters = null, bool everyWay = false)
    {
        ArgumentNullException.ThrowIfNull(failures);
        var folders = new Stack<Folder>([new Folder(root, RealPath.Of(root), null)]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (folders.TryPop(out Folder? folder))
        {
            if (everyWay ? folder.IsInItself : !seen.Add(folder.Real))
                continue;
            Entry[] entries = Read(folder.Path, wanted, failures);
            // Links last off the stack: what can be reached without has that way.
            foreach (Entry entry
                in entries.Where(e => e.IsFolder).OrderByDescending(e => e.IsLink).ThenByDescending(e => e.Name, StringComparer.Ordinal))
            {
                string path = Path.Combine(folder.Path, entry.Name);
                if (enters is null || enters(path))
                    folders.Push(new Folder(path, entry.IsLink ? RealPath.Of(path) : Path.Combine(folder.Real, entry.Name), folder));
            }
            foreach (Entry entry in entries.Where(e => !e.IsFolder).OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                string path = Path.Combine(folder.Path, entry.Name);
                yield return new FoundFile(path, entry.IsLink ? RealPath.Of(path) : Path.Combine(folder.Real, entry.Name));
            }
        }
    }

    private static bool LeadsBack(string folder) => new FileInfo(folder).LinkTarget is not null
        && (RealPath.Of(Path.GetDirectoryName(Path.GetFullPath(folder))!) + Path.DirectorySeparatorChar)
            .StartsWith(Path.TrimEndingDirectorySeparator(RealPath.Of(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static Entry[] Read(string folder, NameFilter wanted, ICollection<Finding> failures)
    {
        try
        {
            // A folder may hold very many frames: no string is made of what is not wanted.
            return
            [
                .. new FileSystemEnumerable<Entry>(
                    folder, (ref FileSystemEntry e) =>
                        new Entry(e.FileName.ToString(), e.IsDirectory,
                            (e.Attributes & FileAttributes.ReparsePoint) != FileAttributes.None),
                    new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
                {
                    ShouldIncludePredicate = (ref FileSystemEntry e) => IsOfUser(e.FileName) && (e.IsDirectory || wanted(e.FileName)),
                },
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failures.Add($"{folder}: cannot be read: {e.Message}");
            return [];
        }
    }

    private readonly record struct Entry(string Name, bool IsFolder, bool IsLink);

    private sealed record Folder(string Path, string Real, Folder? Parent)
    {
        public bool IsInItself
        {
            get
            {
                for (Folder? f = Parent; f is not null; f = f.Parent)
                {
                    if (f.Real == Real)
                        return true;
                }
                return false;
            }
        }
    }
}
