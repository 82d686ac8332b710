using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VideoLstm.Core;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli;

/// <summary>Prints what `classify` finds, for people or as lines of JSON.</summary>
/// <param name="labelling">How videos are labelled.</param>
/// <param name="json">Whether programs read it.</param>
internal sealed class ClassifyPrinter(LabellingOptions labelling, bool json) : JobReport, IClassificationObserver
{
    private const int ShownClasses = 5;

    private static readonly JsonSerializerOptions JsonLines = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    // Whether windows are labelled one by one, so that each can be shown as soon as it is predicted.
    private readonly bool _isPlain = labelling is
        { Stride: null, Smoothing: Smoothing.None, MinimumSeconds: 0, Threshold: 0, FindsUnknown: false };

    /// <inheritdoc/>
    public void Began(string video, int found)
    {
        if (found > 1 && !json)
            Console.WriteLine($"== {video}");
    }

    /// <inheritdoc/>
    public void Predicted(IReadOnlyList<string> classes, ProbabilityStep step)
    {
        if (_isPlain && !json)
            Print(step.Start, step.End, Lines(classes, step.Probabilities, null).Text);
    }

    /// <inheritdoc/>
    public void Labelled(string video, VideoClassification result, ClassificationOutputs outputs, double seconds)
    {
        if (json)
        {
            PrintJson(new
            {
                video,
                fps = result.Timeline.Fps,
                frames = result.Timeline.Frames,
                segments = result.Timeline.Segments.Select(s =>
                    new { start = Math.Round(s.Start, 6), end = Math.Round(s.End, 6), @class = s.Class, probability = s.Probability }),
                damage = result.Damage?.ToString(),
            });
            return;
        }
        foreach (Segment segment in _isPlain ? [] : result.Timeline.Segments)
            Print(segment.Start, segment.End,
                [string.Create(CultureInfo.InvariantCulture, $"{segment.Class}: {segment.Probability:0.00}")]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Timing.Frames} frames in {result.Windows} windows, {result.Timeline.Segments.Count} segments, " +
                $"{result.Timing.Frames / seconds:0.0} " +
                $"frames/s{(outputs.Video is null ? "" : $"; the labelled video is {outputs.Video}")}"));
    }

    /// <inheritdoc/>
    public void Failed(string video, Finding finding)
    {
        if (json)
            PrintJson(new { video, error = Remedies.Line(finding) });
        Failure(finding);
    }

    /// <inheritdoc/>
    public FrameLabel Draw(IReadOnlyList<string> classes, ProbabilityStep step, string label)
    {
        (string[] text, double?[] bars) = Lines(classes, step.Probabilities, label);
        return new FrameLabel(step.FirstFrame, step.EndFrame, step.Start, step.End, text) { Bars = bars };
    }

    /// <summary>Sums up.</summary>
    public void Finish(ClassificationCounts counts)
    {
        if (counts.Found == 0)
            Remark("none of the videos is of this shard");
        else if (counts.Done == counts.Found)
            Remark($"{counts.Done} {(counts.Done == 1 ? "video was" : "videos were")} done already");
        else if (counts.Found > 1 && !json)
            Console.WriteLine($"{counts.Labelled} videos labelled, {counts.Done} were done, {counts.Failed} failed");
    }

    /// <summary>A label of what happens live.</summary>
    public void Predicted(IReadOnlyList<string> classes, LiveLabel label, LiveSource source)
    {
        (string best, float probability) = classes.Zip(label.Probabilities).MaxBy(c => c.Second);
        if (probability < labelling.Threshold || label.Novelty > 1)
            best = Segment.Unknown;
        if (json)
        {
            PrintJson(new
            {
                start = label.Start,
                end = label.End,
                start_seconds = Math.Round(label.StartSeconds, 6),
                end_seconds = Math.Round(label.EndSeconds, 6),
                @class = best,
                probability,
                probabilities = classes.Zip(label.Probabilities).ToDictionary(c => c.First, c => c.Second),
                delay = Math.Round(label.Delay.TotalSeconds, 3),
            });
            return;
        }
        string when = source.IsStandardInput
            ? string.Create(CultureInfo.InvariantCulture, $"{label.StartSeconds,9:0.00} {label.EndSeconds,9:0.00}")
            : string.Create(CultureInfo.InvariantCulture, $"{label.Start:yyyy-MM-dd HH:mm:ss} {label.End:HH:mm:ss}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{when}  {string.Join("  ", Lines(classes, label.Probabilities, best).Text)}  +{label.Delay.TotalSeconds:0.00} s"));
    }

    // The likeliest classes with their probabilities, best first; before them the label, where it is another.
    private static (string[] Text, double?[] Bars) Lines(IReadOnlyList<string> classes, IReadOnlyList<float> probabilities, string? label)
    {
        (string Class, float Probability)[] ranking = [.. classes.Zip(probabilities).OrderByDescending(r => r.Second).Take(ShownClasses)];
        IEnumerable<(string Text, double? Bar)> lines = ranking.Select(r =>
            (string.Create(CultureInfo.InvariantCulture, $"{r.Class}: {r.Probability:0.00}"), (double?)r.Probability));
        if (label is not null && label != ranking[0].Class)
            lines = lines.Prepend((label, null));
        return ([.. lines.Select(l => l.Text)], [.. lines.Select(l => l.Bar)]);
    }

    private static void Print(double start, double end, IEnumerable<string> lines) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{start,9:0.00} {end,9:0.00}  {string.Join("  ", lines)}"));

    private static void PrintJson<T>(T line) => Console.WriteLine(JsonSerializer.Serialize(line, JsonLines));
}
