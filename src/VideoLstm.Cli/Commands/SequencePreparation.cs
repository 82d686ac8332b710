using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Video;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli.Commands;

/// <summary>What extract-features does, and train before it trains: the first classes, their clips, their sequences.</summary>
internal sealed record SequencePreparation(
    IReadOnlyList<string> Classes, InceptionWeights Weights, SequenceStore Store, SequenceExtractionResult Result)
{
    public static Task<SequencePreparation> RunAsync(
        DataFolder data, int length, int classLimit, int height, int width, FrameSampling sampling, FrameFit fit, string inception, Precision precision,
        CancellationToken ct) => RunAsync(data, length, classLimit, height, width, sampling, fit, inception, precision, AugmentedCopies.None, ct);

    public static async Task<SequencePreparation> RunAsync(
        DataFolder data, int length, int classLimit, int height, int width, FrameSampling sampling, FrameFit fit, string inception, Precision precision,
        AugmentedCopies copies, CancellationToken ct)
    {
        IReadOnlyList<Clip> all = DataFile.Read(data.DataFile);
        string[] classes = [.. all.Select(c => c.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(classLimit)];
        if (classes.Length == 0)
            throw new InputException($"{data.DataFile}: lists no clip; put clips into {Path.Combine(data.Root, "{train,test}", "<Class>")} and run `vlstm extract-files` again");
        if (classes.Length < classLimit)
            throw new InputException($"{data.DataFile}: lists {classes.Length} classes ({string.Join(", ", classes)}), class_limit asks for {classLimit}; give {classes.Length}");

        InceptionWeights weights = await InceptionLoader.LoadAsync(inception, ct);
        var store = new SequenceStore(data, all, new SequenceSpec(length, height, width, sampling, fit, weights.Digest, precision));
        Clip[] clips = [.. all.Where(c => classes.Contains(c.Class))];
        string[] shared = [.. clips.Select(c => c.Name).Where(n => store.SharedNames.Contains(n)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        if (shared.Length > 0)
            Report.Remarks([$"{shared.Length} names belong to more than one clip ({string.Join(", ", shared.Take(3))}{(shared.Length > 3 ? ", ..." : "")}); their sequences are in {Path.Combine(data.Sequences, "<set>", "<Class>")}"]);

        clips = [.. clips, .. copies.Augmentation.Copies(clips, copies.Number, height, width)];
        SequenceExtractionResult result = WorkDisplay.Run("features", "frames", progress =>
            SequenceExtraction.Run(data, store, clips, () => InceptionLoader.Extractor(weights, height, width, precision), progress, ct));
        if (result.Stale > 0)
            Report.Remarks([$"{result.Stale} sequences were of another clip, size, sampling or network and were taken again"]);
        if (result.Foreign > 0)
            Report.Remarks([$"{result.Foreign} sequences were written by another program and are used as they are; delete them to have them taken again"]);
        Report.Failures(result.Failures);
        return new SequencePreparation(classes, weights, store, result);
    }
}
