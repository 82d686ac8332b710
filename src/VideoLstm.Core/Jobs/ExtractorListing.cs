using System.Diagnostics;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Extractors;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Jobs;

/// <summary>A network that can stand before a classifier here.</summary>
/// <param name="Words">What a user types.</param>
/// <param name="Features">Features of a picture; null: known when it is computed.</param>
/// <param name="Size">Height and width of its pictures, pixels; null: any.</param>
/// <param name="Weights">Where its weights are, or where they come from.</param>
/// <param name="IsHere">Whether they are on this machine.</param>
public sealed record ExtractorListing(string Words, int? Features, (int Height, int Width)? Size, string Weights, bool IsHere)
{
    private const double BenchSeconds = 3;

    /// <summary>Those with a name, the ONNX files of the cache, and files.</summary>
    /// <param name="files">ONNX files that a user names.</param>
    /// <exception cref="InputException">One of these is no such file.</exception>
    public static IReadOnlyList<ExtractorListing> All(IReadOnlyList<string> files)
    {
        string cache = WeightsFolders.OfThisUser().Cache;
        IEnumerable<string> cached = Directory.Exists(cache)
            ? Directory.EnumerateFiles(cache, "*.onnx").Where(f => f != ResNet18.CacheFile).Order(StringComparer.Ordinal) : [];
        return
        [
            Named(ExtractorRequest.Inception, InceptionV3.Features, 299, WeightsSource.KerasInceptionV3),
            new(ResNet18.Word, ResNet18.Features, (224, 224), ResNet18.IsThere ? ResNet18.CacheFile
                : $"got when it is first used, from {ResNet18.Package}", ResNet18.IsThere),
            Named(ExtractorRequest.MobileNet, 1024, 224, WeightsSource.KerasMobileNet),
            .. cached.Concat(files).Select(OfFile),
        ];
    }

    /// <summary>How fast it is.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>Frames/s, of frames that are there already; null: its weights are not here.</returns>
    /// <exception cref="InputException">It cannot be computed.</exception>
    public async Task<double?> MeasureAsync(IBackend backend, IJobObserver observer, CancellationToken ct)
    {
        // Weights that are not here take as long as others.
        bool isKnown = Words is ExtractorRequest.Inception or ExtractorRequest.MobileNet;
        if (!IsHere && !isKnown)
            return null;
        using ExtractorNetwork network = await new WeightsLoader(observer).LoadAsync(
            new ExtractorRequest(isKnown ? $"{Words}:random:1" : Words, OnnxChoices.None), ct);
        (int height, int width) = Size ?? network.UsualSize;
        using IFeatureExtractor extractor = network.Create(
            new SequenceSpec(1, height, width, FrameSampling.Even, Media.FrameFit.Resize, "", Precision.Float), backend);
        Run(0.5);
        return Run(BenchSeconds);

        double Run(double seconds)
        {
            long start = Stopwatch.GetTimestamp();
            int frames = extractor.Run((Span<byte> rgb, out int tag) =>
            {
                tag = 0;
                rgb.Fill(127);
                return Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;
            }, ct).Count();
            return frames / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static ExtractorListing Named(string words, int features, int side, WeightsSource source)
    {
        WeightsLocation? found = new WeightsStore(source).Find();
        return new ExtractorListing(words, features, (side, side), found is null ? $"downloaded when it is first used, {source.Url}"
            : $"{found.Path} ({found.From})", found is not null);
    }

    private static ExtractorListing OfFile(string path)
    {
        (int? features, (int, int)? size) = OnnxPictureNetwork.SizesOf(path);
        return new ExtractorListing(path, features, size, path, true);
    }
}
