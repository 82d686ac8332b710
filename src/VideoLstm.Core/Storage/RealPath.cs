namespace VideoLstm.Core.Storage;

/// <summary>Where a path leads when every link on the way is followed.</summary>
public static class RealPath
{
    // As many as Linux follows; a circle ends here.
    private const int MostLinks = 40;

    /// <summary>The absolute path without links; a path in a circle of links stays as far as it was followed.</summary>
    public static string Of(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        for (int links = 0; links < MostLinks && Follow(path) is { } target; links++)
            path = target;
        return path;
    }

    // The path with its first link replaced by what it leads to; null if there is none.
    private static string? Follow(string path)
    {
        string known = Path.GetPathRoot(path)!;
        string[] parts = path[known.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string next = Path.Combine(known, parts[i]);
            if (new FileInfo(next).LinkTarget is { } target)
                return Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine([target, .. parts[(i + 1)..]]), known));
            known = next;
        }
        return null;
    }
}
