using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Jobs;

/// <summary>Labels videos and writes what is asked for.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="backend">What computes.</param>
/// <param name="observer">Told of the work.</param>
/// <param name="work">The shard whose videos alone are labelled; null: all.</param>
public sealed class ClassificationJob(
    ClassificationRequest request, IBackend backend, IClassificationObserver observer, ShardWork? work = null)
{
    /// <summary>What it is called in reports of shards.</summary>
    public const string Verb = "classify";

    /// <summary>
    /// Labels them, one after the other. One that fails does not stop the others; if there is but one, its fault is thrown.
    /// </summary>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The classifier cannot be used, no video is found, two outputs would be one file.</exception>
    public async Task<ClassificationCounts> RunAsync(CancellationToken ct)
    {
        var unreadable = new List<Finding>();
        IReadOnlyList<(string Video, ClassificationOutputs Outputs)> all =
            request.Outputs.Assign(VideoInputs.Find(request.Videos, unreadable, observer));
        bool isSingle = all.Count == 1;
        if (work is not null)
            all = [.. all.Where(v => work.Shard.Holds(Path.GetFileName(v.Video)))];
        // What is to be said of all is said once.
        if (work is { Shard.Number: > 1 })
            unreadable.Clear();
        (string Video, ClassificationOutputs Outputs)[] videos =
            [.. request.SkipExisting ? all.Where(v => !v.Outputs.All.All(File.Exists)) : all];
        int done = all.Count - videos.Length, labelled = 0, failed = unreadable.Count;
        unreadable.ForEach(observer.Failure);
        work?.Found(all.Count, done);
        if (CompletesShards && ShardReports.Missing(request.Data, Verb, [.. videos.Select(v => v.Video)]) is { } missing)
            observer.Remark(missing);
        if (videos.Length == 0)
            return Ended(new ClassificationCounts(all.Count, labelled, done, failed));

        // What takes long is begun at once: a short video should not wait for one thing after the other.
        ClassifierFile file = request.Open();
        ClassifierFile? other = request.OpenSecond?.Invoke();
        if (other is not null)
            LateFusion.RequireSameClasses((file.Path, file.Info.Classes), (other.Path, other.Info.Classes));
        using Classifier loaded =
            await LoadFirstAsync(file, other?.Info, isSingle ? () => VideoProbe.Read(videos[0].Video, ct) : () => { }, ct);
        using Classifier? second = other is null ? null : await LoadAsync(other, file.Info, null, () => { }, ct);
        var classifier = new VideoClassifier(loaded) { With = second };
        foreach ((int number, (string video, ClassificationOutputs outputs)) in videos.Index())
        {
            try
            {
                observer.Began(video, all.Count);
                // What cannot be written is said before the work.
                foreach (string output in outputs.All)
                    PartialFile.Check(output);
                if (Label(classifier, video, outputs, isSingle ? "" : $" {number + 1} of {videos.Length}", ct) is { } damage)
                {
                    failed++;
                    observer.Failure(damage);
                    work?.Failed(video, damage);
                }
                else
                {
                    work?.Done();
                }
                labelled++;
            }
            catch (LeftOutException e)
            {
                observer.Remark(e.Finding);
                work?.Failed(video, e.Finding);
            }
            catch (InputException e) when (!isSingle && e is not StoreFullException)
            {
                failed++;
                observer.Failed(video, e.Finding);
                work?.Failed(video, e.Finding);
            }
        }
        return Ended(new ClassificationCounts(all.Count, labelled, done, failed));
    }

    private ClassificationCounts Ended(ClassificationCounts counts)
    {
        work?.End();
        if (CompletesShards)
            ShardReports.Clear(request.Data, Verb);
        return counts;
    }

    // Another video that is labelled meanwhile says nothing of what shards are at.
    private bool CompletesShards => work is null && request.SkipExisting;

    /// <summary>The classifier, ready to work.</summary>
    /// <param name="besides">What is done at the same time.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="InputException">It cannot be used.</exception>
    public Task<Classifier> LoadAsync(Action besides, CancellationToken ct) => LoadFirstAsync(request.Open(), null, besides, ct);

    private Task<Classifier> LoadFirstAsync(ClassifierFile file, CheckpointInfo? other, Action besides, CancellationToken ct) =>
        LoadAsync(file, other, request.Labelling.FindsUnknown ? file.LoadNovelty() : null, besides, ct);

    private async Task<Classifier> LoadAsync(
        ClassifierFile file, CheckpointInfo? other, NoveltyDetector? novelty, Action besides, CancellationToken ct)
    {
        Task<ITrainableNetwork> loading = Task.Run(() => file.Load(backend), ct);
        try
        {
            await Task.Run(besides, ct);
            using ExtractorNetwork? network = await LoadExtractorAsync(
                file.Path, file.Info, GivenFor(file.Info, other, request.Extractor), observer, ct);
            ClassifierInput input = network is null
                ? new FrameClassifierInput(file.Info)
                : new FeatureClassifierInput(new WeightsLoader(observer).CreateExtractor(network, file.Info.Sequences, backend));
            if (novelty is not null)
                observer.Remark(string.Create(CultureInfo.InvariantCulture,
                    $"unknown is what lies farther from all training clips than {novelty.Record.ValidationClips} validation clips " +
                        $"do; of clips like these, at most {100 * novelty.Record.FalseAlarmRate:0.0}% are called unknown"));
            return new Classifier(file.Info, await loading, input) { Novelty = novelty };
        }
        catch
        {
            // A process that ends while libtorch still computes is brought down by it.
            await Task.WhenAny(loading);
            if (loading.IsCompletedSuccessfully)
                (await loading).Dispose();
            throw;
        }
    }

    /// <summary>A classifier's extractor; null: it sees frames.</summary>
    /// <param name="path">The classifier.</param>
    /// <param name="info">What it says of itself.</param>
    /// <param name="given">What the user gave; null: what it names.</param>
    /// <param name="observer">Told of the work.</param>
    /// <param name="ct">Stops it.</param>
    /// <exception cref="InputException">It cannot be had, or there is none.</exception>
    public static async Task<ExtractorNetwork?> LoadExtractorAsync(
        string path, CheckpointInfo info, ExtractorRequest? given, IJobObserver observer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Source.Input is null)
            return await new WeightsLoader(observer).LoadForAsync(path, info.Source, given, ct);
        return given is null
            ? null
            : throw new InputException($"{path}: is a `{info.Model.Recipe}`, which sees frames and not features",
                Remedy.DoNotNameExtractor);
    }

    /// <summary>What the user gave as extractor, for one of two classifiers: none for what sees frames, where the other sees features.</summary>
    /// <param name="info">The one.</param>
    /// <param name="other">The other; null: there is none.</param>
    /// <param name="given">What the user gave.</param>
    internal static ExtractorRequest? GivenFor(CheckpointInfo info, CheckpointInfo? other, ExtractorRequest? given) =>
        info.Source.Input is not null && other is { Source.Input: null } ? null : given;

    // One line if the video is more damaged than it may be, else null.
    private Finding? Label(VideoClassifier classifier, string video, ClassificationOutputs outputs, string place, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        if (VideoProbe.Read(video, ct).Remark is { } several)
            observer.Remark(several);
        IReadOnlyList<string> classes = classifier.Classes;
        VideoClassification result = observer.Watch("labels" + place, "frames", progress =>
            classifier.Run(video, request.Labelling, step => observer.Predicted(classes, step), progress, ct));
        double seconds = clock.Elapsed.TotalSeconds;
        if (result.Damage is not null && VideoDamage.Policy == DamagePolicy.Skip)
            result.Damage.Accept();

        foreach (string timeline in outputs.Timelines)
            TimelineFile.Write(timeline, result.Timeline, request.Skip);
        if (outputs.Video is { } output)
        {
            IEnumerable<FrameLabel> labels = result.Steps.Zip(result.Labels, (step, label) => observer.Draw(classes, step, label));
            string? silent = observer.Watch("video" + place, "frames", progress => LabelledVideo.Write(
                video, output, labels, result.Timing, request.Style,
                frames => progress.Report(new WorkProgress(frames, result.Timing.Frames)), ct));
            if (silent is not null)
                observer.Remark(silent);
        }

        // Of the two, browsers rather play what was made for them.
        if (outputs.Report is { } page)
            TimelinePage.Write(
                page, video, result.Classes, result.Timeline, result.Steps, request.ShowLabelled ? outputs.Video : null, ct: ct);
        if (outputs.Gif is { } gif)
            LabelledGif.Write(gif, video, result, ct);
        observer.Labelled(video, result, outputs, seconds);
        if (result.Damage is not { } damage)
            return null;
        Finding line = $"{video}: {damage}; the {result.Timing.Frames} frames that can be decoded are labelled";
        if (!damage.IsAcceptable)
            return VideoDamage.Policy == DamagePolicy.Fail ? line : line with { Remedy = Remedy.DamageCanBeTaken };
        observer.Remark(line);
        return null;
    }
}
