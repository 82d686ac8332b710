using System.Security.Cryptography;

namespace VideoLstm.Cli.Tests;

/// <summary>What is in a folder, to compare it with what is in another.</summary>
internal static class FileTree
{
    /// <summary>Every file and empty folder below a folder, by path, with its digest.</summary>
    public static SortedDictionary<string, string> Of(string folder, params string[] without)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }))
        {
            string name = Path.GetRelativePath(folder, entry).Replace('\\', '/');
            if (without.Any(w => name == w || name.StartsWith(w + "/", StringComparison.Ordinal)))
                continue;
            if (File.Exists(entry))
                tree[name] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(entry)));
            else if (!Directory.EnumerateFileSystemEntries(entry).Any() && !without.Contains(name + "/"))
                tree[name + "/"] = "";
        }
        return tree;
    }

    /// <summary>Fails with the names of what differs.</summary>
    public static void AssertSame(SortedDictionary<string, string> expected, SortedDictionary<string, string> found)
    {
        string[] differences =
        [
            .. expected.Where(f => !found.ContainsKey(f.Key)).Select(f => $"missing: {f.Key}"),
            .. found.Where(f => !expected.ContainsKey(f.Key)).Select(f => $"too much: {f.Key}"),
            .. expected.Where(f => found.TryGetValue(f.Key, out string? digest) && digest != f.Value).Select(f => $"differs: {f.Key}"),
        ];
        Assert.True(differences.Length == 0, string.Join('\n', differences.Take(20)));
    }

    /// <summary>Copies a folder, the times of its files too.</summary>
    public static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(file));
        }
    }
}
