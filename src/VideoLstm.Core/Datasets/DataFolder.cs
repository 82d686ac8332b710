namespace VideoLstm.Core.Datasets;

/// <summary>A clip's file as found in the data folder, before anything is known of what is in it.</summary>
public sealed record ClipFile(ClipSet Set, string Class, string Name, string Path);

/// <summary>
/// The data folder and what lies where in it:
/// <code>
/// {train,test}/&lt;Class&gt;/*.mp4   clips, and beside them their frames as JPEG
/// data_file.csv                the list of clips
/// sequences/                   features, a file a clip
/// checkpoints/                 trained classifiers
/// logs/                        a table of epochs a training run
/// </code>
/// </summary>
public sealed class DataFolder(string root)
{
    private const string PictureExtension = ".jpg";

    /// <summary>The folder itself, as the user gave it.</summary>
    public string Root { get; } = root;

    /// <summary>data_file.csv.</summary>
    public string DataFile => Path.Combine(Root, "data_file.csv");

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
                throw new InputException($"{folder}: no such folder; clips are expected in {Path.Combine(Root, "{train,test}", "<Class>", "*.mp4")}; --data names another data folder");
            string[] names = [.. Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Where(n => n[0] != '.').Order(StringComparer.Ordinal)];
            if (names.Length == 0)
                throw new InputException($"{folder}: holds no class; expected a folder for each class, with its clips in it");
            classes.AddRange(names.Select(name => (set, name)));
        }
        return classes;
    }

    /// <summary>The clips of a class that have the extension (case does not matter), by name.</summary>
    public IReadOnlyList<ClipFile> Clips(ClipSet set, string className, string extension) =>
        [.. Videos(ClassFolder(set, className))
            .Where(path => Path.GetExtension(path).Equals("." + extension, StringComparison.OrdinalIgnoreCase))
            .Select(path => new ClipFile(set, className, Path.GetFileNameWithoutExtension(path), path))];

    /// <summary>The file of a clip in the list, whatever its extension; null if there is none.</summary>
    public string? FindClip(Clip clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        string folder = ClassFolder(clip.Set, clip.Class);
        return Directory.Exists(folder)
            ? Videos(folder).FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == clip.Name)
            : null;
    }

    // Hidden files are no clips, nor are our frames and half-written files.
    private static IEnumerable<string> Videos(string folder) =>
        Directory.EnumerateFiles(folder)
            .Where(path => Path.GetFileName(path)[0] != '.'
                && !path.EndsWith(PictureExtension, StringComparison.OrdinalIgnoreCase)
                && !path.EndsWith(Storage.AtomicFile.PartialSuffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
}
