using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Jobs;

/// <summary>Evaluates a classifier by clips whose classes are known.</summary>
public static class EvaluationJob
{
    /// <summary>What it is called in reports of shards.</summary>
    public const string Verb = "evaluate";

    /// <summary>Takes what features are missing, and evaluates.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="work">The shard whose clips alone are evaluated; null: all.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The measures, null if there is no clip in the shard, and the number of clips that could not be used.</returns>
    /// <exception cref="InputException">There is no clip that can be used, or the classifier's weights cannot.</exception>
    public static async Task<(ClassificationMetrics? Metrics, int Failures)> RunAsync(
        DataFolder data, EvaluationRequest request, IBackend backend, ShardWork? work, IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        (string path, CheckpointInfo info) = (request.Path, request.Classifier.Info);
        if (request.With is { } second)
            LateFusion.RequireSameClasses((path, info.Classes), (second.Path, second.Classifier.Info.Classes));
        IReadOnlyList<Clip> all = DataFile.Read(data.DataFile);
        // The classifier's classes as the list spells them.
        string[] listed = [.. all.Select(c => c.Class).Distinct(StringComparer.Ordinal)];
        string[] spelt = [.. info.Classes.Select(name => listed.FirstOrDefault(l => l == name)
            ?? listed.FirstOrDefault(l => !info.Classes.Contains(l) && Spells(l, name)) ?? name)];
        foreach ((string own, string here) in info.Classes.Zip(spelt).Where(c => c.First != c.Second))
            observer.Remark($"class {here} of {data.DataFile} is taken for {own} of {path}");
        Clip[] clips = [.. all.Where(c => (request.Set is null || c.Set == request.Set) && spelt.Contains(c.Class))];
        if (clips.Length == 0)
            throw new InputException($"{data.DataFile}: lists no {(request.Set is { } set ? Clip.SetName(set) + " " : "")}clip of " +
                $"{string.Join(", ", info.Classes)}, which {path} tells apart", Remedy.NameOtherClips);
        if (work is not null)
        {
            clips = [.. clips.Where(c => work.Shard.Holds(c.Key))];
            work.Found(clips.Length, before: 0);
            if (clips.Length == 0)
            {
                work.End();
                return (null, 0);
            }
        }
        string[] others = [.. listed.Except(spelt).Order(ClassNames.Order)];
        if (others.Length > 0)
            observer.Remark($"clips of {ClassNames.Join(others)} are left out ({all.Count(c => others.Contains(c.Class))}): {path} does " +
                $"not know {(others.Length == 1 ? "this class" : "these classes")}");

        int failures = 0;
        IReadOnlyList<ClipPrediction> predictions = await PredictAsync(path, request.Classifier, request.With?.Classifier, work);
        if (request.With is { } other)
        {
            IReadOnlyList<ClipPrediction> theirs = await PredictAsync(other.Path, other.Classifier, request.Classifier, part: null);
            predictions = LateFusion.Average(
                (path, info.Classes, Calibrated(predictions, info)),
                (other.Path, other.Classifier.Info.Classes, Calibrated(theirs, other.Classifier.Info)));
        }
        if (work is null)
            ShardReports.Clear(data, Verb);
        work?.End();
        return (new ClassificationMetrics(info.Classes, predictions), failures);

        async Task<IReadOnlyList<ClipPrediction>> PredictAsync(string path, ClassifierFile file, ClassifierFile? beside, ShardWork? part)
        {
            using ITrainableNetwork network = file.Load(backend);
            using ExtractorNetwork? extractor = await ClassificationJob.LoadExtractorAsync(
                path, file.Info, ClassificationJob.GivenFor(file.Info, beside?.Info, request.Extractor), observer, ct);
            string[] here = [.. file.Info.Classes.Select(c => spelt[info.Classes.Index().First(own => own.Item == c).Index])];
            TrainingData judged = TrainingData.Of(
                all, clips, file.Info with { Classes = here }, extractor, (data, part, backend), observer, ct);
            failures += judged.Failures;
            if (judged.Samples.Count == 0)
                throw new InputException($"{data.Root}: none of the {clips.Length} clips can be used");
            return observer.Watch("clips", "clips", progress =>
                Evaluation.Run(network, judged.Reader, judged.Samples, progress, (sample, why) =>
            {
                failures++;
                observer.Failure(InputFailure.Of(sample.Clip.Label, why));
            }, ct));
        }
    }

    // As they are where videos are labelled: one that is too sure of itself does not outvote the other.
    private static ClipPrediction[] Calibrated(IReadOnlyList<ClipPrediction> predictions, CheckpointInfo info) =>
    [
        .. predictions.Select(p =>
        {
            float[] probabilities = [.. p.Probabilities];
            Calibration.Apply(probabilities, info.Temperature);
            return new ClipPrediction(p.Clip, p.Label, probabilities);
        }),
    ];

    private static bool Spells(string one, string other) =>
        string.Equals(ClassNames.Normalize(one), ClassNames.Normalize(other), StringComparison.OrdinalIgnoreCase);
}
