using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VideoLstm.Core.Datasets;

/// <summary>How clips lie in the data folder, and what says which of them are for training and which for the test.</summary>
public abstract class ClipLayout
{
    private IReadOnlyCollection<string>? _classes;

    /// <summary>Folders: <c>{train,test}/&lt;Class&gt;/*.mp4</c>.</summary>
    public static ClipLayout Divided { get; } = new DividedClips();

    /// <summary>
    /// A folder a class, <c>&lt;Class&gt;/*.mp4</c>, divided here. In each class the clips with the smallest SHA-256 of seed, class and
    /// name are for the test, so that the same clips are on every machine; a clip more moves at most one other.
    /// </summary>
    /// <param name="testShare">Share of test clips in each class, above 0 and below 1; rounded, but at least one clip on each side where
    /// there are two.</param>
    /// <param name="seed">Another seed, another division.</param>
    public static ClipLayout Undivided(double testShare, int seed) => new UndividedClips(testShare, seed);

    /// <summary>What fits a pattern such as <c>videos/{classname}/*.avi</c>; nothing else.</summary>
    /// <param name="pattern">The pattern, from the data folder on; <c>{set}</c> in it stands for train or test.</param>
    /// <param name="testShare">Without <c>{set}</c>: share of test clips in each class, as in <see cref="Undivided"/>.</param>
    /// <param name="seed">Another seed, another division.</param>
    /// <exception cref="InputException">It is no such pattern, or there is a share and <c>{set}</c>, or neither.</exception>
    public static ClipLayout Fitting(string pattern, double? testShare, int seed)
    {
        var parsed = new ClipPattern(pattern);
        return parsed.HasSet != testShare is not null ? new FittingClips(pattern, parsed, testShare, seed)
            : throw new InputException(parsed.HasSet ? $"pattern {pattern}: its {{set}} says already which clips are for the test"
                : $"pattern {pattern}: nothing says which clips are for the test; {{set}} may stand for train or test in it",
                    parsed.HasSet ? Remedy.DoNotDivide : Remedy.Divide);
    }

    /// <summary>What is listed, wherever in the data folder it lies; nothing else.</summary>
    /// <param name="lists">The lists.</param>
    public static ClipLayout Listed(ClipLists lists) => new ListedClips(lists);

    /// <summary>The clips of these classes alone; what is listed of others stays as it is.</summary>
    /// <param name="classes">Their names.</param>
    public ClipLayout Of(IReadOnlyCollection<string> classes)
    {
        var copy = (ClipLayout)MemberwiseClone();
        copy._classes = classes;
        return copy;
    }

    /// <summary>Whether clips of a class are wanted.</summary>
    internal bool Wants(string className) => _classes is null || _classes.Contains(className, ClassNames.Same);

    /// <summary>Whether data_file.csv is to hold these clips and no others.</summary>
    internal virtual bool IsComplete => false;

    /// <summary>Finds the clips with the extension.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="extension">Extension, without the dot.</param>
    /// <param name="failures">Gets one line for each class, clip or row that cannot be used.</param>
    /// <param name="remarks">Gets one line for each thing that was assumed.</param>
    /// <exception cref="InputException">The folder or a list is not what it should be.</exception>
    internal List<ClipFile> Find(DataFolder data, string extension, List<Finding> failures, List<Finding> remarks)
    {
        var others = new List<string>();
        List<ClipFile> files = FindAll(data, extension, failures, others);
        if (_classes?.FirstOrDefault(name => !files.Any(f => ClassNames.Same.Equals(f.Class, name))) is { } missing)
            throw new InputException($"{data.Root}: no *.{extension} clip of class {missing}", Remedy.NameExtension);
        IReadOnlyDictionary<string, string> classes = ClassNames.Unify(files.Select(f => (f.Set, f.Class)), remarks);
        var byKey = new Dictionary<ClipKey, ClipFile>();
        foreach (ClipFile file in files.Select(f => f with { Class = classes[f.Class] }))
        {
            // What cannot be written into the list in a way that leads back to the file.
            if (!DataFile.IsName(file.Name) || !DataFile.IsName(file.Class))
                failures.Add($"{file.Path}: its name cannot be listed; rename it, without a backslash");
            else if (!byKey.TryAdd(file.Key, file))
                failures.Add($"{file.Path}: another clip of this class has the same name, {byKey[file.Key].Path}; rename one of them");
        }
        NameOthers(files, others, remarks);
        return [.. byKey.Values];
    }

    // Found are the clips; `others` gets the paths of videos with other extensions that were seen on the way.
    private protected abstract List<ClipFile> FindAll(DataFolder data, string extension, List<Finding> failures, List<string> others);

    private static void NameOthers(List<ClipFile> files, List<string> others, List<Finding> remarks)
    {
        if (others.Count == 0)
            return;
        (string Other, ClipFile Taken)[] beside =
        [
            .. others.Join(files, other => Path.ChangeExtension(other, null), f => Path.ChangeExtension(f.Path, null), (o, f) => (o, f))
                .DistinctBy(b => b.o).OrderBy(b => b.o, StringComparer.Ordinal),
        ];
        if (beside is [var one])
            remarks.Add($"{one.Other}: has the name of {one.Taken.Path}, which is the one that is read");
        else if (beside.Length > 1)
            remarks.Add(
                $"{beside.Length} other videos have names of clips, e.g. {beside[0].Other} beside "
                    + $"{Path.GetFileName(beside[0].Taken.Path)}; those with the extension {Path.GetExtension(beside[0].Taken.Path)} "
                        + "are read");
    }

    private static List<ClipFile> InFolder(
        string folder, string extension, ClipSet set, string className, List<Finding> failures, List<string> others)
    {
        try
        {
            string[] videos = [.. DataFolder.Clips(folder, extension, others: true)];
            List<ClipFile> files = [.. videos.Where(v => DataFolder.HasExtension(v, extension))
                .Select(path => new ClipFile(set, className, Path.GetFileNameWithoutExtension(path), path))];
            others.AddRange(videos.Where(v => !DataFolder.HasExtension(v, extension)));
            if (files.Count == 0)
                failures.Add($"{folder}: holds no *.{extension} clip");
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failures.Add($"{folder}: cannot be read: {e.Message}");
            return [];
        }
    }

    // Those of one class.
    private static IEnumerable<ClipFile> Divide(List<ClipFile> files, double testShare, int seed)
    {
        int tests = files.Count < 2
            ? 0
            : (int)Math.Clamp(Math.Round(testShare * files.Count, MidpointRounding.AwayFromZero), 1, files.Count - 1);
        return files.OrderBy(Rank).ThenBy(f => f.Name, StringComparer.Ordinal)
            .Select((f, i) => i < tests ? f with { Set = ClipSet.Test } : f);

        ulong Rank(ClipFile file)
        {
            string text = Invariant($"{seed}/{file.Class}/{file.Name}");
            return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
    }

    private static List<ClipFile> AtLeastOne(List<ClipFile> files, string where, string extension) => files.Count > 0
        ? files
        : throw new InputException($"{where}: no *.{extension} clip", Remedy.NameExtension);

    private sealed class DividedClips : ClipLayout
    {
        private protected override List<ClipFile> FindAll(
            DataFolder data, string extension, List<Finding> failures, List<string> others) => AtLeastOne(
            [.. data.Classes().Where(c => Wants(c.Class)).SelectMany(c =>
                InFolder(data.ClassFolder(c.Set, c.Class), extension, c.Set, c.Class, failures, others))],
            Path.Combine(data.Root, "{train,test}", "<Class>"), extension);
    }

    private sealed class UndividedClips(double testShare, int seed) : ClipLayout
    {
        private protected override List<ClipFile> FindAll(
            DataFolder data, string extension, List<Finding> failures, List<string> others) => AtLeastOne(
            [.. data.UndividedClasses().Where(Wants).GroupBy(ClassNames.Normalize, StringComparer.Ordinal)
                .SelectMany(c => Divide([.. c.SelectMany(folder => InFolder(
                    Path.Combine(data.Root, folder), extension, ClipSet.Train, c.Key, failures, others))], testShare, seed))],
            Path.Combine(data.Root, "<Class>"), extension);
    }

    private sealed class FittingClips(string pattern, ClipPattern parsed, double? testShare, int seed) : ClipLayout
    {
        internal override bool IsComplete => true;

        private protected override List<ClipFile> FindAll(DataFolder data, string extension, List<Finding> failures, List<string> others)
        {
            if (!Directory.Exists(data.Root))
                throw new InputException($"{data.Root}: no such folder", Remedy.NameDataFolder);
            ILookup<bool, FoundFile> videos = data.AllClips(extension, failures, others: true)
                .ToLookup(f => DataFolder.HasExtension(f.Path, extension));
            others.AddRange(videos[false].Select(f => f.Path));
            List<ClipFile> files = [];
            foreach (FoundFile file in videos[true])
            {
                if (parsed.Match(data.Relative(file.Path)) is var (set, className) && Wants(className))
                    files.Add(new ClipFile(set, className, Path.GetFileNameWithoutExtension(file.Path), file.Path));
            }
            if (testShare is { } share)
                files = [.. files.GroupBy(f => ClassNames.Normalize(f.Class), StringComparer.Ordinal)
                    .SelectMany(c => Divide([.. c], share, seed))];
            return AtLeastOne(files, Path.Combine(data.Root, pattern), extension);
        }
    }

    private sealed class ListedClips(ClipLists lists) : ClipLayout
    {
        internal override bool IsComplete => true;

        private protected override List<ClipFile> FindAll(DataFolder data, string extension, List<Finding> failures, List<string> others)
        {
            IReadOnlyList<ListedClip> listed = lists.Read(failures);
            var finder = new ListedClipFinder(data, extension, failures, others);
            var files = new List<ClipFile>();
            var rowOfPath = new Dictionary<string, string>(StringComparer.Ordinal);
            var rowOfKey = new Dictionary<ClipKey, string>();
            foreach (ListedClip clip in listed.Where(c => Wants(c.Class)))
            {
                if (finder.Find(clip, out string why) is not { } path)
                {
                    failures.Add($"{clip.Row}: {why}");
                    continue;
                }
                var file = new ClipFile(clip.Set, clip.Class, Path.GetFileNameWithoutExtension(path), path);
                if (!rowOfPath.TryAdd(path, clip.Row))
                    failures.Add($"{clip.Row}: {clip.File} is listed already ({rowOfPath[path]}); keep one of the two");
                else if (!rowOfKey.TryAdd(file.Key, clip.Row))
                    failures.Add(
                        $"{clip.Row}: {clip.File} has the name of another {file.Class} clip ({rowOfKey[file.Key]}); rename one of them");
                else
                    files.Add(file);
            }
            return files.Count > 0
                ? files
                : throw new InputException(
                    $"{data.Root}: no clip of the lists can be used{(failures.Count > 0 ? $", e.g. {failures[0]}" : "")}");
        }
    }
}
