using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm score`: how well labels of a video agree with what is true.</summary>
internal static class ScoreCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var files = new Argument<string[]>("timeline truth")
        {
            Description = $"Labels, as `vlstm classify --timeline` writes them, and what is true, in any of the formats " +
                $"({TimelineFile.Extensions}); any number of such pairs",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<double?> fps = CommonOptions.Between(new Option<double?>("--fps") { Description = "Frames a second, where neither file " +
            "says it: for formats that count frames, and to give errors of borders in frames too", HelpName = "FPS" }, 0.001, 1000);
        Option<string?> tier = TierOption.Create();
        tier.Description = "Of a truth that has several tiers, which one is true, by its name; of labels too, where they have it";
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON a pair" };
        var command = new Command("score",
            "Compares labels with the truth: share of the time that is right, precision, recall and F1 of each class, segments found, " +
            "how far borders are off. Time that the truth calls unknown, or does not name, counts for no class.") { files, fps, tier,
            json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(files)?.Tokens.Count % 2 == 1)
                result.AddError("Give a truth for each timeline: vlstm score match.json match.truth.csv.");
        });
        command.WithExamples("vlstm score match.json match.truth.csv", "vlstm score match.json match.eaf --tier Phase",
            "vlstm score a.json a.truth.csv b.json b.truth.csv --json");
        command.SetAction(parsed =>
        {
            List<(TimelineScore Score, double? Fps)> scores = [];
            foreach (string[] pair in parsed.GetValue(files)!.Chunk(2))
            {
                string? wanted = parsed.GetValue(tier);
                Timeline labels = ReadLabels(pair[0], parsed.GetValue(fps), wanted);
                // Of a truth of many videos, the one of the labels.
                Timeline truth = Read(pair[1], parsed.GetValue(fps) ?? labels.Fps, wanted, labels.Video ?? pair[0]);
                scores.Add((TimelineScore.Of(labels, truth), labels.Fps ?? truth.Fps));
                Write(pair[0], pair[1], scores[^1].Score, scores[^1].Fps, parsed.GetValue(json));
            }
            double?[] rates = [.. scores.Select(s => s.Fps).Distinct()];
            if (scores.Count > 1 && !parsed.GetValue(json))
                Write($"all {scores.Count}", "", TimelineScore.Sum([.. scores.Select(s => s.Score)]), rates is [var rate] ? rate : null,
                    json: false);
            return ExitCode.Success;
        });
        return command;
    }

    // Labels of a program are one tier, those of a second person have the tiers of the first.
    private static Timeline ReadLabels(string path, double? fps, string? tier)
    {
        try
        {
            return Read(path, fps, tier, path);
        }
        catch (InputException e) when (tier is not null && e.Remedy is Remedy.DoNotChooseTier or Remedy.TakeOneTier)
        {
            return Read(path, fps, null, path);
        }
    }

    private static Timeline Read(string path, double? fps, string? tier, string video)
    {
        Timeline timeline = TimelineFile.Read(path, fps, double.PositiveInfinity, tier: tier, video: video);
        Report.Remarks(timeline.Notes);
        return timeline.Segments.Count > 0 ? timeline : throw new InputException($"{path}: has no segments");
    }

    private static void Write(string labels, string truth, TimelineScore score, double? fps, bool json)
    {
        if (json)
            WriteJson(labels, truth, score, fps);
        else
            WriteText(labels, score, fps);
    }

    private static void WriteText(string labels, TimelineScore score, double? fps)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{labels}: {score.Accuracy:0.0000} of the known time right ({score.CorrectSeconds:0.00} of {score.KnownSeconds:0.00} s)"));
        Console.WriteLine($"  segments: {score.FoundSegments} of {score.Segments} found, {score.PredictedSegments} labelled");
        if (score.BorderErrors.Count > 0)
            Console.WriteLine($"  borders: {score.BorderErrors.Count}, off by {Distance(score.BorderErrors.Average(), fps)} on average, " +
                $"at most {Distance(score.BorderErrors.Max(), fps)}");
        if (score.UnknownSeconds > 0 || score.FalseUnknownSeconds > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  unknown: {score.CorrectUnknownSeconds:0.00} of {score.UnknownSeconds:0.00} s found, and " +
                $"{score.FalseUnknownSeconds:0.00} s of the known time"));
        if (score.Classes.Count == 0)
            return;
        int width = Math.Max("class".Length, score.Classes.Max(c => Printable.Escape(c.Class).Length));
        Console.WriteLine($"  {"class".PadRight(width)}  precision  recall     f1  seconds");
        foreach (ClassScore c in score.Classes)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {Printable.Escape(c.Class).PadRight(width)}  {c.Precision,9:0.000}  {c.Recall,6:0.000}  {c.F1,5:0.000}  " +
                $"{c.TrueSeconds,7:0.0}"));
    }

    private static string Distance(double seconds, double? fps) => !double.IsFinite(seconds) ? "no border" : string.Create(
        CultureInfo.InvariantCulture, $"{seconds:0.000} s{(fps is { } rate ? string.Create(CultureInfo.InvariantCulture,
            $" ({seconds * rate:0.0} frames)") : "")}");

    private static void WriteJson(string labels, string truth, TimelineScore score, double? fps)
    {
        double? mean = Finite(score.BorderErrors.DefaultIfEmpty(double.NaN).Average()),
            largest = Finite(score.BorderErrors.DefaultIfEmpty(double.NaN).Max());
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                Timeline = labels,
                Truth = truth,
                Fps = fps,
                score.Accuracy,
                score.KnownSeconds,
                score.CorrectSeconds,
                Segments = new { score.Segments, Found = score.FoundSegments, Labelled = score.PredictedSegments },
                Borders = new
                {
                    score.BorderErrors.Count, MeanSeconds = mean, LargestSeconds = largest, MeanFrames = mean * fps,
                    LargestFrames = largest * fps,
                },
                Unknown = new { score.UnknownSeconds, score.CorrectUnknownSeconds, score.FalseUnknownSeconds },
                Classes = score.Classes.Select(c => new { c.Class, c.Precision, c.Recall, c.F1, c.TrueSeconds, c.PredictedSeconds,
                    c.CorrectSeconds }),
            },
            Json));

        static double? Finite(double value) => double.IsFinite(value) ? value : null;
    }
}
