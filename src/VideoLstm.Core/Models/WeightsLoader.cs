using System.Globalization;
using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Models;

/// <summary>
/// From a word for a network, or for weights, to the network: a file, <c>imagenet</c>, which is downloaded if it is nowhere here, or
/// <c>random:SEED</c>.
/// </summary>
/// <param name="observer">Told of downloads, and of what is worth knowing.</param>
public sealed class WeightsLoader(IJobObserver observer)
{
    /// <summary>The weights trained on ImageNet, from wherever they are.</summary>
    public const string ImageNet = "imagenet";

    private const string RandomPrefix = "random:";
    private const int Megabyte = 1_000_000;

    /// <summary>InceptionV3's weights.</summary>
    /// <exception cref="InputException">They cannot be had.</exception>
    public async Task<InceptionWeights> LoadInceptionAsync(string weights, CancellationToken ct)
    {
        if (Seed(weights, Remedy.TryInceptionOnly) is { } seed)
            return InceptionWeights.Random(seed);
        return InceptionWeights.Load(weights == ImageNet ? (await FetchAsync(WeightsSource.KerasInceptionV3, ct)).Path : weights);
    }

    /// <summary>A network that takes features.</summary>
    /// <param name="request">Which.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">It cannot be had, or is none.</exception>
    public async Task<ExtractorNetwork> LoadAsync(ExtractorRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        string words = request.Words;
        bool isFile = request.WeightsOf(ExtractorRequest.Inception) is null && request.WeightsOf(ExtractorRequest.MobileNet) is null
            && words != ResNet18.Word;
        if (!isFile && request.Choices != OnnxChoices.None)
            throw new InputException($"{words}: is known: what is given to it and taken of it is no choice", Remedy.LeaveOnnxOptionsOut);
        if (request.WeightsOf(ExtractorRequest.Inception) is { } inception)
            return await LoadInceptionAsync(inception, ct);
        if (request.WeightsOf(ExtractorRequest.MobileNet) is { } mobilenet)
            return new MobileNetExtractor(await LoadMobileNetAsync(mobilenet, ct));
        if (words == ResNet18.Word)
            return OnnxPictureNetwork.Open(
                await ResNet18.GetAsync(observer, ct), OnnxChoices.None, await OnnxRuntimeLoader.LoadAsync(observer, ct));
        if (!File.Exists(words))
            throw new InputException($"{words}: no such file, and no network of this name", Remedy.NameExtractor);
        if (TensorFile.IsLikely(words))
            throw new InputException($"{words}: holds weights, not a network", Remedy.NameWeightsOfExtractor);
        // What is no such file is said before anything is got.
        _ = OnnxPictureNetwork.Describe(words, request.Choices);
        var network = OnnxPictureNetwork.Open(words, request.Choices, await OnnxRuntimeLoader.LoadAsync(observer, ct));
        observer.Remark(network.Assumed);
        return network;
    }

    /// <summary>The network whose features a classifier learnt from.</summary>
    /// <param name="path">The classifier.</param>
    /// <param name="source">What it is shown: features.</param>
    /// <param name="given">What the user gave; null: what the classifier names.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">It cannot be had, or is another.</exception>
    public async Task<ExtractorNetwork> LoadForAsync(
        string path, CheckpointSource source, ExtractorRequest? given, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ExtractorNetwork network = await FindForAsync(path, source, given, ct);
        SequenceSpec sequences = source.Sequences;
        int features = network.Features(sequences.Height, sequences.Width);
        return features == sequences.Features ? network : throw new InputException(
            $"{path}: takes {sequences.Features} features, {network.Source} gives {features}", Remedy.NameItsExtractor);
    }

    private async Task<ExtractorNetwork> FindForAsync(
        string path, CheckpointSource source, ExtractorRequest? given, CancellationToken ct)
    {
        string name = source.WeightsName!;
        if (source.Sequences.Onnx is { } onnx && (given is null || File.Exists(given.Words) || given.Words == ResNet18.Word))
            return await FindOnnxAsync(path, source, onnx, given, ct);
        ExtractorRequest request = given ?? new ExtractorRequest(
            $"{(source.Extractor == MobileNetExtractor.FormatName ? ExtractorRequest.MobileNet : ExtractorRequest.Inception)}:" +
                $"{(name.StartsWith(RandomPrefix, StringComparison.Ordinal) ? name : ImageNet)}", OnnxChoices.None);
        ExtractorNetwork network = await LoadAsync(request, ct);
        // Of a Keras model it is not known.
        return source.Sequences.WeightsDigest is "" || network.Digest == source.Sequences.WeightsDigest
            ? network
            : throw new InputException(
                $"{path}: was trained on features of {name} ({source.Sequences.WeightsDigest}), {request.Said} is another network " +
                    $"({network.Digest})",
                Remedy.NameItsExtractor);
    }

    // By its digest: where the user says, else where it was, beside the classifier, and in the cache.
    private async Task<ExtractorNetwork> FindOnnxAsync(
        string path, CheckpointSource source, OnnxSettings onnx, ExtractorRequest? given, CancellationToken ct)
    {
        string name = source.WeightsName!, beside = Path.GetDirectoryName(Path.GetFullPath(path))!,
            cache = WeightsFolders.OfThisUser().Cache;
        if (given?.Words == ResNet18.Word || (given is null && name == ResNet18.FileName))
            await ResNet18.GetAsync(observer, ct);
        string[] places = given is not null ? [given.Words == ResNet18.Word ? ResNet18.CacheFile : given.Words]
            : [source.ExtractorPath ?? "", Path.Combine(beside, name), .. In(beside), Path.Combine(cache, name), .. In(cache)];
        IOnnxRuntime? runtime = null;
        foreach (string place in places.Where(File.Exists).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal))
        {
            if (OnnxPictureNetwork.DigestOf(place) != onnx.FileDigest)
                continue;
            runtime ??= await OnnxRuntimeLoader.LoadAsync(observer, ct);
            return OnnxPictureNetwork.OpenSame(place, onnx, runtime);
        }
        throw new InputException(given is not null
            ? $"{path}: was trained on features of {name} ({onnx.FileDigest}), {given.Words} is another file"
            : $"{path}: was trained on features of {name} ({onnx.FileDigest}), which is neither {source.ExtractorPath} nor in {beside} " +
                $"nor in {cache}", Remedy.NameItsExtractor);

        static IEnumerable<string> In(string folder) => Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.onnx").Order(StringComparer.Ordinal) : [];
    }

    /// <summary>MobileNet's weights.</summary>
    /// <exception cref="InputException">They cannot be had.</exception>
    public async Task<MobileNetWeights> LoadMobileNetAsync(string weights, CancellationToken ct) =>
        Seed(weights, Remedy.TryMobileNetOnly) is { } seed ? MobileNetWeights.Random(seed)
            : MobileNetWeights.Open(weights == ImageNet ? (await FetchAsync(WeightsSource.KerasMobileNet, ct)).Path : weights);

    /// <summary>Finds or downloads weights trained on ImageNet.</summary>
    /// <exception cref="InputException">They cannot be had.</exception>
    public async Task<WeightsLocation> FetchAsync(WeightsSource source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        var store = new WeightsStore(source);
        return store.Find()
            ?? await observer.WatchAsync($"{source.Title} weights", "MB", progress => store.FetchAsync(new Megabytes(progress), ct));
    }

    /// <summary>What takes features.</summary>
    /// <param name="network">The network.</param>
    /// <param name="sequences">Size of the frames, and the precision.</param>
    /// <param name="backend">What computes.</param>
    /// <exception cref="InputException">The network takes no such frames, or the backend has no such precision.</exception>
    public IFeatureExtractor CreateExtractor(ExtractorNetwork network, SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        if (!backend.Precisions.Contains(sequences.Precision))
            throw new InputException($"precision {Word(sequences.Precision)}: {backend.Name} takes no features with it; it has " +
                $"{string.Join(", ", backend.Precisions.Select(Word))}", Remedy.TakeOtherPrecision);
        if (!sequences.Precision.IsFast())
            observer.Remark("int8 features are slow here, slower than float by far: there is no AVX-512 with AVX-VNNI, or VLSTM_SIMD " +
                "forbids it");
        if (backend.Card is not null && network.ComputedBy(backend) is null)
            observer.Remark(new Finding(
                $"{network.Title} is computed on the processor: this ONNX Runtime knows no cards", Remedy.TakeCudaRuntime));
        try
        {
            return network.Create(sequences, backend);
        }
        catch (ArgumentException e)
        {
            throw new InputException(
                $"frames of {sequences.Height} x {sequences.Width} pixels: {e.Message.Split('\n', 2)[0].TrimEnd('\r', '.')}", e);
        }
    }

    private static string Word(Precision precision) => precision.ToString().ToLowerInvariant();

    // The seed of `random:SEED`; null: it is something else.
    private ulong? Seed(string weights, Remedy remedy)
    {
        if (!weights.StartsWith(RandomPrefix, StringComparison.Ordinal))
            return null;
        if (!ulong.TryParse(weights.AsSpan(RandomPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            throw new InputException($"{weights}: expected a whole number after `random:`, e.g. random:1");
        observer.Remark(new Finding($"{weights} is an untrained network, good for trying things out", remedy));
        return seed;
    }

    private sealed class Megabytes(IProgress<WorkProgress> progress) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) =>
            progress.Report(new WorkProgress(value.Bytes / Megabyte, (value.Total ?? 0) / Megabyte));
    }
}
