using VideoLstm.Core.Formats.Text;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// What failed, a line each, as <c>train/Football/match 1</c> or the path of a video; above it the reason, in a line that begins with #.
/// </summary>
public static class FailedList
{
    private const long LongestFile = 256 << 20;
    private const int MostLines = 10_000_000;

    /// <summary>Writes the list, each once, by name.</summary>
    public static void Write(string path, IEnumerable<ShardReport> shards) => AtomicFile.WriteText(path, string.Concat(
        shards.SelectMany(s => s.Failed).DistinctBy(f => f.Input).OrderBy(f => f.Input, StringComparer.Ordinal)
            .Select(f => $"# {f.Reason.ReplaceLineEndings(" ")}\n{f.Input}\n")));

    /// <summary>What such a list, or one that a person wrote, names.</summary>
    /// <exception cref="InputException">It is missing, too large, or no text.</exception>
    public static IReadOnlySet<string> Read(string path) =>
        TextFile.ReadLines(path, "a list of clips", LongestFile, MostLines).Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#').ToHashSet(StringComparer.Ordinal);
}
