using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Models;

/// <summary>
/// What a classifier's file says of the classifier, as one object of JSON in the metadata of safetensors:
/// <c>{"format": "vlstm-classifier", "classifier": "{\"version\": 2, \"model\": \"lstm\", ...}"}</c>. Files of version 1 had a text
/// for each property, and <c>"format": "vlstm-checkpoint-1"</c>.
/// </summary>
internal sealed record ClassifierRecord
{
    private const string FormatKey = "format", Format = "vlstm-classifier", RecordKey = "classifier", FirstFormat = "vlstm-checkpoint-1";
    private const int Newest = 2;

    // Bounds that no classifier comes near: ImageNet's largest list has 21 841 classes, and a clip of 2^24 frames lasts a week.
    private const int MostClasses = 1 << 16, MostClipFrames = 1 << 24, LargestSide = 1 << 13, LongestSequence = 1 << 20,
        MostFeatures = 1 << 20, MostReferences = 1 << 12;

    private static readonly JsonSerializerOptions Json = new()
    {
        AllowDuplicateProperties = false,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(null, allowIntegerValues: false) },
        // Class names as people write them: umlauts and emoji need no escapes.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // What takes features, by name.
    private static readonly string[] Extractors = [InceptionV3.Name, MobileNetExtractor.FormatName, OnnxPictureNetwork.FormatName];

    // Properties of version 1 that were texts because they are; all others were texts of JSON.
    private static readonly string[] Texts =
    [
        "model", "sampling", "fit", "origin", "input", "augmentation", "extractor", "extractor_dialect", "extractor_weights",
            "extractor_digest", "precision",
    ];

    public int? Version { get; init; }

    public string? Model { get; init; }

    /// <summary>What was chosen of the network: <see cref="ModelSpec.Options"/>.</summary>
    public JsonObject? ModelOptions { get; init; }

    public IReadOnlyList<SequentialLayer>? Layers { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    public int? SequenceLength { get; init; }

    public int? Height { get; init; }

    public int? Width { get; init; }

    public FrameSampling? Sampling { get; init; }

    public FrameFit? Fit { get; init; }

    public bool? Pad { get; init; }

    public double? WindowSeconds { get; init; }

    public double? StepSeconds { get; init; }

    public long? ClipFrames { get; init; }

    public FrameInput? Input { get; init; }

    public string? Augmentation { get; init; }

    public string? Extractor { get; init; }

    public int? ExtractorFeatures { get; init; }

    public InceptionDialect? ExtractorDialect { get; init; }

    public string? ExtractorWeights { get; init; }

    public string? ExtractorDigest { get; init; }

    /// <summary>What decides the features, where the extractor is an ONNX file: <see cref="OnnxSettings"/>.</summary>
    public JsonElement? ExtractorOnnx { get; init; }

    /// <summary>Where that file was.</summary>
    public string? ExtractorPath { get; init; }

    public Precision? Precision { get; init; }

    /// <summary>What computed the features.</summary>
    public string? ExtractorBackend { get; init; }

    /// <summary>What trained the network.</summary>
    public string? Backend { get; init; }

    public string? Origin { get; init; }

    public int? Epoch { get; init; }

    public double? ValLoss { get; init; }

    public double? ValAcc { get; init; }

    public double? Temperature { get; init; }

    public int? NoveltyReferences { get; init; }

    public int? NoveltyComponents { get; init; }

    public double? NoveltyThreshold { get; init; }

    public int? NoveltyClips { get; init; }

    /// <summary>Whether metadata hold one.</summary>
    public static bool IsIn(IReadOnlyDictionary<string, string> metadata) => metadata.GetValueOrDefault(FormatKey) is Format or FirstFormat;

    /// <summary>What is said of a classifier.</summary>
    public static ClassifierRecord Of(CheckpointInfo info)
    {
        (ModelSpec model, SequenceSpec sequences, CheckpointSource source) = (info.Model, info.Sequences, info.Source);
        bool seesFeatures = source.Input is null;
        return new ClassifierRecord
        {
            Version = Newest,
            Model = model.Recipe,
            ModelOptions = model.OptionsToJson(),
            Layers = model.Sequential is { } layers ? [.. layers.Select(SequentialLayer.Of)] : null,
            Classes = info.Classes,
            SequenceLength = sequences.Length,
            Height = sequences.Height,
            Width = sequences.Width,
            Sampling = sequences.Sampling,
            Fit = sequences.Fit,
            Pad = sequences.Pad,
            WindowSeconds = sequences.WindowSeconds,
            StepSeconds = sequences.StepSeconds,
            ClipFrames = info.ClipFrames,
            Input = source.Input,
            Augmentation = seesFeatures ? null : source.Augmentation ?? "",
            Extractor = source.Extractor,
            ExtractorFeatures = seesFeatures ? sequences.Features : null,
            ExtractorDialect = seesFeatures && source.Extractor == InceptionV3.Name ? source.Dialect : null,
            ExtractorWeights = source.WeightsName,
            ExtractorDigest = seesFeatures ? sequences.WeightsDigest : null,
            ExtractorOnnx = sequences.Onnx?.ToJson(),
            ExtractorPath = source.ExtractorPath,
            Precision = seesFeatures ? sequences.Precision : null,
            ExtractorBackend = seesFeatures ? sequences.Backend ?? CpuBackend.BackendName : null,
            Backend = source.Backend ?? CpuBackend.BackendName,
            Origin = source.Origin,
            Epoch = info.Epoch,
            ValLoss = info.ValidationLoss,
            ValAcc = info.ValidationAccuracy,
            Temperature = info.Temperature == 1 ? null : info.Temperature,
            NoveltyReferences = info.Novelty?.References,
            NoveltyComponents = info.Novelty?.Components,
            NoveltyThreshold = info.Novelty?.Threshold,
            NoveltyClips = info.Novelty?.ValidationClips,
        };
    }

    /// <summary>Reads what metadata say.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="metadata">See <see cref="IsIn"/>.</param>
    /// <exception cref="InputException">Something is missing, or cannot be.</exception>
    public static CheckpointInfo Read(string path, IReadOnlyDictionary<string, string> metadata)
    {
        JsonObject said;
        try
        {
            said = metadata[FormatKey] == FirstFormat ? OfFirstVersion(path, metadata)
                : Parse(metadata.GetValueOrDefault(RecordKey) ?? "") as JsonObject ?? [];
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: what it says of the classifier cannot be read ({e.Message}); train again", e);
        }
        return Of(said, Broken).ToInfo(path, Broken);

        InputException Broken(string key) => ClassifierRecord.Broken(path, key, said[key]);
    }

    /// <summary>As it stands in a file.</summary>
    public Dictionary<string, string> ToMetadata() => new() { [FormatKey] = Format, [RecordKey] = JsonSerializer.Serialize(this, Json) };

    /// <summary>A text for each property.</summary>
    public Dictionary<string, string> ToTexts() => JsonSerializer.SerializeToNode(this, Json)!.AsObject()
        .ToDictionary(p => p.Key, p => TextOf(p.Value));

    private static string TextOf(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue(out string? plain) ? plain : value?.ToJsonString(Json) ?? "null";

    private static JsonObject OfFirstVersion(string path, IReadOnlyDictionary<string, string> metadata)
    {
        var said = new JsonObject();
        foreach ((string key, string text) in metadata.Where(m => m.Key != FormatKey))
        {
            try
            {
                said[key] = Texts.Contains(key) ? JsonValue.Create(text) : Parse(key == "pad" ? text.ToLowerInvariant() : text);
            }
            catch (JsonException)
            {
                throw Broken(path, key, JsonValue.Create(text));
            }
        }
        return said;
    }

    private static JsonNode? Parse(string json)
    {
        using JsonDocument document = JsonText.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        JsonElement root = document.RootElement.Clone();
        return root.ValueKind switch
        {
            JsonValueKind.Object => JsonObject.Create(root),
            JsonValueKind.Array => JsonArray.Create(root),
            _ => JsonValue.Create(root),
        };
    }

    // Property by property: for a program that labels one short video, the serializer would take a tenth of the time.
    private static ClassifierRecord Of(JsonObject said, Func<string, InputException> broken)
    {
        return new ClassifierRecord
        {
            Version = Number<int>("version"),
            Model = Text("model"),
            ModelOptions = said["model_options"] is { } options ? options as JsonObject ?? throw broken("model_options") : null,
            Layers = said["layers"] is { } layers ? LayersOf(layers) : null,
            Classes = said["classes"] is { } classes ? ClassesOf(classes) : null,
            SequenceLength = Number<int>("sequence_length"),
            Height = Number<int>("height"),
            Width = Number<int>("width"),
            Sampling = Word<FrameSampling>("sampling"),
            Fit = Word<FrameFit>("fit"),
            Pad = said["pad"] is { } pad ? pad is JsonValue value && value.TryGetValue(out bool flag) ? flag : throw broken("pad") : null,
            WindowSeconds = Number<double>("window_seconds"),
            StepSeconds = Number<double>("step_seconds"),
            ClipFrames = Number<long>("clip_frames"),
            Input = Word<FrameInput>("input"),
            Augmentation = Text("augmentation"),
            Extractor = Text("extractor"),
            ExtractorFeatures = Number<int>("extractor_features"),
            ExtractorDialect = Word<InceptionDialect>("extractor_dialect"),
            ExtractorWeights = Text("extractor_weights"),
            ExtractorDigest = Text("extractor_digest"),
            ExtractorOnnx = said["extractor_onnx"] is { } onnx ? JsonSerializer.SerializeToElement(onnx) : null,
            ExtractorPath = Text("extractor_path"),
            Precision = Word<Precision>("precision"),
            ExtractorBackend = Text("extractor_backend"),
            Backend = Text("backend"),
            Origin = Text("origin"),
            Epoch = Number<int>("epoch"),
            ValLoss = Number<double>("val_loss"),
            ValAcc = Number<double>("val_acc"),
            Temperature = Number<double>("temperature"),
            NoveltyReferences = Number<int>("novelty_references"),
            NoveltyComponents = Number<int>("novelty_components"),
            NoveltyThreshold = Number<double>("novelty_threshold"),
            NoveltyClips = Number<int>("novelty_clips"),
        };

        string? Text(string key) =>
            said[key] is not { } node ? null : node is JsonValue value && value.TryGetValue(out string? text) ? text : throw broken(key);

        T? Number<T>(string key) where T : struct =>
            said[key] is not { } node ? null : node is JsonValue value && value.TryGetValue(out T number) ? number : throw broken(key);

        T? Word<T>(string key) where T : struct, Enum =>
            Text(key) is not { } text ? null : Enum.TryParse(text, out T word) && Enum.IsDefined(word) ? word : throw broken(key);

        string[] ClassesOf(JsonNode node) => node is JsonArray names
            ? [.. names.Select(n => n is JsonValue name && name.TryGetValue(out string? text) ? text : throw broken("classes"))]
            : throw broken("classes");

        List<SequentialLayer> LayersOf(JsonNode node)
        {
            try
            {
                return node.Deserialize<List<SequentialLayer>>(Json) ?? throw broken("layers");
            }
            catch (JsonException)
            {
                throw broken("layers");
            }
        }
    }

    private static InputException Broken(string path, string key, JsonNode? value) =>
        new($"{path}: metadata `{key}` is {(value is null ? "missing" : $"`{Short(TextOf(value))}`, which cannot be")}; train again");

    private static string Short(string value) => Printable.Short(value, 40);

    // What version 1 did not always say is the default.
    private CheckpointInfo ToInfo(string path, Func<string, InputException> broken)
    {
        if (Version is > Newest)
            throw new InputException($"{path}: was written by a newer vlstm, as version {Version}; this one knows {Newest}; update vlstm");
        string model = Text(Model, "model");
        Recipe recipe = Recipes.Find(model)
            ?? throw new InputException($"{path}: holds a model `{Short(model)}`, this version knows " +
                $"{string.Join(", ", Recipes.All.Select(r => r.Name))}; update vlstm");
        if (Classes is not { Count: > 1 and <= MostClasses } classes || classes.Any(string.IsNullOrEmpty)
            || classes.Distinct(StringComparer.Ordinal).Count() != classes.Count)
            throw broken("classes");
        CheckpointSource source = recipe.SeesFrames ? OfFrames() : OfFeatures();
        long frames = Within(ClipFrames, 1, MostClipFrames, "clip_frames");
        if (frames < source.Sequences.Length && !source.Sequences.Pad)
            throw broken("clip_frames");
        return new CheckpointInfo
        {
            Classes = classes,
            Model = ToSpec(),
            Source = source with { Origin = Origin, Backend = OtherThanCpu(Backend) },
            ClipFrames = frames,
            Epoch = Epoch is { } epoch ? (int)Within(epoch, 1, int.MaxValue, "epoch") : null,
            ValidationLoss = ValLoss is null ? null : Finite(ValLoss, "val_loss"),
            ValidationAccuracy = ValAcc is null ? null : Finite(ValAcc, "val_acc"),
            Temperature = Finite(Temperature ?? 1, "temperature") is > 0 and var temperature ? temperature : throw broken("temperature"),
            Novelty = NoveltyReferences is null ? null : ToNovelty(),
        };

        NoveltyRecord ToNovelty()
        {
            double threshold = Finite(NoveltyThreshold, "novelty_threshold");
            return new NoveltyRecord(
                (int)Within(NoveltyReferences, 2, MostReferences, "novelty_references"),
                (int)Within(NoveltyComponents, 1, MostReferences, "novelty_components"),
                threshold >= 0 ? threshold : throw broken("novelty_threshold"),
                (int)Within(NoveltyClips, 1, int.MaxValue - 1, "novelty_clips"));
        }

        CheckpointSource OfFrames() => new(Sequences("", 0)) { Input = Input ?? throw broken("input"), Augmentation = Augmentation };

        CheckpointSource OfFeatures() => !Extractors.Contains(Text(Extractor, "extractor"), StringComparer.Ordinal)
            ? throw new InputException($"{path}: learnt from features of `{Short(Extractor!)}`, this version knows " +
                $"{string.Join(", ", Extractors)}; update vlstm")
            : new CheckpointSource(Sequences(Text(ExtractorDigest, "extractor_digest"),
                (int)Within(ExtractorFeatures ?? InceptionV3.Features, 1, MostFeatures, "extractor_features")) with { Onnx = OnnxOf() })
            {
                Extractor = Extractor,
                WeightsName = Text(ExtractorWeights, "extractor_weights"),
                ExtractorPath = ExtractorPath,
                Dialect = Extractor == InceptionV3.Name ? ExtractorDialect ?? throw broken("extractor_dialect") : default,
            };

        OnnxSettings? OnnxOf() => Extractor != OnnxPictureNetwork.FormatName ? null
            : OnnxSettings.Parse(ExtractorOnnx?.GetRawText() ?? "") is { } settings && settings.Digest == ExtractorDigest
                && Path.GetFileName(ExtractorWeights) == ExtractorWeights ? settings : throw broken("extractor_onnx");

        SequenceSpec Sequences(string digest, int features) => new(
            (int)Within(SequenceLength, 1, LongestSequence, "sequence_length"), (int)Within(Height, 1, LargestSide, "height"),
            (int)Within(Width, 1, LargestSide, "width"), Sampling ?? throw broken("sampling"), Fit ?? throw broken("fit"), digest,
            Precision ?? Numerics.Inference.Precision.Float, Pad ?? false)
        {
            WindowSeconds = Finite(WindowSeconds ?? 0, "window_seconds"),
            StepSeconds = Finite(StepSeconds ?? 0, "step_seconds"),
            Features = features,
            Backend = OtherThanCpu(ExtractorBackend),
        };

        ModelSpec ToSpec()
        {
            // A file that names no edition is of the first.
            ModelSpec spec = ModelSpec.Of(recipe, source.Sequences, classes.Count) with { Edition = null };
            if (recipe == SequentialModel.Recipe)
                return SequentialLayer.AreValid(Layers) ? spec with { Sequential = [.. Layers!.Select(l => l.ToSpec())] }
                    : throw broken("layers");
            return spec.With(ModelOptions ?? []) ?? throw broken("model_options");
        }

        string Text(string? value, string key) => value ?? throw broken(key);

        long Within(long? value, long minimum, long maximum, string key) => value >= minimum && value <= maximum ? value.Value
            : throw broken(key);

        double Finite(double? value, string key) => value is { } number && double.IsFinite(number) ? number : throw broken(key);
    }

    private static string? OtherThanCpu(string? backend) => backend == CpuBackend.BackendName ? null : backend;
}
