using System.Globalization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Models;

/// <summary>
/// From a word for weights to weights: a file, <c>imagenet</c>, which is downloaded if it is nowhere here, or <c>random:SEED</c>.
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

    /// <summary>The extractor's weights that a classifier learnt with.</summary>
    /// <param name="path">The classifier.</param>
    /// <param name="source">What it is shown: features.</param>
    /// <param name="inception">What the user gave; null: what the classifier names.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">They cannot be had, or are others.</exception>
    public async Task<InceptionWeights> LoadForAsync(string path, CheckpointSource source, string? inception, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        string name = source.WeightsName!;
        inception ??= name.StartsWith(RandomPrefix, StringComparison.Ordinal) ? name : ImageNet;
        InceptionWeights weights = await LoadInceptionAsync(inception, ct);
        // Of a Keras model it is not known.
        return source.Sequences.WeightsDigest is "" || weights.Digest == source.Sequences.WeightsDigest
            ? weights
            : throw new InputException(
                $"{path}: was trained on features of {name} ({source.Sequences.WeightsDigest}), {inception} is another network " +
                    $"({weights.Digest})",
                Remedy.NameItsInception);
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

    /// <summary>What takes features by weights.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="sequences">Size of the frames, and the precision.</param>
    /// <param name="backend">What computes.</param>
    /// <exception cref="InputException">InceptionV3 takes no such frames, or the backend has no such precision.</exception>
    public IFeatureExtractor CreateExtractor(InceptionWeights weights, Samples.SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        if (!backend.Precisions.Contains(sequences.Precision))
            throw new InputException($"precision {Word(sequences.Precision)}: {backend.Name} takes no features with it; it has " +
                $"{string.Join(", ", backend.Precisions.Select(Word))}", Remedy.TakeOtherPrecision);
        if (!sequences.Precision.IsFast())
            observer.Remark("int8 features are slow here, slower than float by far: there is no AVX-512 with AVX-VNNI, or VLSTM_SIMD " +
                "forbids it");
        try
        {
            return backend.CreateExtractor(weights.Spec(sequences.Height, sequences.Width), sequences.Precision);
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
