using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli;

/// <summary>From what the user says after `--inception` to the network's weights.</summary>
internal static class InceptionLoader
{
    /// <summary>The weights trained on ImageNet, from wherever they are.</summary>
    public const string ImageNet = "imagenet";

    private const string RandomPrefix = "random:";

    /// <summary>Loads the weights, downloading them if they are nowhere on this machine.</summary>
    public static async Task<InceptionWeights> LoadAsync(string weights, CancellationToken ct)
    {
        if (Seed(weights, "--inception") is { } seed)
            return InceptionWeights.Random(seed);
        if (weights != ImageNet)
            return InceptionWeights.Load(weights);

        WeightsLocation found = await FetchAsync(ct);
        return InceptionWeights.Load(found.Path);
    }

    /// <summary>The network that a classifier learnt with; null for one that sees frames.</summary>
    /// <param name="path">The classifier.</param>
    /// <param name="info">What it says of itself.</param>
    /// <param name="inception">What the user gave; null: what the classifier names.</param>
    /// <param name="ct">Stops the work.</param>
    public static async Task<InceptionWeights?> LoadForAsync(string path, CheckpointInfo info, string? inception, CancellationToken ct)
    {
        if (info.Source.WeightsName is not { } name)
        {
            return inception is null
                ? null
                : throw new InputException($"{path}: is a `{info.Model.Recipe}`, which sees frames and not features; leave --inception out");
        }
        inception ??= name.StartsWith(RandomPrefix, StringComparison.Ordinal) ? name : ImageNet;
        InceptionWeights weights = await LoadAsync(inception, ct);
        // Of a Keras model it is not known.
        return info.Sequences.WeightsDigest is "" || weights.Digest == info.Sequences.WeightsDigest
            ? weights
            : throw new InputException($"{path}: was trained on features of {name} ({info.Sequences.WeightsDigest}), {inception} is another network ({weights.Digest}); give the one it was trained on with --inception");
    }

    /// <summary>Finds or downloads weights trained on ImageNet, InceptionV3's by default, with a progress bar for a download.</summary>
    public static async Task<WeightsLocation> FetchAsync(CancellationToken ct, WeightsSource? source = null)
    {
        var store = new WeightsStore(source);
        return store.Find()
            ?? await WorkDisplay.RunAsync($"{(source ?? WeightsSource.KerasInceptionV3).Title} weights", "MB", progress => store.FetchAsync(new Megabytes(progress), ct));
    }

    /// <summary>MobileNet's weights, from what the user says after `--mobilenet`.</summary>
    public static async Task<MobileNetWeights> LoadMobileNetAsync(string weights, CancellationToken ct) => Seed(weights, "--mobilenet") is { } seed
        ? MobileNetWeights.Random(seed)
        : MobileNetWeights.Open(weights == ImageNet ? (await FetchAsync(ct, WeightsSource.KerasMobileNet)).Path : weights);

    /// <summary>The seed of <c>random:SEED</c>; null: it is something else.</summary>
    private static ulong? Seed(string weights, string option)
    {
        if (!weights.StartsWith(RandomPrefix, StringComparison.Ordinal))
            return null;
        if (!ulong.TryParse(weights.AsSpan(RandomPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            throw new InputException($"{option} {weights}: expected a whole number after `random:`, e.g. random:1");
        Console.Error.WriteLine($"note: {weights} is an untrained network, good for trying things out; the real one is {option} {ImageNet}");
        return seed;
    }

    /// <summary>The network behind an extractor; says where bytes are no gain.</summary>
    public static FeatureExtractor Extractor(InceptionWeights weights, int height, int width, Precision precision)
    {
        if (!precision.IsFast())
            Report.Remarks(["int8 features are slow here, slower than float by far: there is no AVX-512 with AVX-VNNI, or VLSTM_SIMD forbids it"]);
        return new FeatureExtractor(InceptionV3.Build(weights, height, width, precision));
    }

    private sealed class Megabytes(IProgress<WorkProgress> progress) : IProgress<DownloadProgress>
    {
        private const int Million = 1_000_000;

        public void Report(DownloadProgress value) => progress.Report(new WorkProgress(value.Bytes / Million, (value.Total ?? 0) / Million));
    }
}
