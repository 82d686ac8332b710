using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// One of equal parts of the work. What belongs to it is told by its name alone: the first eight bytes of the SHA-256 of the name in UTF-8
/// and composed form, as a big-endian number, modulo the number of shards. So a longer list leaves what was listed where it is.
/// </summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Count">How many there are.</param>
public sealed record Shard(int Number, int Count)
{
    /// <summary>More than these are a mistake.</summary>
    public const int Most = 100_000;

    /// <summary>Reads <c>3/8</c>; null if it is none.</summary>
    public static Shard? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('/') is [var number, var count] && Read(number) is { } i && Read(count) is { } n ? Of(i, n) : null;
    }

    /// <summary>A shard; null if there is none of this number.</summary>
    public static Shard? Of(long number, long count) =>
        count is >= 1 and <= Most && number >= 1 && number <= count ? new Shard((int)number, (int)count) : null;

    /// <summary>Whether a name belongs to it: of a clip <c>class/name</c>, of a video the name of its file.</summary>
    public bool Holds(string name)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(ComposedText.Of(name)));
        return BinaryPrimitives.ReadUInt64BigEndian(digest) % (ulong)Count == (ulong)(Number - 1);
    }

    /// <summary>As it is given: <c>3/8</c>.</summary>
    public override string ToString() => Invariant($"{Number}/{Count}");

    /// <summary>Whether a clip belongs to it; a clip that moves to the other side of the split stays.</summary>
    internal bool Holds(ClipKey clip) => Holds($"{clip.Class}/{clip.Name}");

    /// <summary>As it stands in names of files: <c>3-of-8</c>.</summary>
    internal string InNames => Invariant($"{Number}-of-{Count}");

    private static int? Read(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
