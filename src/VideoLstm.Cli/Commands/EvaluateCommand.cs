using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Training;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm evaluate`: how good a classifier is on clips whose classes are known.</summary>
internal static class EvaluateCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(DeviceOption device)
    {
        var weights = new Argument<string>("weights") { Description =
            "A classifier that `vlstm train` wrote, or a Keras model (.hdf5, .h5, .keras)" };
        Option<string?> with = CommonOptions.SecondClassifier();
        var set = new Option<string>("--set") { Description = "Which clips of data_file.csv", HelpName = "train|test|all",
            DefaultValueFactory = _ => "test" };
        set.AcceptOnlyFromAmong("train", "test", "all");
        Option<int?> top = CommonOptions.Between(new Option<int?>("--top") { Description = "Also: how often the right class is among the " +
            "N likeliest [default: 5, or one less than there are classes]", HelpName = "N" }, 1, int.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print everything as one JSON object, the probabilities of each clip too" };
        var report = new Option<string?>("--report") { Description = "Write it as a page: one HTML file", HelpName = "FILE" };
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("evaluate",
            "Evaluates a classifier by clips whose classes are known: accuracy, top-k, precision, recall and F1 of each class, confusion " +
            "matrix.")
        {
            weights, with, set, top, json, report, data, work, threads,
        };
        var extractor = new ExtractorOptions(command, chooses: false);
        var loader = new ClassifierLoader(command, sequences: true);
        var shard = new ShardOption();
        shard.AddTo(command);
        device.AddTo(command);
        command.WithExamples(
            "vlstm evaluate best",
            "vlstm evaluate lstm-features.bin --data other-clips --set all --json > measures.json",
            "vlstm evaluate lstm-features.bin --report evaluation.html",
            "vlstm evaluate rgb.bin --with flow.bin                  # two streams: the means of their probabilities",
            "vlstm evaluate lstm-features.hdf5 --size 720x1280",
            "vlstm evaluate best --set all --shard 3/8 --json > measures-3.json    # one of eight workers; without --shard: all clips");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            string path = parsed.GetValue(weights)!, chosen = parsed.GetValue(set)!;
            ClassifierFile classifier = loader.Open(parsed, path, folder);
            string? secondPath = parsed.GetValue(with);
            ClassifierFile? second = secondPath is null ? null : loader.Open(parsed, secondPath, folder);
            ClipSet? judging = chosen switch { "train" => ClipSet.Train, "test" => ClipSet.Test, _ => null };
            Shard? part = shard.Read(parsed);
            using ShardWork? shardWork = ShardWork.Begin(folder, EvaluationJob.Verb, part);
            (ClassificationMetrics? measured, int failures) = await EvaluationJob.RunAsync(
                folder, new EvaluationRequest(classifier.Path, classifier, judging, extractor.Given(parsed))
                {
                    With = second is null ? null : (second.Path, second),
                }, device.Open(parsed), shardWork, new JobReport(), ct);
            if (measured is not { } metrics)
            {
                Report.Remarks([$"none of the clips is of shard {part}"]);
                return ExitCode.Success;
            }
            // Each one's temperature is for its own answers.
            double temperature = second is null ? classifier.Info.Temperature : 1;
            int classes = metrics.Confusion.Classes.Count, k =
                Math.Min(parsed.GetValue(top) ?? ClassificationMetrics.DefaultTop(classes), classes);
            if (parsed.GetValue(json))
                WriteJson((path, secondPath), metrics, temperature, k, failures);
            else
                WriteText(metrics, temperature, k);
            if (parsed.GetValue(report) is { } page)
            {
                try
                {
                    string what = $"{metrics.Predictions.Count} {(judging is null ? "" : chosen + " ")}clips in {folder.Root}" +
                        (secondPath is null ? "" : $", with {Path.GetFileName(secondPath)}");
                    WriteReport(page, path, what, classifier.Info, metrics, folder, ct);
                }
                catch (Exception e) when (InputFailure.IsOfOne(e))
                {
                    failures++;
                    Report.Failures([InputFailure.Of(page, e)]);
                }
            }
            return failures == 0 ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void WriteReport(
        string file, string path, string what, CheckpointInfo info, ClassificationMetrics metrics, DataFolder data, CancellationToken ct) =>
        ReportPage.Write(file, new ReportContent
        {
            Title = $"Evaluation of {Path.GetFileName(path)}",
            Summary = $"{what}; {info.Model.Recipe}{(info.Epoch is { } epoch ? $", epoch {epoch}" : "")}",
            Metrics = metrics,
            Facts = [("Versions", [.. Machine.Describe().Select(v => (v.Name, v.Value))])],
        }, data, ct);

    private static void WriteText(ClassificationMetrics metrics, double temperature, int k)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accuracy {metrics.Accuracy:0.000} ({metrics.Confusion.Correct} of {metrics.Confusion.Total}), top {k} " +
                $"{metrics.TopAccuracy(k):0.000}, loss {metrics.Loss:0.0000}; {BaselineDisplay.Text(metrics.Baselines)}"));
        Console.WriteLine(CalibrationDisplay.Line(metrics, temperature));
        int width = Math.Max("class".Length, metrics.Classes.Max(c => c.Name.Length));
        Console.WriteLine($"{"class".PadRight(width)}  precision  recall     f1  clips");
        foreach (ClassMetrics c in metrics.Classes)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{c.Name.PadRight(width)}  {c.Precision,9:0.000}  {c.Recall,6:0.000}  {c.F1,5:0.000}  {c.Clips,5}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{"mean".PadRight(width)}  {metrics.MacroPrecision,9:0.000}  {metrics.MacroRecall,6:0.000}  {metrics.MacroF1,5:0.000}  " +
            $"{metrics.Confusion.Total,5}"));
        ConfusionDisplay.Write(metrics.Confusion);
        Report.Remarks(metrics.Undefined);
    }

    private static void WriteJson(
        (string Path, string? With) weights, ClassificationMetrics metrics, double temperature, int k, int failures)
    {
        IReadOnlyList<string> names = metrics.Confusion.Classes;
        int[] all = [.. Enumerable.Range(0, names.Count)];
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                Weights = weights.Path,
                weights.With,
                Classes = names,
                Clips = metrics.Confusion.Total,
                Failed = failures,
                metrics.Accuracy,
                Top = new { K = k, Accuracy = metrics.TopAccuracy(k) },
                Baselines = new { metrics.Baselines.Majority, metrics.Baselines.Random },
                metrics.Loss,
                Calibration = new { Error = metrics.CalibrationError(temperature), Uncalibrated = metrics.CalibrationError(1),
                    Temperature = temperature },
                Macro = new { Precision = metrics.MacroPrecision, Recall = metrics.MacroRecall, F1 = metrics.MacroF1 },
                PerClass = metrics.Classes.Select(c => new { c.Name, c.Clips, Answers = c.Predicted, c.Correct, c.Precision, c.Recall,
                    c.F1 }),
                Confusion = all.Select(truth => all.Select(answer => metrics.Confusion[truth, answer])),
                Predictions = metrics.Predictions.Select(p => new
                {
                    Clip = p.Clip.Label, Class = names[p.Label], Answer = names[p.Predicted], p.Loss,
                        Probabilities = names.Zip(p.Probabilities).ToDictionary(c => c.First, c => c.Second),
                }),
            },
            Json));
    }
}
