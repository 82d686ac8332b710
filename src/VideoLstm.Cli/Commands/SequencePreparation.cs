using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli.Commands;

/// <summary>What extract-features does, and train before it trains: the first classes, their clips, their sequences.</summary>
internal sealed record SequencePreparation(
    IReadOnlyList<string> Classes, InceptionWeights Weights, SequenceStore Store, SequenceExtractionResult Result)
{
    public static async Task<SequencePreparation> RunAsync(DataFolder data, SequenceRequest request, CancellationToken ct)
    {
        List<Finding> remarks = [];
        IReadOnlyList<Clip> all = DataFile.Read(data.DataFile, remarks);
        Report.Remarks(remarks);
        (IReadOnlyList<string> classes, IReadOnlyList<Clip> clips) = FirstClasses(data, all, request.Classes);
        InceptionWeights weights = await InceptionLoader.LoadAsync(request.Inception, ct);
        SequenceSpec spec = request.Sequences with { WeightsDigest = weights.Digest };
        IReadOnlyList<ClipVariant> copies = request.Copies.Augmentation.Copies(clips, request.Copies.Number, spec.Height, spec.Width);
        return Extract(data, all, classes, [.. clips, .. copies], weights, spec, ct);
    }

    /// <summary>Takes the sequences of clips that are missing.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="all">All clips that it lists.</param>
    /// <param name="classes">The classes of interest.</param>
    /// <param name="clips">The clips of interest.</param>
    /// <param name="weights">InceptionV3's.</param>
    /// <param name="spec">What is taken.</param>
    /// <param name="ct">Stops the work.</param>
    public static SequencePreparation Extract(
        DataFolder data, IReadOnlyList<Clip> all, IReadOnlyList<string> classes, IReadOnlyList<ClipVariant> clips, InceptionWeights weights, SequenceSpec spec, CancellationToken ct)
    {
        var store = new SequenceStore(data, all, spec);
        string[] shared = [.. clips.Select(c => c.Clip).Distinct().Select(c => c.Name).Where(n => store.SharedNames.Contains(n)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        if (shared.Length > 0)
            Report.Remarks([$"{shared.Length} names belong to more than one clip ({string.Join(", ", shared.Take(3))}{(shared.Length > 3 ? ", ..." : "")}); their sequences are in {Path.Combine(data.Sequences, "<set>", "<Class>")}"]);

        SequenceExtractionResult result = WorkDisplay.Run("features", "frames", progress =>
            SequenceExtraction.Run(data, store, clips, () => InceptionLoader.Extractor(weights, spec.Height, spec.Width, spec.Precision), progress, ct));
        if (result.Stale > 0)
            Report.Remarks([$"{result.Stale} sequences were of another clip, size, sampling or network and were taken again"]);
        if (result.Foreign > 0)
            Report.Remarks([$"{result.Foreign} sequences were written by another program and are used as they are; delete them to have them taken again"]);
        if (result.LeftOut > 0)
            Report.Remarks([$"{result.LeftOut} windows have fewer than {spec.Length} frames and were left out; --pad keeps them"]);
        Report.Remarks(result.Remarks);
        Report.Failures(result.Failures);
        return new SequencePreparation(classes, weights, store, result);
    }

    /// <summary>The first classes by name, and their clips.</summary>
    public static (IReadOnlyList<string> Classes, IReadOnlyList<Clip> Clips) FirstClasses(DataFolder data, IReadOnlyList<Clip> all, int limit)
    {
        IReadOnlyList<string> known = ClassNames.Of(all);
        string[] classes = [.. known.Take(limit)];
        if (classes.Length == 0)
            throw new InputException($"{data.DataFile}: lists no clip; put clips into {Path.Combine(data.Root, "{train,test}", "<Class>")} and run `vlstm extract-files` again");
        if (classes.Length < limit)
            throw new InputException($"{data.DataFile}: lists {classes.Length} classes ({ClassNames.Join(classes)}), class_limit asks for {limit}; give {classes.Length}");
        if (known.Count > limit)
            Report.Remarks([$"class_limit {limit}: of the {known.Count} classes, {ClassNames.Join([.. known.Skip(limit)])} {(known.Count - limit == 1 ? "is" : "are")} left out"]);
        return (classes, [.. all.Where(c => classes.Contains(c.Class, ClassNames.Same))]);
    }
}
