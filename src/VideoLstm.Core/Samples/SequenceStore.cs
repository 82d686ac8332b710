using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Samples;

/// <summary>
/// The features of the clips: <c>sequences/&lt;name&gt;-&lt;length&gt;-features.npy</c>, float32 <c>[length, 2048]</c>, and with
/// <see cref="FrameSampling.Sliding"/> <c>sequences/&lt;name&gt;-&lt;length&gt;-windows.npy</c>, float32 <c>[windows, length, 2048]</c>.
/// Where the features come from is written behind them as a second array of the same file, which <c>numpy.load</c> passes over;
/// with it, where there are windows or zeros, the stretch of each sequence and the number of its real frames.
/// Clips that share a name with another have files in folders of their own, <c>sequences/&lt;set&gt;/&lt;class&gt;/</c>, and
/// copies of clips in <c>sequences/copies/&lt;set&gt;/&lt;class&gt;/</c>, with the number of the copy behind the name.
/// </summary>
public sealed class SequenceStore : ISampleReader
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    // Bytes that every file system takes, with room for what is appended while the file is written.
    private const int LongestFileName = 240;

    private readonly DataFolder _data;
    private readonly HashSet<string> _sharedNames;

    /// <summary>The store of a data folder.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="clips">All clips of data_file.csv: names that occur twice among them are shared.</param>
    /// <param name="spec">What the sequences must have been taken with.</param>
    /// <exception cref="InputException">A sequence is longer than a file can hold.</exception>
    /// <exception cref="ArgumentException">The settings contradict each other.</exception>
    public SequenceStore(DataFolder data, IEnumerable<Clip> clips, SequenceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(spec.Features);
        bool hasWindows = spec is { WindowSeconds: > 0, StepSeconds: > 0 }, hasNone = spec is { WindowSeconds: 0, StepSeconds: 0 };
        if (!hasNone && !(hasWindows && spec.Sampling == FrameSampling.Sliding))
            throw new ArgumentException("sliding sampling has a window and a step above 0, or neither; any other has none", nameof(spec));
        int longest = int.MaxValue / spec.Features;
        if (spec.Length > longest)
            throw new InputException(
                $"seq_length {spec.Length} is more than the {longest} frames that one file can hold; give a smaller one");
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
    public string PathOf(ClipVariant variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        (Clip clip, ClipCopy? copy) = variant;
        string file = $"-{Spec.Length}-{(IsSliding ? "windows" : "features")}.npy";
        if (copy is not null)
            file = $"-{copy.Number}{file}";
        file = FolderName.Fit(clip.Name, LongestFileName - file.Length) + file;
        if (copy is not null)
            return Path.Combine(_data.Sequences, "copies", Clip.SetName(clip.Set), clip.Class, file);
        return _sharedNames.Contains(clip.Name)
            ? Path.Combine(_data.Sequences, Clip.SetName(clip.Set), clip.Class, file)
            : Path.Combine(_data.Sequences, file);
    }

    /// <summary>Whether the stored features of a clip can be used.</summary>
    public SequenceState StateOf(ClipVariant clip, SequenceSource source)
    {
        string path = PathOf(clip);
        // Another worker may be putting it in its place.
        return !File.Exists(path) ? SequenceState.Missing : StoreFault.Outlast(() => StateOf(path, clip, source));
    }

    private SequenceState StateOf(string path, ClipVariant clip, SequenceSource source)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            int[] shape = NpyFile.Skip(stream, path);
            if (!HasShape(shape))
                return SequenceState.Stale;
            if (NpyFile.ReadBytes(stream, path) is not { } note)
                return !IsSliding && File.GetLastWriteTimeUtc(path) >= source.LastWrite ? SequenceState.Foreign : SequenceState.Stale;
            if (JsonText.Deserialize<Provenance>(note, Json) is not { } found || (IsSliding && found.Windows?.Count != shape[0]))
                return SequenceState.Stale;
            // Which side of the split the clip was on does not matter: the digest says that it is the same. What the list does not
            // bear out is read.
            string? listed = source.DigestWhen(path);
            string digest = listed == found.SourceDigest ? listed : source.Digest;
            Provenance asked = ProvenanceOf(clip, source, digest, null) with { Clip = found.Clip, Onnx = null };
            found = found with { Windows = null, Onnx = null };
            if (found == asked)
                return SequenceState.Current;
            if (found with { Precision = Spec.Precision, Backend = Spec.Backend } != asked)
                return SequenceState.Stale;
            return found.Precision != Spec.Precision ? SequenceState.OtherPrecision : SequenceState.OtherBackend;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return SequenceState.Stale;
        }
    }

    /// <summary>What the stored features of a clip were computed with, where the state is known.</summary>
    /// <returns>The precision, and what computed them, if not the CPU engine: else null.</returns>
    public (Precision Precision, string? Backend) ComputedWith(ClipVariant clip)
    {
        string path = PathOf(clip);
        using FileStream stream = Open(path);
        NpyFile.Skip(stream, path);
        return NpyFile.ReadBytes(stream, path) is { } note && JsonText.Deserialize<Provenance>(note, Json) is { } found
            ? (found.Precision, found.Backend) : default;
    }

    /// <summary>Writes the sequences of a clip.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="source">Where its frames come from.</param>
    /// <param name="plan">What the sequences are made of.</param>
    /// <param name="features">Of all frames of the plan, <c>[frames, 2048]</c>.</param>
    internal void Write(ClipVariant clip, SequenceSource source, SequencePlan plan, ReadOnlyMemory<float> features)
    {
        int[] shape = IsSliding ? [plan.Windows.Count, Spec.Length, Spec.Features] : [Spec.Length, Spec.Features];
        bool isWhole = !IsSliding && plan.Windows[0].RealFrames == Spec.Length;
        var padding = new float[Spec.Features];
        AtomicFile.Write(PathOf(clip), stream =>
        {
            NpyFile.WriteShape(stream, shape);
            foreach (int[] rows in plan.Rows)
            {
                foreach (int row in rows)
                    NpyFile.WriteValues(stream, features.Span.Slice(row * Spec.Features, Spec.Features));
                for (int i = rows.Length; i < Spec.Length; i++)
                    NpyFile.WriteValues(stream, padding);
            }
            NpyFile.Write(stream, JsonSerializer.SerializeToUtf8Bytes(
                ProvenanceOf(clip, source, source.Digest, isWhole ? null : plan.Windows), Json));
        });
    }

    /// <summary>
    /// The sequences of clips, one after the other: with <see cref="FrameSampling.Sliding"/> one for each window, else one a clip.
    /// </summary>
    /// <param name="clips">Clips whose sequences are stored.</param>
    /// <param name="classes">Class names in the order of the labels.</param>
    /// <exception cref="InputException">A file of windows is missing, or is none.</exception>
    /// <exception cref="ArgumentException">A clip is of none of the classes.</exception>
    public IReadOnlyList<Sample> Samples(IEnumerable<ClipVariant> clips, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(clips);
        var labels = classes.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label, StringComparer.Ordinal);
        var samples = new List<Sample>();
        foreach (ClipVariant variant in clips)
        {
            Clip clip = variant.Clip;
            int label = labels.TryGetValue(clip.Class, out int found)
                ? found
                : throw new ArgumentException($"{clip.Label} is of none of the classes", nameof(clips));
            if (IsSliding)
                samples.AddRange(WindowsOf(variant)
                    .Select((w, i) => new Sample(clip, i, label, w.Frames, w.RealFrames) { Copy = variant.Copy }));
            else
                samples.Add(new Sample(clip, 0, label, clip.Frames, (int)Math.Min(clip.Frames, Spec.Length)) { Copy = variant.Copy });
        }
        return samples;
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> SampleShape => [Spec.Length, Spec.Features];

    /// <summary>Reads the features of a sample, <c>[length, 2048]</c>; those behind its real frames are 0.</summary>
    /// <param name="sample">One of <see cref="Samples"/>.</param>
    /// <param name="epoch">They are the same in each.</param>
    /// <param name="x">Filled.</param>
    /// <exception cref="InputException">The file is missing or of another shape, or holds values that are no numbers.</exception>
    public void Read(Sample sample, int epoch, Memory<float> x)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ReadPart(sample.Variant, IsSliding ? sample.Window : null, x.Span);
    }

    /// <summary>Reads the features of a clip, <c>[length, 2048]</c>.</summary>
    /// <exception cref="InputException">The file is missing or of another shape, or holds values that are no numbers.</exception>
    public void Read(ClipVariant clip, Span<float> features) => ReadPart(clip, null, features);

    /// <inheritdoc/>
    public string Digest(ClipVariant clip)
    {
        string path = PathOf(clip);
        using FileStream stream = Open(path);
        NpyFile.Skip(stream, path);
        // What another program wrote does not say where it comes from.
        if (NpyFile.ReadBytes(stream, path) is { } note)
            return Convert.ToHexStringLower(SHA256.HashData(note));
        stream.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private bool IsSliding => Spec.Sampling == FrameSampling.Sliding;

    private void ReadPart(ClipVariant clip, int? window, Span<float> features)
    {
        string path = PathOf(clip);
        using FileStream stream = Open(path);
        NpyArray array = window is { } index ? NpyFile.ReadPart(stream, path, index) : NpyFile.ReadSingle(stream, path);
        if (array.Shape is not [var length, var width] || length != Spec.Length || width != Spec.Features)
            throw new InputException($"{path}: expected shape ({Spec.Length}, {Spec.Features}), found ({string.Join(", ", array.Shape)})",
                Remedy.ReplaceFeatures);
        if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(array.Values))
            throw new InputException($"{path}: holds NaN or infinite values", Remedy.ReplaceFeatures);
        array.Values.CopyTo(features);
    }

    private IReadOnlyList<SequenceWindow> WindowsOf(ClipVariant clip)
    {
        string path = PathOf(clip);
        using FileStream stream = Open(path);
        try
        {
            int[] shape = NpyFile.Skip(stream, path);
            if (HasShape(shape) && NpyFile.ReadBytes(stream, path) is { } note
                && JsonText.Deserialize<Provenance>(note, Json)?.Windows is { } windows
                && windows.Count == shape[0]
                && windows.All(w => w.RealFrames > 0 && w.RealFrames <= Spec.Length && w.Frames >= w.RealFrames))
                return windows;
        }
        catch (JsonException)
        {
            // As any other file that says nothing of its windows.
        }
        throw new InputException($"{path}: does not say which windows it holds", Remedy.ReplaceFeatures);
    }

    private static FileStream Open(string path) =>
        File.Exists(path) ? StoreFault.Outlast(() => File.OpenRead(path))
            : throw new InputException($"{path}: not found", Remedy.ExtractFeaturesAgain);

    private bool HasShape(int[] shape) => IsSliding
        ? shape is [> 0, var length, var width] && length == Spec.Length && width == Spec.Features
        : shape is [var frames, var values] && frames == Spec.Length && values == Spec.Features;

    private Provenance ProvenanceOf(
        ClipVariant clip, SequenceSource source, string digest, IReadOnlyList<SequenceWindow>? windows) => new(
        clip.Label, clip.Clip.Frames, source.Kind, digest, Spec.Height, Spec.Width, Spec.Sampling, Spec.Fit)
    {
        Weights = Spec.WeightsDigest,
        Precision = Spec.Precision,
        WindowSeconds = Spec.WindowSeconds,
        StepSeconds = Spec.StepSeconds,
        Pad = IsSliding && Spec.Pad,
        Windows = windows,
        Transform = clip.Copy?.Transform,
        Stream = source.Kind == SequenceSourceKind.Clip ? VideoProbe.Stream : null,
        Backend = Spec.Backend,
        Onnx = Spec.Onnx?.ToJson(),
    };

    // What is left out by default is so in older files.
    private sealed record Provenance(
        string Clip, long Frames, SequenceSourceKind Source, string SourceDigest, int Height, int Width, FrameSampling Sampling,
        FrameFit Fit)
    {
        public string Weights { get; init; } = "";

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public Precision Precision { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public double WindowSeconds { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public double StepSeconds { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Pad { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public IReadOnlyList<SequenceWindow>? Windows { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public FrameTransform? Transform { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Stream { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Backend { get; init; }

        // For people: the digest of the weights is that of all this.
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public JsonElement? Onnx { get; init; }
    }
}
