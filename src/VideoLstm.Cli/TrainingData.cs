using VideoLstm.Cli.Commands;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli;

/// <summary>What a training run learns from: features of the clips, or their frames.</summary>
internal sealed record TrainingData(
    IReadOnlyList<string> Classes, ISampleReader Reader, IReadOnlyList<Sample> Samples, CheckpointSource Source, string? Inception, int Failures)
{
    private const long Megabyte = 1 << 20;

    /// <summary>Features, extracted where they are missing.</summary>
    public static async Task<TrainingData> OfFeaturesAsync(DataFolder data, SequenceRequest request, FrameInput input, CancellationToken ct)
    {
        if (input != FrameInput.Rgb)
            throw new InputException("--input: this model sees features, which are of frames as they are; leave it out, or take a model that sees frames, e.g. --model convnet-gru");
        SequencePreparation prepared = await SequencePreparation.RunAsync(data, request, ct);
        var source = new CheckpointSource(prepared.Store.Spec) { WeightsName = Path.GetFileName(prepared.Weights.Source), Dialect = prepared.Weights.Dialect };
        return new TrainingData(
            prepared.Classes, prepared.Store, prepared.Store.Samples(prepared.Result.Usable, prepared.Classes), source, request.Inception, prepared.Result.Failures.Count);
    }

    /// <summary>Frames, all of which are decoded once and kept as far as the memory goes.</summary>
    public static TrainingData OfFrames(
        DataFolder data, SequenceRequest request, Recipe recipe, FrameInput input, Augmentation augmentation, ulong seed, int? megabytes, CancellationToken ct)
    {
        if (request.Sequences.Pad && recipe.NeedsAllFrames)
            throw new InputException($"--pad: --model {recipe.Name} looks at a clip as a whole and cannot leave steps out; leave it out, or take a model with a recurrent layer");
        (IReadOnlyList<string> classes, IReadOnlyList<Clip> clips) = SequencePreparation.FirstClasses(data, DataFile.Read(data.DataFile), request.Classes);
        return OfFrames(data, request.Sequences, recipe, input, augmentation, seed, megabytes, classes, clips, ct);
    }

    /// <summary>Frames of clips, to judge a classifier by.</summary>
    public static TrainingData OfFrames(DataFolder data, CheckpointInfo info, IReadOnlyList<Clip> clips, CancellationToken ct) => OfFrames(
        data, info.Sequences, Recipes.Find(info.Model.Recipe)!, info.Source.Input!.Value, Augmentation.None, 0, null, info.Classes, clips, ct);

    /// <summary>Features of clips, to judge a classifier by.</summary>
    public static TrainingData OfFeatures(DataFolder data, IReadOnlyList<Clip> all, CheckpointInfo info, IReadOnlyList<Clip> clips, InceptionWeights weights, CancellationToken ct)
    {
        SequencePreparation prepared = SequencePreparation.Extract(data, all, info.Classes, [.. clips], weights, info.Sequences, ct);
        return new TrainingData(info.Classes, prepared.Store, prepared.Store.Samples(prepared.Result.Usable, info.Classes), info.Source, null, prepared.Result.Failures.Count);
    }

    /// <summary>The same with the classes numbered as another classifier numbers them; null if they are so, or are other classes.</summary>
    public TrainingData? InOrderOf(IReadOnlyList<string> other)
    {
        string[] ordered = [.. other.Select(name => Classes.FirstOrDefault(c => ClassNames.Same.Equals(c, name))).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (ordered.Length != Classes.Count || other.Count != Classes.Count || ordered.SequenceEqual(Classes))
            return null;
        int[] labels = [.. Classes.Select(c => Array.IndexOf(ordered, c))];
        return this with { Classes = ordered, Samples = [.. Samples.Select(s => s with { Label = labels[s.Label] })] };
    }

    private static TrainingData OfFrames(
        DataFolder data, SequenceSpec sequences, Recipe recipe, FrameInput input, Augmentation augmentation, ulong seed, int? megabytes,
        IReadOnlyList<string> classes, IReadOnlyList<Clip> clips, CancellationToken ct)
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        long free = megabytes * Megabyte ?? Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes) / 4;
        var frames = new FrameSamples(data, new FrameSpec(sequences, input, recipe.Pixels.Scale, recipe.Pixels.Offset), augmentation, seed, free);
        (IReadOnlyList<Sample> samples, IReadOnlyList<Finding> failures) = WorkDisplay.Run("frames", "clips", progress => frames.Prepare(clips, classes, progress, ct));
        Report.Failures(failures);
        return new TrainingData(classes, frames, samples, new CheckpointSource(sequences) { Input = input, Augmentation = augmentation.ToString() }, null, failures.Count);
    }
}
