using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Jobs;

/// <summary>What a classifier learns from, or is evaluated on: features of clips, or their frames.</summary>
/// <param name="Classes">Class names, in the order of the labels.</param>
/// <param name="Reader">Reads the samples.</param>
/// <param name="Samples">Which there are.</param>
/// <param name="Source">What they are.</param>
/// <param name="Failures">Clips that could not be used.</param>
internal sealed record TrainingData(
    IReadOnlyList<string> Classes, ISampleReader Reader, IReadOnlyList<Sample> Samples, CheckpointSource Source, int Failures)
{
    private const long Megabyte = 1 << 20;

    /// <summary>Features of the chosen classes' clips, extracted where they are missing.</summary>
    public static async Task<TrainingData> OfFeaturesAsync(
        DataFolder data, SequenceRequest request, IBackend backend, IJobObserver observer, CancellationToken ct) =>
        Of(await SequencePreparation.RunAsync(data, request, backend, work: null, observer, ct));

    /// <summary>Frames of the chosen classes' clips, all of which are decoded once and kept as far as the memory goes.</summary>
    public static TrainingData OfFrames(DataFolder data, TrainingRequest request, IJobObserver observer, CancellationToken ct)
    {
        (IReadOnlyList<string> classes, IReadOnlyList<Clip> clips) =
            SequencePreparation.ChosenClasses(data, DataFile.Read(data.DataFile), request.Sequences.Classes, observer);
        (float scale, float offset) = request.Recipe.Pixels;
        var spec = new FrameSpec(request.Sequences.Sequences, request.Input, scale, offset);
        var frames = new FrameSamples(data, spec, request.Augmentation, (ulong)request.Options.Seed, request.CacheMegabytes * Megabyte
            ?? FreeMemory());
        return Of(frames, clips, new CheckpointSource(spec.Sequences) { Input = spec.Input,
            Augmentation = request.Augmentation.ToString() }, classes, observer, ct);
    }

    /// <summary>What a classifier sees of clips.</summary>
    /// <param name="all">All clips that are listed.</param>
    /// <param name="clips">Those of interest.</param>
    /// <param name="info">The classifier, its classes as the clips' are spelt.</param>
    /// <param name="network">Its extractor; null: it sees frames.</param>
    /// <param name="on">The data folder, the shard that the clips are of, and what computes.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    public static TrainingData Of(
        IReadOnlyList<Clip> all, IReadOnlyList<Clip> clips, CheckpointInfo info, ExtractorNetwork? network,
        (DataFolder Data, ShardWork? Work, IBackend Backend) on, IJobObserver observer, CancellationToken ct)
    {
        DataFolder data = on.Data;
        if (network is not null)
        {
            CheckpointSource source = CheckpointSource.Of(network, info.Sequences, on.Backend);
            return Of(SequencePreparation.Extract(new SequenceStore(data, all, source.Sequences), info.Classes, [.. clips], network, source,
                on, observer, ct));
        }
        var frames = new FrameSamples(data, new FrameClassifierInput(info).Spec, Augmentation.None, seed: 0, FreeMemory());
        return Of(frames, clips, info.Source, info.Classes, observer, ct);
    }

    /// <summary>The same with the classes numbered as another classifier numbers them; null if they are so, or are other classes.</summary>
    public TrainingData? InOrderOf(IReadOnlyList<string> other)
    {
        string[] ordered = [.. other.Select(name => Classes.FirstOrDefault(c => ClassNames.Same.Equals(c, name))).OfType<string>()
            .Distinct(StringComparer.Ordinal)];
        if (ordered.Length != Classes.Count || other.Count != Classes.Count || ordered.SequenceEqual(Classes))
            return null;
        int[] labels = [.. Classes.Select(c => Array.IndexOf(ordered, c))];
        return this with { Classes = ordered, Samples = [.. Samples.Select(s => s with { Label = labels[s.Label] })] };
    }

    // A quarter of what is free.
    private static long FreeMemory()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes) / 4;
    }

    private static TrainingData Of(SequencePreparation prepared) => new(
        prepared.Classes, prepared.Store, prepared.Store.Samples(prepared.Result.Usable, prepared.Classes), prepared.Source,
        prepared.Result.Failures.Count);

    private static TrainingData Of(
        FrameSamples frames, IReadOnlyList<Clip> clips, CheckpointSource source, IReadOnlyList<string> classes, IJobObserver observer,
        CancellationToken ct)
    {
        (IReadOnlyList<Sample> samples, IReadOnlyList<Finding> failures) =
            observer.Watch("frames", "clips", progress => frames.Prepare(clips, classes, progress, ct));
        foreach (Finding failure in failures)
            observer.Failure(failure);
        return new TrainingData(classes, frames, samples, source, failures.Count);
    }
}
