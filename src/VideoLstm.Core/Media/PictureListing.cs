using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Enumeration;

namespace VideoLstm.Core.Media;

/// <summary>
/// How many JPEG frames folders hold of each clip, from one look at each folder: asking for every frame by name takes minutes where there
/// are millions. Folders are as they were at that look.
/// </summary>
internal sealed class PictureListing
{
    private const string Extension = ".jpg";
    private const int ShortestNumber = 4;

    private readonly ConcurrentDictionary<string, Lazy<Dictionary<string, Pictures>>> _folders = new(StringComparer.Ordinal);

    /// <summary>Whether a clip has so many frames there, no more, none missing between, the last not empty, and none on its way.</summary>
    public bool IsComplete(string folder, string name, long expected)
    {
        Dictionary<string, Pictures> listed = _folders.GetOrAdd(folder, f => new(() => List(f))).Value;
        name = FramePictures.Fit(name);
        return listed.TryGetValue(name, out Pictures found) && found.Count == expected && found.Last == expected
            && !FramePictures.IsUnfinished(folder, name)
            && new FileInfo(FramePictures.PathOf(folder, name, expected)) is { Exists: true, Length: > 0 };
    }

    private static Dictionary<string, Pictures> List(string folder)
    {
        var listed = new Dictionary<string, Pictures>(StringComparer.Ordinal);
        if (!Directory.Exists(folder))
            return listed;
        Dictionary<string, Pictures>.AlternateLookup<ReadOnlySpan<char>> byName = listed.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (bool _
            in new FileSystemEnumerable<bool>(
                folder, (ref FileSystemEntry entry) => true,
                    new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
            {
                ReadOnlySpan<char> file = entry.FileName;
                int dash = file.LastIndexOf('-');
                if (dash > 0 && file.EndsWith(Extension, StringComparison.Ordinal)
                    && file[(dash + 1)..^Extension.Length] is { Length: >= ShortestNumber } digits
                    && (digits.Length == ShortestNumber || digits[0] != '0')
                    && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0)
                {
                    byName.TryGetValue(file[..dash], out Pictures known);
                    byName[file[..dash]] = new Pictures(known.Count + 1, Math.Max(known.Last, number));
                }
                return false;
            },
        })
        {
            // All is done on the way: no string is made of a name.
        }
        return listed;
    }

    private readonly record struct Pictures(long Count, long Last);
}
