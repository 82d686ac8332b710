using System.IO.Enumeration;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Video;

namespace VideoLstm.Core.Datasets;

/// <summary>A clip's file as found in the data folder, before anything is known of what is in it.</summary>
public sealed record ClipFile(ClipSet Set, string Class, string Name, string Path)
{
    /// <summary>What tells it from other clips.</summary>
    internal ClipKey Key => new(Set, Class, Name);
}

/// <summary>
/// The data folder and what lies where in it:
/// <code>
/// {train,test}/&lt;Class&gt;/*.mp4   clips, and beside them their frames as JPEG;
///                              also in &lt;Class&gt;/, {train,test}/ or the data folder itself
/// data_file.csv                the list of clips
/// clip_folders.csv             folders of listed clips that lie elsewhere; mostly there is none
/// sequences/                   features, a file a clip
/// checkpoints/                 trained classifiers
/// logs/                        a table of epochs a training run
/// </code>
/// </summary>
public sealed class DataFolder
{
    private const string PictureExtension = ".jpg";

    private Lazy<IReadOnlyDictionary<ClipKey, string>> _otherFolders;

    /// <summary>The data folder at a path.</summary>
    /// <param name="root">The folder itself, as the user gave it.</param>
    public DataFolder(string root)
    {
        Root = root;
        _otherFolders = new(() => ClipFoldersFile.Read(ClipFolders));
    }

    /// <summary>The folder itself, as the user gave it.</summary>
    public string Root { get; }

    /// <summary>data_file.csv.</summary>
    public string DataFile => Path.Combine(Root, "data_file.csv");

    /// <summary>clip_folders.csv.</summary>
    public string ClipFolders => Path.Combine(Root, "clip_folders.csv");

    /// <summary>Where features lie.</summary>
    public string Sequences => Path.Combine(Root, "sequences");

    /// <summary>Where trained classifiers lie.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>Where training runs are logged.</summary>
    public string Logs => Path.Combine(Root, "logs");

    /// <summary>Folder of a class.</summary>
    public string ClassFolder(ClipSet set, string className) => Path.Combine(Root, Clip.SetName(set), className);

    /// <summary>All classes that have a folder, by set and name.</summary>
    /// <exception cref="InputException">The data folder or one of train and test is missing or holds no class.</exception>
    public IReadOnlyList<(ClipSet Set, string Class)> Classes()
    {
        var classes = new List<(ClipSet, string)>();
        foreach (ClipSet set in Enum.GetValues<ClipSet>())
        {
            string folder = Path.Combine(Root, Clip.SetName(set));
            if (!Directory.Exists(folder))
                throw new InputException($"{folder}: no such folder; clips are expected in {Path.Combine(Root, "{train,test}", "<Class>", "*.mp4")}; --data names another data folder, --split and --train-list take clips that lie otherwise");
            string[] names = FolderNames(folder);
            if (names.Length == 0)
                throw new InputException($"{folder}: holds no class; expected a folder for each class, with its clips in it; --split and --train-list take clips that lie otherwise");
            classes.AddRange(names.Select(name => (set, name)));
        }
        return classes;
    }

    /// <summary>Classes that have a folder right in the data folder, by name.</summary>
    /// <exception cref="InputException">The data folder is missing, holds no class, or is divided into train and test.</exception>
    public IReadOnlyList<string> UndividedClasses()
    {
        if (!Directory.Exists(Root))
            throw new InputException($"{Root}: no such folder; --data names another data folder");
        string[] names = [.. FolderNames(Root).Where(n => !IsOurs(n))];
        string? divided = Enum.GetValues<ClipSet>().Select(Clip.SetName).FirstOrDefault(names.Contains);
        if (divided is not null)
            throw new InputException($"{Path.Combine(Root, divided)}: is there, so the clips are divided already; leave --split out, or move the clips to {Path.Combine(Root, "<Class>")}");
        return names.Length > 0
            ? names
            : throw new InputException($"{Root}: holds no class; expected a folder for each class, with its clips in it: {Path.Combine(Root, "<Class>", "*.mp4")}");
    }

    /// <summary>The clips of a folder that have the extension (case does not matter), by name.</summary>
    public static IEnumerable<string> Clips(string folder, string extension) =>
        Videos(folder, name => HasExtension(name, extension)).Order(StringComparer.Ordinal);

    /// <summary>Whether a file has an extension, which is given without the dot; case does not matter.</summary>
    internal static bool HasExtension(ReadOnlySpan<char> path, string extension) =>
        Path.GetExtension(path) is ['.', .. var found] && found.Equals(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>All clips with the extension, wherever in the data folder they lie, by path.</summary>
    public IReadOnlyList<string> AllClips(string extension)
    {
        var files = new List<string>();
        var folders = new Stack<string>([Root]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (folders.TryPop(out string? folder))
        {
            // Links may lead in a circle.
            var info = new DirectoryInfo(folder);
            if (!seen.Add((info.ResolveLinkTarget(returnFinalTarget: true) ?? info).FullName))
                continue;
            files.AddRange(Clips(folder, extension));
            foreach (string name in FolderNames(folder).Where(n => folder != Root || !IsOurs(n)))
                folders.Push(Path.Combine(folder, name));
        }
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>The file of a clip in the list, whatever its extension; null if there is none.</summary>
    public string? FindClip(Clip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return FoldersOf(clip).Select(folder => FindClip(folder, clip.Name)).FirstOrDefault(path => path is not null);
    }

    /// <summary>The folder with a clip and its frames: that of its class and set, unless they are found elsewhere.</summary>
    public string FolderOf(Clip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return FoldersOf(clip).FirstOrDefault(folder => Holds(folder, clip.Name)) ?? ClassFolder(clip.Set, clip.Class);
    }

    /// <summary>Remembers in clip_folders.csv where those of the clips are that would not be found without.</summary>
    /// <param name="files">The clips.</param>
    /// <param name="only">Whether there are no others.</param>
    internal void RememberFolders(IReadOnlyList<ClipFile> files, bool only)
    {
        Dictionary<ClipKey, string> elsewhere = only ? [] : new(_otherFolders.Value);
        foreach (ClipFile file in files)
        {
            string folder = Path.GetDirectoryName(file.Path)!;
            string? usual = UsualFolders(file.Set, file.Class).FirstOrDefault(f => PathEquals(f, folder) || Holds(f, file.Name));
            if (usual is not null && PathEquals(usual, folder))
                elsewhere.Remove(file.Key);
            else
                elsewhere[file.Key] = Path.GetRelativePath(Root, folder).Replace('\\', '/');
        }
        if (elsewhere.Count > 0)
            ClipFoldersFile.Write(ClipFolders, elsewhere);
        else
            File.Delete(ClipFolders);
        _otherFolders = new(elsewhere);
    }

    /// <summary>Whether two paths are the same place.</summary>
    internal static bool PathEquals(string a, string b) => Path.GetFullPath(a) == Path.GetFullPath(b);

    /// <summary>Where a clip is looked for when nothing else is known of it.</summary>
    internal IEnumerable<string> UsualFolders(ClipSet set, string className) =>
        [ClassFolder(set, className), Path.Combine(Root, className), Path.Combine(Root, Clip.SetName(set)), Root];

    private IEnumerable<string> FoldersOf(Clip clip) =>
        _otherFolders.Value.TryGetValue(clip.Key, out string? folder)
            ? [Path.Combine(Root, folder)]
            : UsualFolders(clip.Set, clip.Class);

    private static bool Holds(string folder, string name) => FramePictures.HasFirst(folder, name) || FindClip(folder, name) is not null;

    private static string? FindClip(string folder, string name) => Directory.Exists(folder)
        ? Videos(folder, fileName => Path.GetFileNameWithoutExtension(fileName).SequenceEqual(name)).Min(StringComparer.Ordinal)
        : null;

    private static bool IsOurs(string name) => name is "sequences" or "checkpoints" or "logs";

    private static string[] FolderNames(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Where(n => n[0] != '.').Order(StringComparer.Ordinal)];

    // Hidden files are no clips, nor are our frames and half-written files. A folder may hold very many of them: no string is made of those.
    private static FileSystemEnumerable<string> Videos(string folder, Func<ReadOnlySpan<char>, bool> isWanted) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName[0] != '.'
                && !entry.FileName.EndsWith(PictureExtension, StringComparison.OrdinalIgnoreCase)
                && !entry.FileName.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal) && isWanted(entry.FileName),
        };
}
