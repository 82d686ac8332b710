using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Jobs;

/// <summary>Sequences of features of clips, those that were missing taken.</summary>
/// <param name="Classes">The classes of interest.</param>
/// <param name="Source">What the features are.</param>
/// <param name="Store">Where they are.</param>
/// <param name="Result">What was done.</param>
public sealed record SequencePreparation(
    IReadOnlyList<string> Classes, CheckpointSource Source, SequenceStore Store, SequenceExtractionResult Result)
{
    /// <summary>What it is called in reports of shards.</summary>
    public const string Verb = "extract-features";

    /// <summary>Takes the sequences of the chosen classes that are missing.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="work">The shard whose clips alone are taken; null: all.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it; finished sequences stay.</param>
    /// <exception cref="InputException">There is no such list of clips, or no such weights.</exception>
    public static async Task<SequencePreparation> RunAsync(
        DataFolder data, SequenceRequest request, IBackend backend, ShardWork? work, IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(request);
        List<Finding> remarks = [];
        IReadOnlyList<Clip> all = DataFile.Read(data.DataFile, remarks);
        remarks.ForEach(observer.Remark);
        (IReadOnlyList<string> classes, IReadOnlyList<Clip> clips) = ChosenClasses(data, all, request.Classes, observer);
        clips = Chosen(clips, request.Only, work);
        using ExtractorNetwork network = await new WeightsLoader(observer).LoadAsync(request.Extractor, ct);
        SequenceSpec sequences = request.Sequences;
        if (sequences.Height == 0)
            sequences = sequences with { Height = network.UsualSize.Height, Width = network.UsualSize.Width };
        IReadOnlyList<ClipVariant> copies = request.Augmentation.Copies(clips, request.Copies, sequences.Height, sequences.Width);
        CheckpointSource source = CheckpointSource.Of(network, sequences, backend);
        SequencePreparation done = Extract(new SequenceStore(data, all, source.Sequences), classes, [.. clips, .. copies], network, source,
            (data, work, backend), observer, ct);
        if (work is null && request.Only is null)
        {
            if (ShardReports.Missing(data, Verb, done.Result.Due) is { } missing)
                observer.Remark(missing);
            ShardReports.Clear(data, Verb);
        }
        work?.End();
        return done;
    }

    // Those of the clips that are asked for.
    private static IReadOnlyList<Clip> Chosen(IReadOnlyList<Clip> clips, IReadOnlySet<string>? only, ShardWork? work)
    {
        if (only is not null && only.Except(clips.Select(c => c.Label)).FirstOrDefault() is { } stranger)
            throw new InputException($"{stranger}: is no clip of the classes that are asked for", Remedy.NameListedClips);
        return [.. clips.Where(c => (only is null || only.Contains(c.Label)) && (work is null || work.Shard.Holds(c.Key)))];
    }

    /// <summary>Takes the sequences of clips that are missing.</summary>
    /// <param name="store">Where they go.</param>
    /// <param name="classes">The classes of interest.</param>
    /// <param name="clips">The clips of interest.</param>
    /// <param name="network">What takes features.</param>
    /// <param name="source">What the features are.</param>
    /// <param name="on">The data folder, the shard that the clips are of, and what computes.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    internal static SequencePreparation Extract(
        SequenceStore store, IReadOnlyList<string> classes, IReadOnlyList<ClipVariant> clips, ExtractorNetwork network,
        CheckpointSource source, (DataFolder Data, ShardWork? Work, IBackend Backend) on, IJobObserver observer, CancellationToken ct)
    {
        DataFolder data = on.Data;
        string[] shared =
        [
            .. clips.Select(c => c.Clip.Name).Where(n => store.SharedNames.Contains(n)).Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.Ordinal),
        ];
        if (shared.Length > 0)
            observer.Remark($"{shared.Length} names belong to more than one clip " +
                $"({string.Join(", ", shared.Take(3))}{(shared.Length > 3 ? ", ..." : "")}); their sequences are in " +
                $"{Path.Combine(data.Sequences, "<set>", "<Class>")}");

        SequenceExtractionResult result = observer.Watch("features", "frames", progress => SequenceExtraction.Run(
            data, store, clips, () => new WeightsLoader(observer).CreateExtractor(network, source.Sequences, on.Backend), on.Work, progress,
            ct));
        if (result.Stale > 0)
            observer.Remark($"{result.Stale} sequences were of another clip, size, sampling or network and were taken again");
        if (result.Foreign > 0)
            observer.Remark($"{result.Foreign} sequences were written by another program and are used as they are; delete them to have " +
                $"them taken again");
        if (result.LeftOut > 0)
            observer.Remark(new Finding($"{result.LeftOut} windows have fewer than {source.Sequences.Length} frames and were left out",
                Remedy.KeepByPadding));
        foreach (Finding remark in result.Remarks)
            observer.Remark(remark);
        foreach (Finding failure in result.Failures)
            observer.Failure(failure);
        // Sequences of another backend may have been there, all of them.
        source = source with { Sequences = source.Sequences with { Backend = result.Backend } };
        return new SequencePreparation(classes, source, store, result);
    }

    /// <summary>The classes that are asked for, and their clips.</summary>
    internal static (IReadOnlyList<string> Classes, IReadOnlyList<Clip> Clips) ChosenClasses(
        DataFolder data, IReadOnlyList<Clip> all, ClassChoice choice, IJobObserver observer)
    {
        IReadOnlyList<string> known = ClassNames.Of(all);
        if (known.Count == 0)
            throw new InputException($"{data.DataFile}: lists no clip; put clips into " +
                $"{Path.Combine(data.Root, "{train,test}", "<Class>")}", Remedy.ExtractFilesAgain);
        IReadOnlyList<string> classes = choice.Of(known, data.DataFile, observer.Remark);
        return (classes, [.. all.Where(c => classes.Contains(c.Class, ClassNames.Same))]);
    }
}
