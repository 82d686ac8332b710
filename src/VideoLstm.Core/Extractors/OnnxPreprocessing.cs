using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Extractors;

/// <summary>What becomes of a byte of a picture before a network sees it: (byte · scale - mean) / std, by channel.</summary>
/// <param name="Scale">What it is multiplied by.</param>
/// <param name="Mean">What is subtracted.</param>
/// <param name="Std">What is divided by.</param>
/// <param name="Bgr">Whether the channels are blue, green, red.</param>
/// <param name="From">Where that is said, for people.</param>
public sealed record OnnxPreprocessing(
    double Scale, IReadOnlyList<double> Mean, IReadOnlyList<double> Std, bool Bgr, string From)
{
    private const string ConfigName = "preprocessor_config.json";
    private const int LongestConfig = 1 << 20;

    private static readonly double[] ImageNetMean = [0.485, 0.456, 0.406], ImageNetStd = [0.229, 0.224, 0.225];

    /// <summary>The usual ones, by name.</summary>
    public static IReadOnlyDictionary<string, OnnxPreprocessing> Presets { get; } =
        new Dictionary<string, OnnxPreprocessing>(StringComparer.Ordinal)
        {
            // torchvision and timm; DINOv2 keeps it.
            ["imagenet"] = new(1 / 255.0, ImageNetMean, ImageNetStd, Bgr: false, "imagenet"),
            // keras.applications' `tf` mode: to -1..1.
            ["inception"] = new(1 / 127.5, [1, 1, 1], [1, 1, 1], Bgr: false, "inception"),
            // keras.applications' `caffe` mode.
            ["caffe"] = new(1, [103.939, 116.779, 123.68], [1, 1, 1], Bgr: true, "caffe"),
            ["clip"] = new(1 / 255.0, [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711], Bgr: false, "clip"),
            ["dinov2"] = new(1 / 255.0, ImageNetMean, ImageNetStd, Bgr: false, "dinov2"),
            // The bytes themselves, as numbers.
            ["none"] = new(1, [0, 0, 0], [1, 1, 1], Bgr: false, "none"),
        };

    /// <summary>
    /// What a file's network is given: what the user says; else what the metadata of the file say; else preprocessor_config.json beside
    /// it; else what is usual for its layout.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="input">Its input.</param>
    /// <param name="layout">In which order its sizes are.</param>
    /// <param name="choices">What the user says.</param>
    /// <exception cref="InputException">It contradicts itself, or cannot be.</exception>
    internal static OnnxPreprocessing Of(OnnxFile file, OnnxValue input, OnnxLayout layout, OnnxChoices choices)
    {
        bool takesBytes = input.Type == (int)OnnxType.UInt8;
        if (takesBytes
            && (choices.Preprocessing is not (null or "none") || (choices.Mean, choices.Std, choices.Scale) != (null, null, null)))
            throw new InputException($"{file.Path}: its input {Printable.Quote(input.Name)} takes bytes as they are",
                Remedy.LeavePreprocessingOut);
        OnnxPreprocessing found = choices.Preprocessing is { } preset ? Presets[preset]
            : OfMetadata(file, takesBytes) ?? (takesBytes ? Presets["none"] with { From = "its input takes bytes" } : null) ??
            OfConfig(file.Path) ?? Usual(layout);
        if ((choices.Mean, choices.Std, choices.Scale, choices.Bgr) is (null, null, null, null))
            return found;
        return new OnnxPreprocessing(
            choices.Scale ?? found.Scale, choices.Mean ?? found.Mean, choices.Std ?? found.Std, choices.Bgr ?? found.Bgr,
            "as given" + (choices.Preprocessing is null && choices is not { Mean: not null, Std: not null, Scale: not null }
                ? $", the rest {found.From}" : ""));
    }

    private static OnnxPreprocessing Usual(OnnxLayout layout) => layout is OnnxLayout.NHWC or OnnxLayout.NTHWC
        ? Presets["inception"] with { From = "assumed: inception, usual for channels that come last" }
        : Presets["imagenet"] with { From = "assumed: imagenet, usual for channels that come first" };

    // The standard's own keys (onnx/docs/MetadataProps.md), or mean, std, scale and color as JSON.
    private static OnnxPreprocessing? OfMetadata(OnnxFile file, bool takesBytes)
    {
        IReadOnlyDictionary<string, string> said = file.Metadata;
        string? format = said.GetValueOrDefault("Image.BitmapPixelFormat"), range = said.GetValueOrDefault("Image.NominalPixelRange");
        bool bgr = format?.StartsWith("bgr", StringComparison.OrdinalIgnoreCase) ?? said.GetValueOrDefault("color") == "bgr";
        const string itself = "as the file says";
        if (range is not null)
        {
            OnnxPreprocessing? known = range.ToUpperInvariant() switch
            {
                "NOMINALRANGE_0_255" => Presets["none"],
                "NORMALIZED_0_1" => new OnnxPreprocessing(1 / 255.0, [0, 0, 0], [1, 1, 1], Bgr: false, itself),
                "NORMALIZED_1_1" => Presets["inception"],
                _ => throw new InputException($"{file.Path}: metadata `Image.NominalPixelRange` is {Printable.Quote(range)}, expected " +
                    "NominalRange_0_255, Normalized_0_1 or Normalized_1_1", Remedy.SayPreprocessing),
            };
            return known with { Bgr = bgr, From = itself };
        }
        double[]? mean = Row("mean"), std = Row("std"), scale = Row("scale");
        if (mean is null && std is null && scale is null)
            return format is null || !takesBytes ? null : Presets["none"] with { Bgr = bgr, From = itself };
        return Checked(file.Path, new OnnxPreprocessing(scale?[0] ?? 1, mean ?? [0, 0, 0], std ?? [1, 1, 1], bgr, itself));

        double[]? Row(string key)
        {
            if (!said.TryGetValue(key, out string? text))
                return null;
            try
            {
                using JsonDocument json = JsonText.Parse(text);
                return RowOf(json.RootElement) ?? throw Cannot();
            }
            catch (JsonException)
            {
                throw Cannot();
            }

            InputException Cannot() => new($"{file.Path}: metadata `{key}` is {Printable.Quote(text)}, expected a number or three",
                Remedy.SayPreprocessing);
        }
    }

    // As Hugging Face's image processors write it: first do_rescale, then do_normalize.
    private static OnnxPreprocessing? OfConfig(string file)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, ConfigName);
        if (!File.Exists(path))
            return null;
        if (new FileInfo(path).Length > LongestConfig)
            throw new InputException($"{path}: is larger than such a file can be", Remedy.SayPreprocessing);
        try
        {
            using JsonDocument json = JsonText.Parse(File.ReadAllText(path));
            JsonElement config = json.RootElement;
            bool Does(string key) => config.Property(key) is not { ValueKind: JsonValueKind.False };
            double scale = !Does("do_rescale") ? 1
                : config.Property("rescale_factor") is not { } factor ? 1 / 255.0
                : factor.ValueKind == JsonValueKind.Number && factor.TryGetDouble(out double number) ? number
                : throw new InputException($"{path}: `rescale_factor` is no number", Remedy.SayPreprocessing);
            double[]? mean = Row("image_mean"), std = Row("image_std");
            if (config.ValueKind != JsonValueKind.Object || (mean is null && std is null && config.Property("do_rescale") is null))
                throw new InputException($"{path}: does not say how pictures are prepared: expected image_mean and image_std",
                    Remedy.SayPreprocessing);
            return Checked(path, new OnnxPreprocessing(
                scale, Does("do_normalize") ? mean ?? [0, 0, 0] : [0, 0, 0], Does("do_normalize") ? std ?? [1, 1, 1] : [1, 1, 1],
                Bgr: false, $"by {ConfigName} beside it"));

            double[]? Row(string key) => config.Property(key) is not { } row ? null
                : RowOf(row) ?? throw new InputException($"{path}: `{key}` is not three numbers", Remedy.SayPreprocessing);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: is no JSON ({Printable.Short(e.Message.Split('\n')[0], 200)})", Remedy.SayPreprocessing, e);
        }
    }

    private static double[]? RowOf(JsonElement element)
    {
        JsonElement[] items = element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray().Take(4)] : [element];
        var numbers = new double[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            if (items[i].ValueKind != JsonValueKind.Number || !items[i].TryGetDouble(out numbers[i]))
                return null;
        }
        return numbers switch
        {
            [var one] => [one, one, one],
            { Length: 3 } => numbers,
            _ => null,
        };
    }

    private static OnnxPreprocessing Checked(string path, OnnxPreprocessing found) =>
        double.IsFinite(found.Scale) && found.Mean.All(double.IsFinite) && found.Std.All(s => double.IsFinite(s) && s != 0)
            ? found
            : throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"{path}: pictures cannot be prepared by scale {found.Scale}, mean [{string.Join(", ", found.Mean)}], std " +
                $"[{string.Join(", ", found.Std)}]"), Remedy.SayPreprocessing);
}
