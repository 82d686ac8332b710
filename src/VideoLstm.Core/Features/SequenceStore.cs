using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>Whether a stored sequence can be used as it is.</summary>
public enum SequenceState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Taken from this clip, with these settings.</summary>
    Current,

    /// <summary>Of the right shape, but written by another program: where it comes from cannot be known.</summary>
    Foreign,

    /// <summary>Taken from something else, or with other settings.</summary>
    Stale,

    /// <summary>Taken from this clip with these settings, but for the precision of the network.</summary>
    OtherPrecision,
}

/// <summary>
/// The features of the clips: <c>sequences/&lt;name&gt;-&lt;length&gt;-features.npy</c>, float32 <c>[length, 2048]</c>.
/// Where the features come from is written behind them as a second array of the same file, which <c>numpy.load</c> passes over.
/// Clips that share a name with another have files in folders of their own, <c>sequences/&lt;set&gt;/&lt;class&gt;/</c>, and
/// copies of clips in <c>sequences/copies/&lt;set&gt;/&lt;class&gt;/</c>, with the number of the copy behind the name.
/// </summary>
public sealed class SequenceStore
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly DataFolder _data;
    private readonly HashSet<string> _sharedNames;

    /// <summary>The store of a data folder.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="clips">All clips of data_file.csv: names that occur twice among them are shared.</param>
    /// <param name="spec">What the sequences must have been taken with.</param>
    public SequenceStore(DataFolder data, IEnumerable<Clip> clips, SequenceSpec spec)
    {
        _data = data;
        Spec = spec;
        _sharedNames = clips.GroupBy(c => c.Name, StringComparer.OrdinalIgnoreCase)
            .Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What the sequences must have been taken with.</summary>
    public SequenceSpec Spec { get; }

    /// <summary>Names that more than one clip has.</summary>
    public IReadOnlyCollection<string> SharedNames => _sharedNames;

    /// <summary>Where the features of a clip lie.</summary>
    public string PathOf(Clip clip)
    {
        if (clip.Copy is { } copy)
            return Path.Combine(_data.Sequences, "copies", Clip.SetName(clip.Set), clip.Class, $"{clip.Name}-{copy.Number}-{Spec.Length}-features.npy");
        string file = $"{clip.Name}-{Spec.Length}-features.npy";
        return _sharedNames.Contains(clip.Name)
            ? Path.Combine(_data.Sequences, Clip.SetName(clip.Set), clip.Class, file)
            : Path.Combine(_data.Sequences, file);
    }

    /// <summary>Whether the stored features of a clip can be used.</summary>
    public SequenceState StateOf(Clip clip, SequenceSource source)
    {
        string path = PathOf(clip);
        if (!File.Exists(path))
            return SequenceState.Missing;
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (!HasShape(NpyFile.ReadSingle(stream, path)))
                return SequenceState.Stale;
            if (NpyFile.ReadBytes(stream, path) is not { } note)
                return File.GetLastWriteTimeUtc(path) >= source.LastWrite ? SequenceState.Foreign : SequenceState.Stale;
            Provenance? found = JsonSerializer.Deserialize<Provenance>(note, Json);
            Provenance asked = ProvenanceOf(clip, source);
            return found == asked ? SequenceState.Current : found is not null && found with { Precision = Spec.Precision } == asked ? SequenceState.OtherPrecision : SequenceState.Stale;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return SequenceState.Stale;
        }
    }

    /// <summary>Writes the features of a clip, <c>[length, 2048]</c>.</summary>
    public void Write(Clip clip, SequenceSource source, ReadOnlySpan<float> features)
    {
        float[] values = features.ToArray();
        AtomicFile.Write(PathOf(clip), stream =>
        {
            NpyFile.Write(stream, values, [Spec.Length, InceptionV3.Features]);
            NpyFile.Write(stream, JsonSerializer.SerializeToUtf8Bytes(ProvenanceOf(clip, source), Json));
        });
    }

    /// <summary>Reads the features of a clip, <c>[length, 2048]</c>.</summary>
    /// <exception cref="InputException">The file is missing or of another shape, or holds values that are no numbers.</exception>
    public void Read(Clip clip, Span<float> features)
    {
        string path = PathOf(clip);
        if (!File.Exists(path))
            throw new InputException($"{path}: not found; run `vlstm extract-features` again");
        using FileStream stream = File.OpenRead(path);
        NpyArray array = NpyFile.ReadSingle(stream, path);
        if (!HasShape(array))
            throw new InputException($"{path}: expected shape ({Spec.Length}, {InceptionV3.Features}), found ({string.Join(", ", array.Shape)}); delete it and run `vlstm extract-features` again");
        if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(array.Values))
            throw new InputException($"{path}: holds NaN or infinite values; delete it and run `vlstm extract-features` again");
        array.Values.CopyTo(features);
    }

    private bool HasShape(NpyArray array) => array.Shape is [var length, InceptionV3.Features] && length == Spec.Length;

    private Provenance ProvenanceOf(Clip clip, SequenceSource source) => new(
        clip.Label, clip.Frames, source.Kind, source.Digest, Spec.Height, Spec.Width, Spec.Sampling, Spec.Fit, Spec.WeightsDigest, Spec.Precision,
        clip.Copy?.Transform);

    private sealed record Provenance(
        string Clip, long Frames, SequenceSourceKind Source, string SourceDigest, int Height, int Width, FrameSampling Sampling, Video.FrameFit Fit, string Weights,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Precision Precision = Precision.Float,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Frames.FrameTransform? Transform = null);
}
