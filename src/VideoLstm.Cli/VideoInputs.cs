using Microsoft.Extensions.FileSystemGlobbing;
using VideoLstm.Core;

namespace VideoLstm.Cli;

/// <summary>From what the user names to videos: files, folders with everything in them, patterns such as <c>recordings/**/*.ts</c>.</summary>
internal static class VideoInputs
{
    private static readonly string[] Extensions =
        [".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"];

    /// <summary>The videos, each once, those of a folder or pattern by name; and of each whether it was named itself.</summary>
    /// <exception cref="InputException">A folder or pattern leads to none.</exception>
    public static IReadOnlyList<(string Path, bool IsNamed)> Find(IReadOnlyList<string> names) =>
    [
        .. names.SelectMany(FindOne).DistinctBy(v => System.IO.Path.GetFullPath(v.Path)),
    ];

    private static IEnumerable<(string Path, bool IsNamed)> FindOne(string name)
    {
        if (Directory.Exists(name))
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true };
            string[] videos = [.. Directory.EnumerateFiles(name, "*", options).Where(f => Extensions.Contains(Path.GetExtension(f).ToLowerInvariant())).Order(StringComparer.Ordinal)];
            return videos.Length > 0 ? videos.Select(v => (v, false)) : throw new InputException($"{name}: there is no video in this folder");
        }
        if (File.Exists(name) || !name.Contains('*', StringComparison.Ordinal))
            return [(name, true)];
        // A pattern begins in the last folder whose name is no pattern.
        string folder = name[..name.IndexOf('*', StringComparison.Ordinal)];
        folder = folder[..(folder.LastIndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]) + 1)];
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(name[folder.Length..]);
        string[] found = [.. (Directory.Exists(folder.Length > 0 ? folder : ".") ? matcher.GetResultsInFullPath(folder.Length > 0 ? folder : ".") : []).Order(StringComparer.Ordinal)];
        return found.Length > 0
            ? found.Select(f => (Path.Combine(folder, Path.GetRelativePath(Path.GetFullPath(folder.Length > 0 ? folder : "."), f)), false))
            : throw new InputException($"{name}: no file fits this pattern");
    }
}
