using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm evaluate`: how good a classifier is on clips whose classes are known.</summary>
internal static class EvaluateCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var weights = new Argument<string>("weights") { Description = "A classifier that `vlstm train` wrote, or a Keras model (.hdf5, .h5, .keras)" };
        var set = new Option<string>("--set") { Description = "Which clips of data_file.csv", HelpName = "train|test|all", DefaultValueFactory = _ => "test" };
        set.AcceptOnlyFromAmong("train", "test", "all");
        Option<int?> top = CommonOptions.Between(new Option<int?>("--top") { Description = "Also: how often the right class is among the N likeliest [default: 5, or one less than there are classes]", HelpName = "N" }, 1, int.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print everything as one JSON object, the probabilities of each clip too" };
        var report = new Option<string?>("--report") { Description = "Write it as a page: one HTML file", HelpName = "FILE" };
        var inception = new Option<string?>("--inception") { Description = "InceptionV3's weights, the same as in training [default: imagenet, or the random ones that the classifier was trained with]", HelpName = "WEIGHTS" };
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("evaluate", "Judges a classifier by clips whose classes are known: accuracy, top-k, precision, recall and F1 of each class, confusion table.")
        {
            weights, set, top, json, report, inception, data, work, threads,
        };
        var loader = new ClassifierLoader(command, sequences: true);
        command.WithExamples(
            "vlstm evaluate best",
            "vlstm evaluate lstm-features.bin --data other-clips --set all --json > measures.json",
            "vlstm evaluate lstm-features.bin --report evaluation.html",
            "vlstm evaluate lstm-features.hdf5 --size 720x1280");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            return await RunAsync(
                loader.Open(parsed, parsed.GetValue(weights)!, folder), parsed.GetValue(weights)!, folder, parsed.GetValue(set)!, parsed.GetValue(top), parsed.GetValue(json), parsed.GetValue(report), parsed.GetValue(inception), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(ClassifierFile classifier, string path, DataFolder data, string set, int? top, bool json, string? report, string? inception, CancellationToken ct)
    {
        CheckpointInfo info = classifier.Info;
        IReadOnlyList<Clip> all = DataFile.Read(data.DataFile);
        // The classifier's classes as the list spells them.
        string[] listed = [.. all.Select(c => c.Class).Distinct(StringComparer.Ordinal)];
        string[] spelt = [.. info.Classes.Select(name => listed.FirstOrDefault(l => l == name) ?? listed.FirstOrDefault(l => !info.Classes.Contains(l) && Spells(l, name)) ?? name)];
        Report.Remarks(info.Classes.Zip(spelt).Where(c => c.First != c.Second).Select(c => $"class {c.Second} of {data.DataFile} is taken for {c.First} of {path}"));
        Clip[] clips = [.. all.Where(c => (set == "all" || Clip.SetName(c.Set) == set) && spelt.Contains(c.Class))];
        if (clips.Length == 0)
            throw new InputException($"{data.DataFile}: lists no {(set == "all" ? "" : set + " ")}clip of {string.Join(", ", info.Classes)}, which {path} tells apart; --data names another data folder, --set another set");
        string[] others = [.. listed.Except(spelt).Order(ClassNames.Order)];
        if (others.Length > 0)
            Report.Remarks([$"clips of {ClassNames.Join(others)} are left out ({all.Count(c => others.Contains(c.Class))}): {path} does not know {(others.Length == 1 ? "this class" : "these classes")}"]);

        Network model = classifier.Load();
        InceptionWeights? network = await InceptionLoader.LoadForAsync(path, info, inception, ct);
        if (network is not null)
            info = info with { Source = info.Source.With(network) };
        CheckpointInfo asListed = info with { Classes = spelt };
        TrainingData judged = network is null ? TrainingData.OfFrames(data, asListed, clips, ct) : TrainingData.OfFeatures(data, all, asListed, clips, network, ct);
        int failures = judged.Failures;
        if (judged.Samples.Count == 0)
            throw new InputException($"{data.Root}: none of the {clips.Length} clips can be used");
        IReadOnlyList<ClipPrediction> predictions = WorkDisplay.Run("clips", "clips", progress => Evaluation.Run(model, judged.Reader, judged.Samples, progress, (sample, why) => Fail(InputFailure.Of(sample.Clip.Label, why)), ct));
        var metrics = new ClassificationMetrics(info.Classes, predictions);
        int k = Math.Min(top ?? ClassificationMetrics.DefaultTop(info.Classes.Count), info.Classes.Count);
        if (json)
            WriteJson(path, metrics, k, failures);
        else
            WriteText(metrics, k);
        try
        {
            if (report is not null)
                WriteReport(report);
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            Fail(InputFailure.Of(report!, e));
        }
        return failures == 0 ? ExitCode.Success : ExitCode.SomeFailed;

        void WriteReport(string file) =>
            ReportPage.Write(file, new ReportContent
            {
                Title = $"Evaluation of {Path.GetFileName(path)}",
                Summary = $"{predictions.Count} {(set == "all" ? "" : set + " ")}clips in {data.Root}; {info.Model.Recipe}{(info.Epoch is { } epoch ? $", epoch {epoch}" : "")}",
                Metrics = metrics,
                Facts = [("Versions", [.. Machine.Describe().Select(v => (v.Name, v.Value))])],
            }, data, ct);

        void Fail(Finding line)
        {
            failures++;
            Report.Failures([line]);
        }
    }

    private static bool Spells(string one, string other) => string.Equals(ClassNames.Normalize(one), ClassNames.Normalize(other), StringComparison.OrdinalIgnoreCase);

    private static void WriteText(ClassificationMetrics metrics, int k)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"accuracy {metrics.Accuracy:0.000} ({metrics.Confusion.Correct} of {metrics.Confusion.Total}), top {k} {metrics.TopAccuracy(k):0.000}, loss {metrics.Loss:0.0000}"));
        int width = Math.Max("class".Length, metrics.Classes.Max(c => c.Name.Length));
        Console.WriteLine($"{"class".PadRight(width)}  precision  recall     f1  clips");
        foreach (ClassMetrics c in metrics.Classes)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{c.Name.PadRight(width)}  {c.Precision,9:0.000}  {c.Recall,6:0.000}  {c.F1,5:0.000}  {c.Clips,5}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"mean".PadRight(width)}  {metrics.MacroPrecision,9:0.000}  {metrics.MacroRecall,6:0.000}  {metrics.MacroF1,5:0.000}  {metrics.Confusion.Total,5}"));
        ConfusionDisplay.Write(metrics.Confusion);
        Report.Remarks(metrics.Undefined);
    }

    private static void WriteJson(string path, ClassificationMetrics metrics, int k, int failures)
    {
        IReadOnlyList<string> names = metrics.Confusion.Classes;
        int[] all = [.. Enumerable.Range(0, names.Count)];
        Console.WriteLine(JsonSerializer.Serialize(
            new
            {
                Weights = path,
                Classes = names,
                Clips = metrics.Confusion.Total,
                Failed = failures,
                metrics.Accuracy,
                Top = new { K = k, Accuracy = metrics.TopAccuracy(k) },
                metrics.Loss,
                Macro = new { Precision = metrics.MacroPrecision, Recall = metrics.MacroRecall, F1 = metrics.MacroF1 },
                PerClass = metrics.Classes.Select(c => new { c.Name, c.Clips, c.Answers, c.Correct, c.Precision, c.Recall, c.F1 }),
                Confusion = all.Select(truth => all.Select(answer => metrics.Confusion[truth, answer])),
                Predictions = metrics.Predictions.Select(p => new
                {
                    Clip = p.Clip.Label, Class = names[p.Truth], Answer = names[p.Answer], p.Loss, Probabilities = names.Zip(p.Probabilities).ToDictionary(c => c.First, c => c.Second),
                }),
            },
            Json));
    }
}
