using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Storage;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>What a classifier is shown of a video.</summary>
/// <param name="Sequences">Frames of a sequence, their size, which they are. The digest is empty without an extractor, and where it is not known with which one the network learnt.</param>
public sealed record CheckpointSource(SequenceSpec Sequences)
{
    /// <summary>What the extractor's weights were called: a file name or <c>random:SEED</c>; null where there is no extractor.</summary>
    public string? WeightsName { get; init; }

    /// <summary>The convention of those weights.</summary>
    public InceptionDialect Dialect { get; init; }

    /// <summary>What the network sees of the frames; null where it sees features.</summary>
    public FrameInput? Input { get; init; }

    /// <summary>How far frames were changed at random in training, in words; null or empty: not at all.</summary>
    public string? Augmentation { get; init; }

    /// <summary>What wrote the network, where it was not trained here; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Origin { get; init; }

    /// <summary>The same, seeing the features of these weights.</summary>
    public CheckpointSource With(InceptionWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return this with { Sequences = Sequences with { WeightsDigest = weights.Digest }, WeightsName = Path.GetFileName(weights.Source), Dialect = weights.Dialect };
    }
}

/// <summary>All that a trained classifier must know of itself, besides its weights, to label a video.</summary>
public sealed record CheckpointInfo
{
    /// <summary>Class names, in the order of the classifier's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What network it is.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>What it is shown of a video.</summary>
    public required CheckpointSource Source { get; init; }

    /// <summary>What its sequences were taken with.</summary>
    [JsonIgnore]
    public SequenceSpec Sequences => Source.Sequences;

    /// <summary>Median number of frames of the clips that it learnt from: how long a stretch of video a sequence stands for.</summary>
    public required long ClipFrames { get; init; }

    /// <summary>Epoch, from 1, after which it was written; null: not known.</summary>
    public required int? Epoch { get; init; }

    /// <summary>Mean cross-entropy on the test clips; null: not known.</summary>
    public required double? ValidationLoss { get; init; }

    /// <summary>Share of the test clips that it gets right, 0 to 1; null: not known.</summary>
    public required double? ValidationAccuracy { get; init; }
}

/// <summary>
/// A trained classifier as one safetensors file: the weights under Keras' names and in Keras' layout, everything else in
/// <c>__metadata__</c>. It can be renamed and moved and is still complete.
/// </summary>
public static class Checkpoint
{
    private const string Format = "vlstm-checkpoint-1";

    /// <summary>The most units of a recurrent layer.</summary>
    public const int MostUnits = 1 << 16;

    // Bounds that no classifier comes near: ImageNet's largest list has 21 841 classes, and a clip of 2^24 frames lasts a week.
    private const int MostClasses = 1 << 16, MostClipFrames = 1 << 24, LargestSide = 1 << 13;

    /// <summary>The most recurrent layers.</summary>
    public const int MostLayers = 16;

    /// <summary>Whether the metadata of a safetensors file is that of a checkpoint.</summary>
    public static bool IsCheckpoint(IReadOnlyDictionary<string, string> metadata) => metadata.GetValueOrDefault("format") == Format;

    /// <summary>Writes a checkpoint, whole or not at all.</summary>
    public static void Save(string path, Network model, CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(model);
        var metadata = new Dictionary<string, string>(Describe(info)) { ["format"] = Format };
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, TensorSet.Of(model).ToWrite(), metadata));
    }

    /// <summary>All that a classifier knows of itself besides its weights, as it stands in the metadata of its file.</summary>
    public static IReadOnlyDictionary<string, string> Describe(CheckpointInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        var metadata = new Dictionary<string, string>
        {
            ["model"] = info.Model.Recipe,
            ["model_options"] = JsonSerializer.Serialize(new ModelOptions(info.Model.Units, info.Model.Layers, info.Model.Bidirectional, info.Model.HardSigmoid, info.Model.Alpha, info.Model.TrainableLayers), OptionsJson),
            ["classes"] = JsonSerializer.Serialize(info.Classes, ClassesJson),
            ["sequence_length"] = Text(info.Sequences.Length),
            ["height"] = Text(info.Sequences.Height),
            ["width"] = Text(info.Sequences.Width),
            ["sampling"] = info.Sequences.Sampling.ToString(),
            ["fit"] = info.Sequences.Fit.ToString(),
            ["clip_frames"] = Text(info.ClipFrames),
            ["pad"] = info.Sequences.Pad.ToString(),
            ["window_seconds"] = Text(info.Sequences.WindowSeconds),
            ["step_seconds"] = Text(info.Sequences.StepSeconds),
        };
        if (info.Model.Sequential is { } layers)
            metadata["layers"] = JsonSerializer.Serialize(layers.Select(SequentialLayer.Of), OptionsJson);
        foreach ((string key, IFormattable? value) in (IEnumerable<(string, IFormattable?)>)[("epoch", info.Epoch), ("val_loss", info.ValidationLoss), ("val_acc", info.ValidationAccuracy)])
        {
            if (value is not null)
                metadata[key] = Text(value);
        }
        if (info.Source.Origin is { } origin)
            metadata["origin"] = origin;
        if (info.Source.Input is { } input)
        {
            metadata["input"] = input.ToString();
            metadata["augmentation"] = info.Source.Augmentation ?? "";
        }
        else
        {
            metadata["extractor"] = "inception_v3";
            metadata["extractor_dialect"] = info.Source.Dialect.ToString();
            metadata["extractor_weights"] = info.Source.WeightsName!;
            metadata["extractor_digest"] = info.Sequences.WeightsDigest;
            metadata["precision"] = info.Sequences.Precision.ToString();
        }
        return metadata;
    }

    /// <summary>Reads what a checkpoint says of itself, without its weights.</summary>
    /// <exception cref="InputException">It is no checkpoint, or lacks something.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static CheckpointInfo ReadInfo(string path)
    {
        using SafetensorsFile file = Open(path);
        return ReadInfo(file);
    }

    /// <summary>Reads what a checkpoint says of itself, without its weights.</summary>
    /// <exception cref="InputException">It is no checkpoint, or lacks something.</exception>
    public static CheckpointInfo ReadInfo(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsCheckpoint(file.Metadata))
            throw new InputException($"{file.Path}: is a {file.FormatName} file, but no classifier that `vlstm train` wrote; give one from data/checkpoints");
        var fields = new Fields(file);
        string recipe = fields.Text("model");
        if (Recipes.Find(recipe) is not { } known)
            throw new InputException($"{file.Path}: holds a model `{Fields.Short(recipe)}`, this version knows {string.Join(", ", Recipes.All.Select(r => r.Name))}; update vlstm");
        string[] classes = fields.Classes();
        CheckpointSource source = fields.Source(known.SeesFrames);
        var info = new CheckpointInfo
        {
            Classes = classes,
            Model = fields.Model(known, source.Sequences, classes.Length),
            Source = source,
            ClipFrames = fields.Integer("clip_frames", 1, MostClipFrames),
            Epoch = fields.Has("epoch") ? fields.Integer("epoch", 1, int.MaxValue) : null,
            ValidationLoss = fields.Has("val_loss") ? fields.Real("val_loss") : null,
            ValidationAccuracy = fields.Has("val_acc") ? fields.Real("val_acc") : null,
        };
        return info.ClipFrames >= info.Sequences.Length || info.Sequences.Pad ? info : throw fields.Broken("clip_frames");
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InputException">It is no checkpoint, lacks a tensor, or holds values that are no numbers.</exception>
    /// <exception cref="InvalidDataException">It is no whole safetensors file.</exception>
    public static (Network Model, CheckpointInfo Info) Load(string path)
    {
        using SafetensorsFile file = Open(path);
        CheckpointInfo info = ReadInfo(file);
        Network model = Recipes.Build(info.Model);
        ReadWeights(file, model);
        return (model, info);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal static SafetensorsFile Open(string path) => File.Exists(path)
        ? SafetensorsFile.Open(path)
        : throw new InputException($"{path}: no such file; give a classifier from data/checkpoints, which `vlstm train` writes");

    /// <summary>Fills a network with the weights of a file.</summary>
    /// <exception cref="InputException">A tensor is missing, of another shape, or holds values that are no numbers.</exception>
    internal static void ReadWeights(SafetensorsFile file, Network model) => TensorSet.Of(model).Read(
        file,
        (_, fault) => new InputException($"{file.Path}: {fault}; train again"),
        tensor => new InputException(
            $"{file.Path}: tensor {tensor.Name} holds NaN or infinite values; train again, with a smaller --learning-rate"));

    // Class names as people write them: umlauts and emoji need no escapes.
    private static readonly JsonSerializerOptions ClassesJson = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OptionsJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) } };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>What a user chose of a network.</summary>
    private sealed record ModelOptions(int? Units, int Layers = 1, bool Bidirectional = false, bool HardSigmoid = false, double Alpha = 1, int? TrainableLayers = null);

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

        public bool Has(string key) => file.Metadata.ContainsKey(key);

        public bool Boolean(string key) => bool.TryParse(Text(key), out bool value) ? value : throw Broken(key);

        public T Enumeration<T>(string key) where T : struct, Enum =>
            Enum.TryParse(Text(key), out T value) && Enum.IsDefined(value) ? value : throw Broken(key);

        public string[] Classes()
        {
            try
            {
                string[]? classes = JsonText.Deserialize<string[]>(Text("classes"));
                return classes is { Length: > 1 and <= MostClasses } && classes.All(c => !string.IsNullOrEmpty(c)) && classes.Distinct(StringComparer.Ordinal).Count() == classes.Length
                    ? classes : throw Broken("classes");
            }
            catch (JsonException)
            {
                throw Broken("classes");
            }
        }

        // What older ones do not say is the default.
        public CheckpointSource Source(bool seesFrames)
        {
            IReadOnlyDictionary<string, string> said = file.Metadata;
            var sequences = new SequenceSpec(
                Integer("sequence_length", 1, 1 << 20), Integer("height", 1, LargestSide), Integer("width", 1, LargestSide), Enumeration<FrameSampling>("sampling"), Enumeration<FrameFit>("fit"),
                seesFrames ? "" : Text("extractor_digest"), said.ContainsKey("precision") ? Enumeration<Precision>("precision") : Precision.Float,
                said.ContainsKey("pad") && Boolean("pad"))
            {
                WindowSeconds = said.ContainsKey("window_seconds") ? Real("window_seconds") : 0,
                StepSeconds = said.ContainsKey("step_seconds") ? Real("step_seconds") : 0,
            };
            return seesFrames
                ? new CheckpointSource(sequences) { Input = Enumeration<FrameInput>("input"), Augmentation = file.Metadata.GetValueOrDefault("augmentation") }
                : new CheckpointSource(sequences) { WeightsName = Text("extractor_weights"), Dialect = Enumeration<InceptionDialect>("extractor_dialect"), Origin = said.GetValueOrDefault("origin") };
        }

        public ModelSpec Model(Recipe recipe, SequenceSpec sequences, int classes)
        {
            ModelSpec spec = ModelSpec.Of(recipe, sequences, classes);
            if (recipe == SequentialModel.Recipe)
                return spec with { Sequential = Sequential() };
            if (!file.Metadata.ContainsKey("model_options"))
                return spec;
            try
            {
                return JsonText.Deserialize<ModelOptions>(Text("model_options"), OptionsJson) is { Units: null or (>= 1 and <= MostUnits), Layers: >= 1 and <= MostLayers, Alpha: 0.25 or 0.5 or 0.75 or 1, TrainableLayers: null or (>= 0 and <= 1000) } options
                    ? spec with { Units = options.Units, Layers = options.Layers, Bidirectional = options.Bidirectional, HardSigmoid = options.HardSigmoid, Alpha = options.Alpha, TrainableLayers = options.TrainableLayers }
                    : throw Broken("model_options");
            }
            catch (JsonException)
            {
                throw Broken("model_options");
            }
        }

        private LayerSpec[] Sequential()
        {
            try
            {
                return JsonText.Deserialize<List<SequentialLayer>>(Text("layers"), OptionsJson) is { } layers
                    && SequentialLayer.AreAudio(layers)
                    ? [.. layers.Select(l => l.ToSpec())] : throw Broken("layers");
            }
            catch (JsonException)
            {
                throw Broken("layers");
            }
        }

        public InputException Broken(string key) =>
            new($"{file.Path}: metadata `{key}` is {(file.Metadata.TryGetValue(key, out string? v) ? $"`{Short(v)}`, which cannot be" : "missing")}; train again");

        public static string Short(string value) => Printable.Short(value, 40);
    }
}
