using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// data_file.csv and clip_files.csv in parts, one of each a shard: <c>shards/clip_files.3-of-8.csv</c> from time to time,
/// <c>shards/data_file.3-of-8.csv</c> when all clips of the shard have been at work. So no two shards write one file.
/// </summary>
internal static class ShardParts
{
    /// <summary>What the names begin with.</summary>
    public const string List = "data_file", Records = "clip_files";

    /// <summary>What a shard has done so far, of an earlier run too.</summary>
    public static IReadOnlyDictionary<ClipKey, ClipRecord> ReadRecords(DataFolder data, Shard shard) =>
        ClipFilesFile.Read(data.ShardFile(Records, shard, ".csv"));

    /// <summary>What all shards have done so far, however many there were.</summary>
    public static IEnumerable<KeyValuePair<ClipKey, ClipRecord>> ReadAllRecords(DataFolder data) =>
        ShardReports.Files(data, Records + ".*-of-*.csv").Order(StringComparer.Ordinal).SelectMany(ClipFilesFile.Read);

    /// <summary>Takes back that a shard was finished.</summary>
    public static void Reopen(DataFolder data, Shard shard) => File.Delete(data.ShardFile(List, shard, ".csv"));

    /// <summary>Writes what a shard has done.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="clips">Its clips.</param>
    /// <param name="records">What is known of them.</param>
    /// <param name="finished">Whether these are all.</param>
    public static void Write(DataFolder data, Shard shard, IReadOnlyList<Clip> clips, IReadOnlyDictionary<ClipKey, ClipRecord> records,
        bool finished)
    {
        ClipFilesFile.Write(data.ShardFile(Records, shard, ".csv"),
            clips.Where(c => records.ContainsKey(c.Key)).Select(c => (c.Key, records[c.Key])));
        if (finished)
            DataFile.Write(data.ShardFile(List, shard, ".csv"), clips);
    }

    /// <summary>All of the list; null while a shard has not finished.</summary>
    /// <exception cref="InputException">A part is not what it should be.</exception>
    public static (IReadOnlyDictionary<ClipKey, Clip> Clips, IReadOnlyDictionary<ClipKey, ClipRecord> Records)? Join(DataFolder data,
        int shards)
    {
        HashSet<string> there = [.. ShardReports.Files(data, Invariant($"{List}.*-of-{shards}.csv"))];
        string[] parts = [.. Enumerable.Range(1, shards).Select(n => data.ShardFile(List, new Shard(n, shards), ".csv"))];
        if (!Array.TrueForAll(parts, there.Contains))
            return null;
        var clips = new Dictionary<ClipKey, Clip>();
        var records = new Dictionary<ClipKey, ClipRecord>();
        for (int number = 1; number <= shards; number++)
        {
            foreach (Clip clip in DataFile.Read(parts[number - 1]))
                clips[clip.Key] = clip;
            foreach ((ClipKey key, ClipRecord record) in ReadRecords(data, new Shard(number, shards)))
                records[key] = record;
        }
        return (clips, records);
    }
}
