using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VideoLstm.Core.Datasets;

/// <summary>How clips lie in the data folder, and what says which of them are for training and which for the test.</summary>
public abstract class ClipLayout
{
    /// <summary>Folders: <c>{train,test}/&lt;Class&gt;/*.mp4</c>.</summary>
    public static ClipLayout Divided { get; } = new DividedClips();

    /// <summary>
    /// A folder a class, <c>&lt;Class&gt;/*.mp4</c>, divided here. In each class the clips with the smallest SHA-256 of seed, class and
    /// name are for the test, so that the same clips are on every machine; a clip more moves at most one other.
    /// </summary>
    /// <param name="testShare">Share of test clips in each class, above 0 and below 1; rounded, but at least one clip on each side where there are two.</param>
    /// <param name="seed">Another seed, another division.</param>
    public static ClipLayout Undivided(double testShare, int seed) => new UndividedClips(testShare, seed);

    /// <summary>What is listed, wherever in the data folder it lies; nothing else.</summary>
    /// <param name="lists">The lists.</param>
    public static ClipLayout Listed(ClipLists lists) => new ListedClips(lists);

    /// <summary>Whether data_file.csv is to hold these clips and no others.</summary>
    internal virtual bool IsComplete => false;

    /// <summary>Finds the clips with the extension.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="extension">Extension, without the dot.</param>
    /// <param name="failures">Gets one line for each class, clip or row that cannot be used.</param>
    /// <exception cref="InputException">The folder or a list is not what it should be.</exception>
    internal abstract List<ClipFile> Find(DataFolder data, string extension, List<string> failures);

    private static List<ClipFile> InFolder(string folder, string extension, ClipSet set, string className, List<string> failures)
    {
        var files = new List<ClipFile>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in DataFolder.Clips(folder, extension))
        {
            var file = new ClipFile(set, className, Path.GetFileNameWithoutExtension(path), path);
            if (names.Add(file.Name))
                files.Add(file);
            else
                failures.Add($"{path}: another clip of this folder has the same name; rename one of them");
        }
        if (files.Count == 0)
            failures.Add($"{folder}: holds no *.{extension} clip");
        return files;
    }

    private static List<ClipFile> AtLeastOne(List<ClipFile> files, string where, string extension) => files.Count > 0
        ? files
        : throw new InputException($"{where}: no *.{extension} clip; give the extension that your clips have, e.g. `vlstm extract-files mp4`");

    private sealed class DividedClips : ClipLayout
    {
        internal override List<ClipFile> Find(DataFolder data, string extension, List<string> failures) => AtLeastOne(
            [.. data.Classes().SelectMany(c => InFolder(data.ClassFolder(c.Set, c.Class), extension, c.Set, c.Class, failures))],
            Path.Combine(data.Root, "{train,test}", "<Class>"), extension);
    }

    private sealed class UndividedClips(double testShare, int seed) : ClipLayout
    {
        internal override List<ClipFile> Find(DataFolder data, string extension, List<string> failures) => AtLeastOne(
            [.. data.UndividedClasses().SelectMany(c => Divide(InFolder(Path.Combine(data.Root, c), extension, ClipSet.Train, c, failures)))],
            Path.Combine(data.Root, "<Class>"), extension);

        private IEnumerable<ClipFile> Divide(List<ClipFile> files)
        {
            int tests = files.Count < 2 ? 0 : (int)Math.Clamp(Math.Round(testShare * files.Count, MidpointRounding.AwayFromZero), 1, files.Count - 1);
            return files.OrderBy(Rank).ThenBy(f => f.Name, StringComparer.Ordinal).Select((f, i) => i < tests ? f with { Set = ClipSet.Test } : f);
        }

        private ulong Rank(ClipFile file)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{seed}/{file.Class}/{file.Name}");
            return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
    }

    private sealed class ListedClips(ClipLists lists) : ClipLayout
    {
        internal override bool IsComplete => true;

        internal override List<ClipFile> Find(DataFolder data, string extension, List<string> failures)
        {
            IReadOnlyList<ListedClip> listed = lists.Read(failures);
            var finder = new ListedClipFinder(data, extension);
            var files = new List<ClipFile>();
            var rowOfPath = new Dictionary<string, string>(StringComparer.Ordinal);
            var rowOfKey = new Dictionary<ClipKey, string>();
            foreach (ListedClip clip in listed)
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
                    failures.Add($"{clip.Row}: {clip.File} has the name of another {file.Class} clip ({rowOfKey[file.Key]}); rename one of them");
                else
                    files.Add(file);
            }
            return files.Count > 0
                ? files
                : throw new InputException($"{data.Root}: no clip of the lists can be used{(failures.Count > 0 ? $", e.g. {failures[0]}" : "")}");
        }
    }
}
