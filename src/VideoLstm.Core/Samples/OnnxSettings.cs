using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Samples;

/// <summary>
/// All that decides the features of a network in an ONNX file, apart from the frames: which file, what it is given, and what is taken of
/// what it gives. A byte b of channel c is given as (b · <see cref="Scale"/> - <see cref="Mean"/>[c]) / <see cref="Std"/>[c].
/// </summary>
public sealed record OnnxSettings
{
    /// <summary>Most frames that a network sees at once, and most frames from one of them to the next.</summary>
    public const int MostClipFrames = 256, LongestClipStride = 1024;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Digest of the file, <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public required string FileDigest { get; init; }

    /// <summary>Digests of the files in which its weights lie besides, by their names.</summary>
    public IReadOnlyDictionary<string, string>? ExternalData { get; init; }

    /// <summary>Name of the input.</summary>
    public required string Input { get; init; }

    /// <summary>In which order the input's sizes are.</summary>
    public required OnnxLayout Layout { get; init; }

    /// <summary>Type of the input: <c>float32</c>, <c>uint8</c>, <c>float16</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What a byte is multiplied by.</summary>
    public required double Scale { get; init; }

    /// <summary>What is subtracted, by the network's channel.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>What is divided by, by the network's channel.</summary>
    public required IReadOnlyList<double> Std { get; init; }

    /// <summary>Whether the channels are blue, green, red.</summary>
    public bool Bgr { get; init; }

    /// <summary>Name of the output.</summary>
    public required string Output { get; init; }

    /// <summary>What is taken of several tokens.</summary>
    public TokenPooling Pooling { get; init; }

    /// <summary>Frames that it sees at once.</summary>
    public int ClipFrames { get; init; } = 1;

    /// <summary>From one of them to the next, frames of the video.</summary>
    public int ClipStride { get; init; } = 1;

    /// <summary>Digest of all of it: equal for equal features.</summary>
    [JsonIgnore]
    public string Digest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));

    /// <summary>What each byte of a channel becomes, 256 numbers.</summary>
    /// <param name="channel">The network's channel.</param>
    internal float[] Table(int channel) =>
        [.. Enumerable.Range(0, 256).Select(b => (float)((b * Scale - Mean[channel]) / Std[channel]))];

    /// <summary>How pictures are given, in words.</summary>
    [JsonIgnore]
    public string Preprocessing => Type == "uint8" ? $"bytes, {Order}"
        : Invariant($"(byte · {Scale:0.######} - {Row(Mean)}) / {Row(Std)}, {Order}");

    /// <summary>As JSON.</summary>
    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <returns>Null: it is none.</returns>
    public static OnnxSettings? Parse(string json)
    {
        try
        {
            return JsonText.Deserialize<OnnxSettings>(json, Json) is { } settings && settings.IsPossible ? settings : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Equals(OnnxSettings? other) => other is not null && other.Digest == Digest;

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode(StringComparison.Ordinal);

    private string Order => Bgr ? "BGR" : "RGB";

    private bool IsPossible => FileDigest is not null && Input is not null && Output is not null
        && Type is "float32" or "uint8" or "float16" && Mean is { Count: 3 } && Std is { Count: 3 } && double.IsFinite(Scale)
        && Mean.All(double.IsFinite)
        && Std.All(s => double.IsFinite(s) && s != 0) && Enum.IsDefined(Layout) && Enum.IsDefined(Pooling)
        && ClipFrames is >= 1 and <= MostClipFrames && ClipStride is >= 1 and <= LongestClipStride;

    private static string Row(IReadOnlyList<double> values) => values.Distinct().Count() == 1 ? Invariant($"{values[0]:0.####}")
        : $"[{string.Join(", ", values.Select(v => Invariant($"{v:0.####}")))}]";
}
