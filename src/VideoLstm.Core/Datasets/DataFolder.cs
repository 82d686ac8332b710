using System.Collections.Concurrent;
using System.IO.Enumeration;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// The data folder and what lies where in it:
/// <code>
/// {train,test}/&lt;Class&gt;/*.mp4   clips, and beside them their frames as JPEG;
///                              also in &lt;Class&gt;/, {train,test}/ or the data folder itself
/// data_file.csv                the list of clips
/// clip_files.csv               which file each of them is, and what was done of it
/// sequences/                   features, a file a clip
/// checkpoints/                 trained classifiers
/// logs/                        a table of epochs a training run
/// shards/                      what each of several workers has done, until all is joined
/// </code>
/// With a work folder, everything but the clips is written there, frames in folders of the same names, and what lies in the data folder
/// from before is read.
/// </summary>
public sealed class DataFolder
{
    private const string PictureExtension = ".jpg", PreferredExtension = ".mp4";

    private readonly ConcurrentDictionary<(string Parent, string Name), string> _folders = [];
    private Lazy<IReadOnlyDictionary<ClipKey, ClipRecord>> _records;
    private Lazy<IReadOnlyDictionary<ClipKey, string>> _olderFolders;

    /// <summary>The data folder at a path.</summary>
    /// <param name="root">The folder itself, as the user gave it.</param>
    /// <param name="work">Where everything is written; null: there too.</param>
    public DataFolder(string root, string? work = null)
    {
        Root = root;
        Work = work ?? root;
        _records = new(() => ClipFilesFile.Read(ClipFiles));
        _olderFolders = new(() => ClipFilesFile.ReadFolders(Path.Combine(ListFolder, "clip_folders.csv")));
    }

    /// <summary>The folder itself, as the user gave it.</summary>
    public string Root { get; }

    /// <summary>Where everything is written.</summary>
    public string Work { get; }

    /// <summary>data_file.csv: that of the work folder, or one that the data folder came with.</summary>
    public string DataFile => Path.Combine(ListFolder, "data_file.csv");

    /// <summary>clip_files.csv, beside it.</summary>
    public string ClipFiles => Path.Combine(ListFolder, "clip_files.csv");

    /// <summary>Where features lie.</summary>
    public string Sequences => Path.Combine(Work, "sequences");

    /// <summary>Where trained classifiers lie.</summary>
    public string Checkpoints => Path.Combine(Work, "checkpoints");

    /// <summary>Where training runs are logged.</summary>
    public string Logs => Path.Combine(Work, "logs");

    /// <summary>Where workers that share the work say what they have done.</summary>
    public string Shards => Path.Combine(Work, "shards");

    /// <summary>A file of one of them: <c>name.3-of-8.csv</c>.</summary>
    internal string ShardFile(string name, Shard shard, string extension) => Path.Combine(Shards, $"{name}.{shard.InNames}{extension}");

    /// <summary>Folder of a class: the one that is there, whatever the case or Unicode form of its name, else one of that name.</summary>
    public string ClassFolder(ClipSet set, string className) => Existing(SetFolder(set), className);

    /// <summary>All classes that have a folder, by set and name; names as the folders have them.</summary>
    /// <exception cref="InputException">The data folder or one of train and test is missing or holds no class.</exception>
    public IReadOnlyList<(ClipSet Set, string Class)> Classes()
    {
        var classes = new List<(ClipSet, string)>();
        foreach (ClipSet set in Enum.GetValues<ClipSet>())
        {
            string folder = SetFolder(set);
            if (!Directory.Exists(folder))
                throw new InputException(
                    $"{folder}: no such folder; clips are expected in {Path.Combine(Root, "{train,test}", "<Class>", "*.mp4")}",
                    Remedy.NameDataFolderOrLayout);
            string[] names = FolderTree.FolderNames(folder);
            if (names.Length == 0)
                throw new InputException($"{folder}: holds no class; expected a folder for each class, with its clips in it",
                    Remedy.NameLayout);
            classes.AddRange(names.Select(name => (set, name)));
        }
        return classes;
    }

    /// <summary>Classes that have a folder right in the data folder; names as the folders have them.</summary>
    /// <exception cref="InputException">The data folder is missing, holds no class, or is divided into train and test.</exception>
    public IReadOnlyList<string> UndividedClasses()
    {
        if (!Directory.Exists(Root))
            throw new InputException($"{Root}: no such folder", Remedy.NameDataFolder);
        string[] names = [.. FolderTree.FolderNames(Root).Where(n => !IsOurs(Path.Combine(Root, n)))];
        string? divided = names.FirstOrDefault(n => Enum.GetValues<ClipSet>()
            .Any(set => n.Equals(Clip.SetName(set), StringComparison.OrdinalIgnoreCase)));
        if (divided is not null)
            throw new InputException(
                $"{Path.Combine(Root, divided)}: is there, so the clips are divided already and not in {Path.Combine(Root, "<Class>")}",
                Remedy.KeepDivision);
        return names.Length > 0
            ? names
            : throw new InputException($"{Root}: holds no class; expected a folder for each class, with its clips in it: "
                + $"{Path.Combine(Root, "<Class>", "*.mp4")}");
    }

    /// <summary>The clips of a folder that have the extension (case does not matter), by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="extension">Extension, without the dot.</param>
    /// <param name="others">Whether videos with other extensions are wanted too.</param>
    public static IEnumerable<string> Clips(string folder, string extension, bool others = false) =>
        Files(folder, Wanted(extension, others)).Order(StringComparer.Ordinal);

    /// <summary>Whether a file has an extension, which is given without the dot; case does not matter.</summary>
    internal static bool HasExtension(ReadOnlySpan<char> path, string extension) =>
        Path.GetExtension(path) is ['.', .. var found] && found.Equals(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>All clips with the extension, wherever in the data folder they lie, by path.</summary>
    /// <param name="extension">Extension, without the dot.</param>
    /// <param name="failures">Gets one line for each folder that cannot be read.</param>
    /// <param name="others">Whether videos with other extensions are wanted too.</param>
    public IReadOnlyList<FoundFile> AllClips(string extension, ICollection<Finding> failures, bool others = false) =>
        [.. FolderTree.Files(Root, Wanted(extension, others), failures, folder => !IsOurs(folder))
            .OrderBy(f => f.Path, StringComparer.Ordinal)];

    /// <summary>
    /// The file of a clip in the list: that which `extract-files` listed. Where it has listed none, the video of that name in the usual
    /// folders, an .mp4 before others; null if there is none.
    /// </summary>
    /// <exception cref="InputException">The file is another one by now, or several fit.</exception>
    public string? FindClip(Clip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return FindListed(clip).Path;
    }

    /// <summary>The same, and what it was listed as if by size and time it still is that.</summary>
    internal (string? Path, ClipRecord? Unchanged) FindListed(Clip clip)
    {
        string? path = Locate(clip);
        if (path is null || !_records.Value.TryGetValue(clip.Key, out ClipRecord? record))
            return (path, null);
        CheckStream(clip, record);
        FileStamp stamp = FileStamp.Of(path);
        return stamp.Length == record.Stamp.Length ? (path, stamp == record.Stamp ? record : null)
            : throw new InputException(
                $"{clip.Label}: {path} is another file than the one that was listed ({stamp.Length} bytes, expected " +
                $"{record.Stamp.Length})", Remedy.ExtractFilesAgain);
    }

    /// <summary>What extract-files knew of a clip's content, where it listed it.</summary>
    internal ClipRecord? RecordOf(Clip clip) => _records.Value.GetValueOrDefault(clip.Key);

    /// <summary>The folder with the frames of a clip as JPEG, or where they would be.</summary>
    /// <exception cref="InputException">They are of another stream than that which is wanted.</exception>
    public string FolderOf(Clip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        if (_records.Value.TryGetValue(clip.Key, out ClipRecord? record))
        {
            CheckStream(clip, record);
            string folder = Path.GetDirectoryName(Path.Combine(Root, record.Path))!;
            string pictures = PictureFolder(folder);
            return pictures == folder || FramePictures.HasFirst(pictures, clip.Name) || !FramePictures.HasFirst(folder, clip.Name)
                ? pictures : folder;
        }
        string[] folders = [.. FoldersOf(clip)];
        return folders.Select(PictureFolder).Concat(folders).Distinct(StringComparer.Ordinal)
            .FirstOrDefault(f => FramePictures.HasFirst(f, clip.Name))
            ?? PictureFolder(folders.FirstOrDefault(f => Find(f, clip) is not null) ?? ClassFolder(clip.Set, clip.Class));
    }

    /// <summary>
    /// Where the frames of the clips of a folder go as JPEG: beside them, or into the folder of that name in the work folder.
    /// </summary>
    internal string PictureFolder(string folder) => Work == Root ? folder : Path.Combine(Work, Path.GetRelativePath(Root, folder));

    /// <summary>What `extract-files` has remembered of the clips.</summary>
    internal IReadOnlyDictionary<ClipKey, ClipRecord> Records => _records.Value;

    /// <summary>Goes on as if nothing were remembered.</summary>
    internal void ForgetRecords() => _records = new(new Dictionary<ClipKey, ClipRecord>());

    /// <summary>A path in the data folder as it is remembered.</summary>
    internal string Relative(string path) => Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Writes data_file.csv and what is remembered of its clips, each whole or not at all.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    internal void WriteList(IReadOnlyList<Clip> clips, IReadOnlyDictionary<ClipKey, ClipRecord> records)
    {
        try
        {
            // In this order: a run killed between the two leaves rows that disagree, which are counted again.
            ClipFilesFile.Write(Path.Combine(Work, "clip_files.csv"),
                clips.Where(c => records.ContainsKey(c.Key)).Select(c => (c.Key, records[c.Key])));
            Datasets.DataFile.Write(Path.Combine(Work, "data_file.csv"), clips);
            File.Delete(Path.Combine(Work, "clip_folders.csv"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
        _records = new(records);
        _olderFolders = new(new Dictionary<ClipKey, string>());
    }

    /// <summary>Says at once, before anything takes long, that nothing can be written.</summary>
    /// <exception cref="InputException">The work folder cannot be written.</exception>
    public void RequireWritable()
    {
        try
        {
            if (Work != Root)
                Directory.CreateDirectory(Work);
            else if (!Directory.Exists(Root))
                return;
            string probe = Path.Combine(Work, $".vlstm-{Guid.NewGuid():N}");
            StoreFault.Outlast(() => new FileStream(
                probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>What is said where the work folder cannot be written.</summary>
    internal InputException Unwritable(Exception e)
    {
        string message = $"{Work}: cannot be written ({e.Message})";
        return StoreFault.IsFull(e) ? new StoreFullException(message, e) : new InputException(message, Remedy.WriteElsewhere, e);
    }

    /// <summary>Whether two paths are the same place.</summary>
    internal static bool PathEquals(string a, string b) => Path.GetFullPath(a) == Path.GetFullPath(b);

    /// <summary>Where a clip is looked for when nothing else is known of it.</summary>
    internal IEnumerable<string> UsualFolders(ClipSet set, string className) =>
        [ClassFolder(set, className), Existing(Root, className), SetFolder(set), Root];

    /// <summary>The file of a clip as <see cref="FindClip"/> finds it, whether or not it has changed.</summary>
    internal string? Locate(Clip clip)
    {
        if (!_records.Value.TryGetValue(clip.Key, out ClipRecord? record))
            return FoldersOf(clip).Select(folder => Find(folder, clip)).FirstOrDefault(path => path is not null);
        string path = Path.Combine(Root, record.Path);
        if (File.Exists(path))
            return path;
        // A copy of the data folder may have names in the other Unicode form.
        string at = Root;
        foreach (string part in record.Path.Split('/'))
        {
            string next = Path.Combine(at, part);
            if (!Path.Exists(next) && Directory.Exists(at))
                next = Directory.GetFileSystemEntries(at).FirstOrDefault(e => ClassNames.Same.Equals(Path.GetFileName(e), part)) ?? next;
            at = next;
        }
        return File.Exists(at) ? at : null;
    }

    // What was listed, and perhaps extracted, is read, and nothing else.
    private static void CheckStream(Clip clip, ClipRecord record)
    {
        if (record.Stream != VideoProbe.Stream)
            throw new InputException(
                $"{clip.Label}: the listing read {Which(record.Stream)} of {record.Path}, now {Which(VideoProbe.Stream)} is wanted",
                Remedy.TakeSameStream);
    }

    private static string Which(int? stream) => stream is { } number ? Invariant($"stream {number}") : "the usual stream";

    private string ListFolder =>
        Work != Root && !File.Exists(Path.Combine(Work, "data_file.csv")) && File.Exists(Path.Combine(Root, "data_file.csv")) ? Root : Work;

    private string SetFolder(ClipSet set) => Existing(Root, Clip.SetName(set));

    private IEnumerable<string> FoldersOf(Clip clip) =>
        _olderFolders.Value.TryGetValue(clip.Key, out string? folder)
            ? [Path.Combine(Root, folder)]
            : UsualFolders(clip.Set, clip.Class);

    // A folder by name: that very one, else the one that differs in Unicode form or case, else what it would be called.
    private string Existing(string parent, string name)
    {
        string path = Path.Combine(parent, name);
        if (_folders.TryGetValue((parent, name), out string? known))
            return known;
        if (Directory.Exists(path) || !Directory.Exists(parent))
            return _folders[(parent, name)] = path;
        string form = ClassNames.Normalize(name);
        string[] alike = [.. FolderTree.FolderNames(parent)
            .Where(n => ClassNames.Normalize(n).Equals(form, StringComparison.OrdinalIgnoreCase))];
        string? found = alike.FirstOrDefault(n => ClassNames.Normalize(n) == form) ?? (alike is [var one] ? one : null);
        return _folders[(parent, name)] = found is null ? path : Path.Combine(parent, found);
    }

    // A video of a name, where nothing but the name is known.
    private static string? Find(string folder, Clip clip)
    {
        string preferred = Path.Combine(folder, clip.Name + PreferredExtension);
        if (File.Exists(preferred))
            return preferred;
        if (!Directory.Exists(folder))
            return null;
        string form = ClassNames.Normalize(clip.Name);
        string[] found = [.. Files(folder,
            name => IsClip(name) && VideoFiles.IsVideo(name) && IsNamed(Path.GetFileNameWithoutExtension(name)))
                .Order(StringComparer.Ordinal)];
        if (found.Length > 1 && found.Where(f => HasExtension(f, PreferredExtension[1..])).ToArray() is [var one])
            found = [one];
        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new InputException($"{clip.Label}: may be {found[0]} or {found[1]}", Remedy.ChooseExtension);

        bool IsNamed(ReadOnlySpan<char> name) => name.SequenceEqual(clip.Name)
            || (name.ContainsAnyExceptInRange('\0', '\u007F') && ClassNames.Normalize(name.ToString()) == form);
    }

    private bool IsOurs(string folder)
    {
        string name = Path.GetFileName(folder);
        return (name is "sequences" or "checkpoints" or "logs" or "shards" && PathEquals(Path.GetDirectoryName(folder)!, Root))
            || (Work != Root && PathEquals(folder, Work));
    }

    // Hidden files and what systems leave are no clips, nor are our frames and half-written files.
    private static bool IsClip(ReadOnlySpan<char> name) => FolderTree.IsOfUser(name)
        && !name.EndsWith(PictureExtension, StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal);

    // The small copies that action cameras leave beside their videos are of interest where they have a clip's name.
    private static FolderTree.NameFilter Wanted(string extension, bool others) =>
        name => IsClip(name) && (HasExtension(name, extension) || (others && (VideoFiles.IsVideo(name) || HasExtension(name, "lrv"))));

    // A folder may hold very many frames: no string is made of what is not wanted.
    private static FileSystemEnumerable<string> Files(string folder, FolderTree.NameFilter isWanted) =>
        new(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
            new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && isWanted(entry.FileName),
        };
}
