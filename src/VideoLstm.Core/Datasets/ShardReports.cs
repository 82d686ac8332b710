using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>The reports of all shards of a data folder.</summary>
public static class ShardReports
{
    /// <summary>
    /// Those of each verb, by shard: where it was divided differently at different times, of the division that was at work last. With each,
    /// for how long it has said nothing, by the store's clock.
    /// </summary>
    public static IReadOnlyList<(ShardReport Report, TimeSpan Silence)> Read(DataFolder data)
    {
        ArgumentNullException.ThrowIfNull(data);
        (string Path, ShardReport? Report)[] found = [.. Files(data, "*.json").AsParallel().Select(f => (f, ShardReport.Read(f)))];
        if (found.Length == 0)
            return [];
        DateTime now = StoreProbe.Of(data.Shards).Now;
        return
        [
            .. found.Where(f => f.Report is not null)
                .Select(f => (Report: f.Report!, Silence: TimeSpan.FromTicks(Math.Max(0, (now - File.GetLastWriteTimeUtc(f.Path)).Ticks))))
                .GroupBy(r => r.Report.Verb, StringComparer.Ordinal)
                .SelectMany(verb => verb.GroupBy(r => r.Report.Shards).MinBy(division => division.Min(r => r.Silence))!)
                .OrderBy(r => r.Report.Verb, StringComparer.Ordinal).ThenBy(r => r.Report.Shard),
        ];
    }

    /// <summary>
    /// What is to be said where the same work is done without shards after some have been at it: what they left.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="verb">What is done.</param>
    /// <param name="missing">Clips or videos that were not done.</param>
    /// <returns>Null if no shard has been there.</returns>
    internal static Finding? Missing(DataFolder data, string verb, IReadOnlyList<string> missing)
    {
        const int shown = 5;
        if (!Files(data, verb + ".*-of-*.json").Any())
            return null;
        return missing.Count == 0 ? "the shards had left nothing undone"
            : $"the shards had left {missing.Count} undone: {string.Join(", ", missing.Take(shown))}" +
                (missing.Count > shown ? $" and {missing.Count - shown} others" : "");
    }

    /// <summary>All is done: nothing is left to be said of the shards.</summary>
    internal static void Clear(DataFolder data, params string[] names)
    {
        foreach (string file in names.SelectMany(name => Files(data, name + ".*-of-*.*")).ToArray())
            File.Delete(file);
        if (Directory.Exists(data.Shards) && !Directory.EnumerateFileSystemEntries(data.Shards).Any())
            Remove(data.Shards);
    }

    internal static IEnumerable<string> Files(DataFolder data, string pattern) =>
        Directory.Exists(data.Shards)
            ? Directory.EnumerateFiles(data.Shards, pattern).Where(f => !f.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal))
            : [];

    // Another worker may just begin to write there.
    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Then it stays.
        }
    }
}
