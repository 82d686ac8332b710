using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// How far a shard is: <c>shards/&lt;verb&gt;.3-of-8.json</c> in the work folder, one object that is written anew every few seconds by the
/// process that has the shard, and read by whoever wants to know.
/// </summary>
/// <param name="Verb">What is done.</param>
/// <param name="Shard">Which shard, from 1.</param>
/// <param name="Shards">How many there are.</param>
/// <param name="Host">The machine.</param>
/// <param name="Process">Its process.</param>
/// <param name="Started">When it began, UTC, by its machine's clock.</param>
/// <param name="Updated">When this was written, by the same clock.</param>
public sealed record ShardReport(string Verb, int Shard, int Shards, string Host, int Process, DateTime Started, DateTime Updated)
{
    private const long LongestFile = 64 << 20, Most = 1_000_000_000_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Clips, or videos, that belong to the shard; null while nobody has counted them.</summary>
    public long? Found { get; init; }

    /// <summary>How many of them were done before.</summary>
    public long Before { get; init; }

    /// <summary>How many are done since.</summary>
    public long Done { get; init; }

    /// <summary>Those that failed.</summary>
    public IReadOnlyList<ShardFailure> Failed { get; init; } = [];

    /// <summary>A report from its file; null if that is none, or is gone.</summary>
    internal static ShardReport? Read(string path)
    {
        try
        {
            byte[]? bytes = StoreFault.Outlast(() => new FileInfo(path) is { Exists: true, Length: <= LongestFile }
                ? File.ReadAllBytes(path) : null);
            return bytes is not null && JsonText.Deserialize<ShardReport>(bytes, Json) is { } report && report.IsSound ? report : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    internal void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");

    private bool IsSound => Verb is not null && Host is not null && Failed is not null && Datasets.Shard.Of(Shard, Shards) is not null
        && Found is null or (>= 0 and <= Most) && Before is >= 0 and <= Most && Done is >= 0 and <= Most
        && Failed.All(f => f is { Input: not null, Reason: not null });
}
