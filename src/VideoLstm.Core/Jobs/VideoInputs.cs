using System.Globalization;
using Microsoft.Extensions.FileSystemGlobbing;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Jobs;

/// <summary>
/// From what the user names to videos: files, folders with everything in them, patterns such as <c>recordings/**/*.ts</c>.
/// </summary>
internal static class VideoInputs
{
    private const int ShownExtensions = 6;

    /// <summary>
    /// The videos, each once, whatever links lead to it; those of a folder or pattern by name; and of each whether it was named itself.
    /// What a folder holds besides is said.
    /// </summary>
    /// <param name="names">What the user names.</param>
    /// <param name="failures">Gets one line for each folder that cannot be read.</param>
    /// <param name="observer">Told of what is passed over.</param>
    /// <exception cref="InputException">A folder or pattern leads to no video.</exception>
    public static IReadOnlyList<(string Path, bool IsNamed)> Find(IReadOnlyList<string> names, ICollection<Finding> failures,
        IJobObserver observer)
    {
        (FoundFile File, bool IsNamed)[] found = [.. names.SelectMany(name => FindOne(name, failures, observer))];
        // Named ones are what the user wants, links or not.
        HashSet<string> named = [.. found.Where(f => f.IsNamed).Select(f => f.File.Real)];
        return
        [
            .. found.Where(f => f.IsNamed || !named.Contains(f.File.Real))
                .DistinctBy(f => f.IsNamed ? Path.GetFullPath(f.File.Path) : f.File.Real).Select(f => (f.File.Path, f.IsNamed)),
        ];
    }

    private static IEnumerable<(FoundFile File, bool IsNamed)> FindOne(string name, ICollection<Finding> failures, IJobObserver observer)
    {
        if (Directory.Exists(name))
            return InFolder(name, failures, observer).Select(f => (f, false));
        if (File.Exists(name) || !name.Contains('*', StringComparison.Ordinal))
            return [(FoundFile.Of(name), true)];
        // A pattern begins in the last folder whose name is no pattern.
        string folder = name[..name.IndexOf('*', StringComparison.Ordinal)];
        folder = folder[..(folder.LastIndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]) + 1)];
        string root = folder.Length > 0 ? folder : ".";
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(name[folder.Length..]);
        FoundFile[] found = Directory.Exists(root)
            ? [.. FolderTree.Files(root, _ => true, failures, everyWay: true)
                .Where(f => matcher.Match(Path.GetRelativePath(root, f.Path)).HasMatches).OrderBy(f => f.Path, StringComparer.Ordinal)]
            : [];
        return found.Length > 0
            ? found.Select(f => (f with { Path = Path.Combine(folder, Path.GetRelativePath(root, f.Path)) }, false))
            : throw new InputException($"{name}: no file fits this pattern");
    }

    private static FoundFile[] InFolder(string folder, ICollection<Finding> failures, IJobObserver observer)
    {
        ILookup<bool, FoundFile> files = FolderTree.Files(folder, _ => true, failures).ToLookup(f => VideoFiles.IsVideo(f.Path));
        string others = Extensions([.. files[false].Select(f => Path.GetExtension(f.Path).ToLowerInvariant())]);
        FoundFile[] videos = [.. files[true].OrderBy(f => f.Path, StringComparer.Ordinal)];
        if (videos.Length == 0)
            throw new InputException($"{folder}: there is no video in this " +
                $"folder{(others.Length > 0 ? $", only {others}; what is a video all the same can be named itself" : "")}");
        if (others.Length > 0)
            observer.Remark($"{folder}: passed over what is no video by its extension: {others}");
        return videos;
    }

    // `3 .txt, 1 .srt`, the most frequent first.
    private static string Extensions(string[] extensions)
    {
        (string Extension, int Count)[] counted = [.. extensions.CountBy(e => e)
            .Select(e => (e.Key.Length > 0 ? e.Key : "without extension", e.Value)).OrderByDescending(e => e.Value)
            .ThenBy(e => e.Item1, StringComparer.Ordinal)];
        string shown = string.Join(", ", counted.Take(ShownExtensions)
            .Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Count} {e.Extension}")));
        int rest = counted.Skip(ShownExtensions).Sum(e => e.Count);
        return rest > 0 ? string.Create(CultureInfo.InvariantCulture, $"{shown} and {rest} others") : shown;
    }
}
