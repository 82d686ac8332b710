using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Video;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Models;

/// <summary>All that a trained classifier must know of itself, besides its weights, to label a video.</summary>
public sealed record CheckpointInfo
{
    /// <summary>Class names, in the order of the classifier's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What its sequences were taken with.</summary>
    public required SequenceSpec Sequences { get; init; }

    /// <summary>Median number of frames of the clips that it learnt from: how long a stretch of video a sequence stands for.</summary>
    public required long ClipFrames { get; init; }

    /// <summary>What the network's weights were called: a file name or <c>random:SEED</c>.</summary>
    public required string WeightsName { get; init; }

    /// <summary>The convention of those weights.</summary>
    public required InceptionDialect Dialect { get; init; }

    /// <summary>Epoch, from 1, after which it was written.</summary>
    public required int Epoch { get; init; }

    /// <summary>Mean cross-entropy on the test clips.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>Share of the test clips that it gets right, 0 to 1.</summary>
    public required double ValidationAccuracy { get; init; }
}

/// <summary>
/// A trained classifier as one safetensors file: the weights under Keras' names and in Keras' layout, everything else in
/// <c>__metadata__</c>. It can be renamed and moved and is still complete.
/// </summary>
public static class Checkpoint
{
    private const string Format = "vlstm-checkpoint-1";
    private const string Model = "lstm";

    /// <summary>Whether the metadata of a safetensors file is that of a checkpoint.</summary>
    public static bool IsCheckpoint(IReadOnlyDictionary<string, string> metadata) => metadata.GetValueOrDefault("format") == Format;

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public static void Save(string path, LstmClassifier model, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(info);
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["model"] = Model,
            ["classes"] = JsonSerializer.Serialize(info.Classes, ClassesJson),
            ["sequence_length"] = Text(info.Sequences.Length),
            ["height"] = Text(info.Sequences.Height),
            ["width"] = Text(info.Sequences.Width),
            ["sampling"] = info.Sequences.Sampling.ToString(),
            ["fit"] = info.Sequences.Fit.ToString(),
            ["clip_frames"] = Text(info.ClipFrames),
            ["extractor"] = "inception_v3",
            ["extractor_dialect"] = info.Dialect.ToString(),
            ["extractor_weights"] = info.WeightsName,
            ["extractor_digest"] = info.Sequences.WeightsDigest,
            ["precision"] = info.Sequences.Precision.ToString(),
            ["epoch"] = Text(info.Epoch),
            ["val_loss"] = Text(info.ValidationLoss),
            ["val_acc"] = Text(info.ValidationAccuracy),
        };
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(
            stream, model.Parameters.Select(p => (p.Name, p.Shape.ToArray(), (ReadOnlyMemory<float>)p.Value.Span.ToArray())), metadata));
    }

    /// <summary>Reads what a checkpoint says of itself, without its weights.</summary>
    /// <exception cref="InputException">It is no checkpoint, or lacks something.</exception>
    public static CheckpointInfo ReadInfo(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsCheckpoint(file.Metadata))
            throw new InputException($"{file.Path}: is a {file.FormatName} file, but no classifier that `vlstm train` wrote; give one from data/checkpoints");
        if (file.Metadata.GetValueOrDefault("model") is var model && model != Model)
            throw new InputException($"{file.Path}: holds a model `{model}`, this version knows `{Model}`; update vlstm");

        var fields = new Fields(file);
        var info = new CheckpointInfo
        {
            Classes = fields.Classes(),
            Sequences = new SequenceSpec(
                fields.Integer("sequence_length", 1, 1 << 20), fields.Integer("height", 1, 1 << 16), fields.Integer("width", 1, 1 << 16),
                fields.Enumeration<FrameSampling>("sampling"), fields.Enumeration<FrameFit>("fit"), fields.Text("extractor_digest"),
                // Older ones know one only.
                file.Metadata.ContainsKey("precision") ? fields.Enumeration<Precision>("precision") : Precision.Float),
            ClipFrames = fields.Integer("clip_frames", 1, int.MaxValue),
            WeightsName = fields.Text("extractor_weights"),
            Dialect = fields.Enumeration<InceptionDialect>("extractor_dialect"),
            Epoch = fields.Integer("epoch", 1, int.MaxValue),
            ValidationLoss = fields.Real("val_loss"),
            ValidationAccuracy = fields.Real("val_acc"),
        };
        return info.ClipFrames >= info.Sequences.Length ? info : throw fields.Broken("clip_frames");
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InputException">It is no checkpoint, lacks a tensor, or holds values that are no numbers.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static (LstmClassifier Model, CheckpointInfo Info) Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        CheckpointInfo info = ReadInfo(file);

        int units = Size(file, "lstm/recurrent_kernel", 0);
        int hidden = Size(file, "dense/bias", 0);
        // Shapes are checked one by one before anything of that size is made.
        foreach ((string name, long[] shape) in ShapesOf(info.Classes.Count, units, hidden))
        {
            if (!file.Contains(name) || !file[name].Shape.SequenceEqual(shape))
                throw new InputException($"{path}: expected tensor {name} of shape [{string.Join(", ", shape)}], found {(file.Contains(name) ? $"[{string.Join(", ", file[name].Shape)}]" : "none")}; train again");
        }

        var model = new LstmClassifier(info.Sequences.Length, InceptionV3.Features, info.Classes.Count, units, hidden);
        foreach (Parameter parameter in model.Parameters)
        {
            float[] values = file.ReadSingle(parameter.Name);
            if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(values))
                throw new InputException($"{path}: tensor {parameter.Name} holds NaN or infinite values; train again, with a smaller --learning-rate");
            values.CopyTo(parameter.Value.Span);
        }
        return (model, info);
    }

    private static (string Name, long[] Shape)[] ShapesOf(long classes, long units, long hidden) =>
    [
        ("lstm/kernel", [InceptionV3.Features, 4 * units]),
        ("lstm/recurrent_kernel", [units, 4 * units]),
        ("lstm/bias", [4 * units]),
        ("dense/kernel", [units, hidden]),
        ("dense/bias", [hidden]),
        ("dense_1/kernel", [hidden, classes]),
        ("dense_1/bias", [classes]),
    ];

    private static int Size(SafetensorsFile file, string tensor, int axis)
    {
        if (!file.Contains(tensor) || file[tensor].Shape.Count <= axis)
            throw new InputException($"{file.Path}: lacks the tensor {tensor}; train again");
        return (int)Math.Min(file[tensor].Shape[axis], int.MaxValue);
    }

    // Class names as people write them: umlauts and emoji need no escapes.
    private static readonly JsonSerializerOptions ClassesJson = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>Metadata, field by field, each checked.</summary>
    private readonly struct Fields(SafetensorsFile file)
    {
        public string Text(string key) => file.Metadata.TryGetValue(key, out string? value) ? value : throw Broken(key);

        public int Integer(string key, int minimum, int maximum) =>
            int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= minimum && value <= maximum
                ? value : throw Broken(key);

        public double Real(string key) =>
            double.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
                ? value : throw Broken(key);

        public T Enumeration<T>(string key) where T : struct, Enum =>
            Enum.TryParse(Text(key), out T value) && Enum.IsDefined(value) ? value : throw Broken(key);

        public string[] Classes()
        {
            try
            {
                string[]? classes = JsonSerializer.Deserialize<string[]>(Text("classes"));
                return classes is { Length: > 1 } && classes.All(c => !string.IsNullOrEmpty(c)) ? classes : throw Broken("classes");
            }
            catch (JsonException)
            {
                throw Broken("classes");
            }
        }

        public InputException Broken(string key) =>
            new($"{file.Path}: metadata `{key}` is {(file.Metadata.TryGetValue(key, out string? v) ? $"`{Short(v)}`, which cannot be" : "missing")}; train again");

        private static string Short(string value) => value.Length <= 40 ? value.ReplaceLineEndings(" ") : value[..40].ReplaceLineEndings(" ") + "...";
    }
}
