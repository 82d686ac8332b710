using System.Security.Cryptography;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Onnx;
using VideoLstm.Core.Formats.Protobuf;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Extractors;

/// <summary>A network in an ONNX file, from pictures to features, as ONNX Runtime computes it.</summary>
public sealed class OnnxPictureNetwork : ExtractorNetwork
{
    /// <summary>Its name in files.</summary>
    public const string FormatName = "onnx";

    private const int Colours = 3, UsualSide = 224, LargestSide = 1 << 14, WorkersOfCard = 2;

    // What a network is given at once: bytes of pictures.
    private const long MostInput = 256 << 20;

    private readonly OnnxFile _file;
    private readonly IOnnxRuntime _runtime;
    private readonly long?[] _sizes;
    private readonly string _digest;
    private (int Height, int Width, OnnxExtractor Extractor)? _ready;

    private OnnxPictureNetwork(OnnxFile file, OnnxSettings settings, long?[] sizes, IOnnxRuntime runtime, string assumed)
    {
        (_file, Onnx, _sizes, _runtime, Assumed, _digest) = (file, settings, sizes, runtime, assumed, settings.Digest);
    }

    /// <inheritdoc/>
    public override string Name => FormatName;

    /// <inheritdoc/>
    public override string Title => Path.GetFileName(_file.Path);

    /// <inheritdoc/>
    public override string Source => _file.Path;

    /// <inheritdoc/>
    public override string Digest => _digest;

    /// <inheritdoc/>
    public override OnnxSettings Onnx { get; }

    /// <summary>What was taken to be so, in a line.</summary>
    public string Assumed { get; }

    /// <inheritdoc/>
    public override (int Height, int Width) UsualSize => ((int)(Size('H') ?? UsualSide), (int)(Size('W') ?? UsualSide));

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="choices">What the user says of it.</param>
    /// <param name="runtime">What computes it.</param>
    /// <exception cref="InputException">It is no such file, or no network for pictures.</exception>
    public static OnnxPictureNetwork Open(string path, OnnxChoices choices, IOnnxRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var file = OnnxFile.Read(path);
        (OnnxSettings settings, string assumed) = Assume(file, choices);
        (string digest, IReadOnlyDictionary<string, string>? external) = Digests(file);
        return Create(file, settings with { FileDigest = digest, ExternalData = external }, runtime, assumed);
    }

    /// <summary>Opens the file that a classifier learnt with.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">All that is known of it.</param>
    /// <param name="runtime">What computes it.</param>
    /// <exception cref="InputException">It cannot be used, or its weights lie in others.</exception>
    public static OnnxPictureNetwork OpenSame(string path, OnnxSettings settings, IOnnxRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var file = OnnxFile.Read(path);
        (_, IReadOnlyDictionary<string, string>? external) = Digests(file);
        foreach ((string name, string digest) in settings.ExternalData ?? new Dictionary<string, string>())
        {
            if (external?.GetValueOrDefault(name) != digest)
                throw new InputException($"{path}: its weights in {Printable.Quote(name)} are others than those that were learnt with");
        }
        return Create(file, settings, runtime, "");
    }

    /// <summary>What would be assumed of a file, in a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="choices">What the user says of it.</param>
    /// <exception cref="InputException">It is no such file, or no network for pictures.</exception>
    public static string Describe(string path, OnnxChoices choices) => Assume(OnnxFile.Read(path), choices).Assumed;

    /// <summary>What would be assumed of a file.</summary>
    internal static (OnnxSettings Settings, string Assumed) Assume(OnnxFile file, OnnxChoices choices)
    {
        (OnnxValue input, OnnxLayout layout) = Input(file, choices);
        OnnxPreprocessing pixels = OnnxPreprocessing.Of(file, input, layout, choices);
        OnnxValue? chosen = choices.Output is null ? file.Outputs.Count > 0 ? file.Outputs[0] : null
            : file.Outputs.FirstOrDefault(o => o.Name == choices.Output);
        string output = choices.Output ?? chosen?.Name ?? throw new InputException($"{file.Path}: its network has no output");
        if (choices.Output is not null && !file.Computed.Contains(output))
            throw new InputException($"{file.Path}: its network computes no {Printable.Quote(output)}; its outputs are " +
                string.Join(", ", file.Outputs.Select(o => Printable.Quote(o.Name))), Remedy.NameOutput);
        bool hasTime = layout.ToString().Contains('T', StringComparison.Ordinal);
        long? time = hasTime ? input.Shape![layout.ToString().IndexOf('T', StringComparison.Ordinal)] : null;
        if (!hasTime && (choices.ClipFrames is > 1 || choices.ClipStride is > 1))
            throw new InputException($"{file.Path}: its input {input} has no axis for time", Remedy.LeaveClipOut);
        if (time > OnnxSettings.MostClipFrames || (time is { } fixedTime && choices.ClipFrames is { } asked && asked != fixedTime))
            throw new InputException($"{file.Path}: sees {time} frames at once{(choices.ClipFrames is { } n ? $", not {n}" : "")}",
                Remedy.NameClipFrames);
        if (hasTime && time is null && choices.ClipFrames is null)
            throw new InputException($"{file.Path}: sees any number of frames at once", Remedy.NameClipFrames);
        var settings = new OnnxSettings
        {
            FileDigest = "",
            Input = input.Name,
            Layout = layout,
            Type = input.TypeName,
            Scale = pixels.Scale,
            Mean = pixels.Mean,
            Std = pixels.Std,
            Bgr = pixels.Bgr,
            Output = output,
            Pooling = choices.Pooling ?? TokenPooling.First,
            ClipFrames = (int)(time ?? choices.ClipFrames ?? 1),
            ClipStride = choices.ClipStride ?? 1,
        };
        string tokens = chosen?.Shape?.Count != 3 ? "" : $", {(settings.Pooling == TokenPooling.First ? "the first" : "the mean")} of " +
            $"its tokens{(choices.Pooling is null ? " (assumed)" : "")}";
        string clip = !hasTime ? "" : $", {settings.ClipFrames} frames at once, {settings.ClipStride} apart";
        string others = file.Outputs.Count > 1 && choices.Output is null
            ? $" (the first of {string.Join(", ", file.Outputs.Take(6).Select(o => Printable.Short(o.Name, 40)))})" : "";
        return (settings, $"{file.Path}: pictures as {layout} {settings.Preprocessing}, {pixels.From}{clip}; features from " +
            $"{Printable.Quote(output)}{others}{tokens}");
    }

    /// <summary>What a file says of the features and the pictures.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Features of a picture, and its height and width; null: it does not say.</returns>
    /// <exception cref="InputException">It is no such file, or no network for pictures.</exception>
    public static (int? Features, (int Height, int Width)? Size) SizesOf(string path)
    {
        var file = OnnxFile.Read(path);
        (OnnxValue input, OnnxLayout layout) = Input(file, OnnxChoices.None);
        long? Side(char axis) => input.Shape![layout.ToString().IndexOf(axis, StringComparison.Ordinal)];
        long? features = file.Outputs is [{ Shape: [_, var only] }, ..] ? only : null;
        return (features <= int.MaxValue ? (int?)features : null,
            Side('H') is { } height && Side('W') is { } width ? ((int)height, (int)width) : null);
    }

    /// <inheritdoc/>
    public override int Features(int height, int width) => Ready(height, width, null).Features;

    /// <inheritdoc/>
    public override IFeatureExtractor Create(SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        if (sequences.Precision != Precision.Float)
            throw new InputException($"{_file.Path}: computes with the precision that it was written with", Remedy.LeavePrecisionOut);
        OnnxExtractor made = Ready(sequences.Height, sequences.Width, CardOf(backend));
        // Whoever asks for it disposes of it.
        _ready = null;
        return made;
    }

    /// <inheritdoc/>
    public override string? ComputedBy(IBackend backend) => CardOf(backend) is null ? null : base.ComputedBy(backend);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ready?.Extractor.Dispose();
        _ready = null;
        base.Dispose();
    }

    /// <summary>Digest of a file: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    internal static string DigestOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private int? CardOf(IBackend backend) => _runtime.KnowsCards ? backend.Card : null;

    private OnnxExtractor Ready(int height, int width, int? card)
    {
        if (_ready is { } ready && ready.Height == height && ready.Width == width && ready.Extractor.Card == card)
            return ready.Extractor;
        Dispose();
        if ((Size('H') is { } h && h != height) || (Size('W') is { } w && w != width))
            throw new InputException($"{_file.Path}: takes pictures of {Size('H')?.ToString() ?? "any"} x " +
                $"{Size('W')?.ToString() ?? "any"} (height x width), not of {height} x {width}", Remedy.GiveItsSize);
        // In doubles: whatever a file says of its sizes is in their range.
        double input = (double)(Size('N') ?? 1) * Onnx.ClipFrames * height * width * Colours;
        if (input > MostInput)
            throw new InputException($"{_file.Path}: takes {Size('N') ?? 1} x {Onnx.ClipFrames} pictures of {height} x {width} at once: " +
                $"{input / (1 << 20):0} MB, expected at most {MostInput >> 20}");
        IOnnxSession session = _runtime.Open(Model(), Onnx.Output, threads: 1, card);
        try
        {
            int workers = card is null ? Workers.Count : WorkersOfCard;
            var made = new OnnxExtractor(_file.Path, session, Onnx, (height, width), (int?)Size('N'), workers) { Card = card };
            _ready = (height, width, made);
            return made;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // A value that is computed within becomes an output: protobuf adds up messages that follow each other.
    private OnnxModel Model()
    {
        byte[] bytes = File.ReadAllBytes(_file.Path);
        if (_file.Outputs.All(o => o.Name != Onnx.Output))
        {
            using var stream = new MemoryStream();
            stream.Write(bytes);
            new ProtobufMessage().Add(7, new ProtobufMessage().Add(12, new ProtobufMessage().Add(1, Onnx.Output))).WriteTo(stream);
            bytes = stream.ToArray();
        }
        return new OnnxModel(_file.Path, bytes, Path.GetDirectoryName(Path.GetFullPath(_file.Path))!);
    }

    private long? Size(char axis) => _sizes[Onnx.Layout.ToString().IndexOf(axis, StringComparison.Ordinal)];

    private static OnnxPictureNetwork Create(OnnxFile file, OnnxSettings settings, IOnnxRuntime runtime, string assumed)
    {
        OnnxValue input = file.Inputs.FirstOrDefault(i => i.Name == settings.Input)
            ?? throw new InputException($"{file.Path}: has no input {Printable.Quote(settings.Input)}");
        string axes = settings.Layout.ToString();
        return input.Shape is { } shape && shape.Count == axes.Length
            ? new OnnxPictureNetwork(file, settings, [.. shape], runtime, assumed)
            : throw new InputException($"{file.Path}: its input {input} is no {axes}");
    }

    private static (string Digest, IReadOnlyDictionary<string, string>? External) Digests(OnnxFile file)
    {
        Dictionary<string, string> external = file.ExternalFiles.ToDictionary(
            f => f, f => DigestOf(file.ExternalPath(f)), StringComparer.Ordinal);
        return (DigestOf(file.Path), external.Count > 0 ? external : null);
    }

    // The one input that can be pictures: of 4 sizes, or with time of 5, one of which is that of the colours.
    private static (OnnxValue Input, OnnxLayout Layout) Input(OnnxFile file, OnnxChoices choices)
    {
        (OnnxValue, OnnxLayout)[] possible =
        [
            .. from input in file.Inputs
               where input.Type is (int)OnnxType.Float or (int)OnnxType.UInt8 or (int)OnnxType.Float16
               let layout = LayoutOf(input, choices)
               where layout is not null && input.Shape!.All(size => size is null or <= LargestSide)
               select (input, layout.Value),
        ];
        if (possible.Length == 1 && file.Inputs.Count == 1)
            return possible[0];
        string found = file.Inputs.Count == 0 ? "none" : string.Join("; ", file.Inputs.Take(4));
        throw new InputException($"{file.Path}: expected one input, for pictures: float32, float16 or uint8 of [N, 3, H, W] or [N, H, W, " +
            $"3], or with time [N, 3, T, H, W], [N, T, 3, H, W] or [N, T, H, W, 3]; found {found}");
    }

    private static OnnxLayout? LayoutOf(OnnxValue input, OnnxChoices choices) => input.Shape switch
    {
        [_, Colours, _, not Colours] or [_, Colours, not null and > Colours, Colours] => OnnxLayout.NCHW,
        [_, _, _, Colours] => OnnxLayout.NHWC,
        [_, null, _, _] => OnnxLayout.NCHW,
        [_, _, Colours, _, not Colours] => OnnxLayout.NTCHW,
        [_, Colours, _, _, not Colours] => OnnxLayout.NCTHW,
        [_, _, _, _, Colours] => OnnxLayout.NTHWC,
        [_, null, _, _, _] => OnnxLayout.NCTHW,
        _ => null,
    };
}
