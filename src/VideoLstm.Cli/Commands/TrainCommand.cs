using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm train`: from sequences to a classifier.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var defaults = new TrainingOptions();
        Argument<int> length = CommonOptions.SequenceLength();
        Argument<int> classes = CommonOptions.ClassLimit();
        Argument<int> height = CommonOptions.Side("height", optional: false);
        Argument<int> width = CommonOptions.Side("width", optional: false);
        Option<int> epochs = CommonOptions.Above(new Option<int>("--epochs") { Description = "At most so many epochs", HelpName = "N", DefaultValueFactory = _ => defaults.Epochs }, 1);
        Option<int> batch = CommonOptions.Above(new Option<int>("--batch-size") { Description = "Clips in a step", HelpName = "N", DefaultValueFactory = _ => defaults.BatchSize }, 1);
        Option<double> rate = CommonOptions.Above(new Option<double>("--learning-rate") { Description = "Adam's learning rate", HelpName = "RATE", DefaultValueFactory = _ => defaults.LearningRate }, 1e-12);
        Option<int> patience = CommonOptions.Above(new Option<int>("--patience") { Description = "Stop after so many epochs without a lower validation loss", HelpName = "N", DefaultValueFactory = _ => defaults.Patience }, 1);
        Option<int> seed = CommonOptions.Above(new Option<int>("--seed") { Description = "Where the random numbers start; equal seeds give equal runs", HelpName = "N", DefaultValueFactory = _ => defaults.Seed }, 0);
        Option<FrameSampling> sampling = CommonOptions.Sampling();
        Option<string> crop = CommonOptions.Crop();
        Option<string> inception = CommonOptions.Inception();
        Option<Precision> precision = CommonOptions.Precision();
        Option<string> data = CommonOptions.Data();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("train", "Extracts what features are missing, trains the LSTM on the train clips and judges it by the test clips: data/checkpoints/lstm-features.<epoch>-<val_loss>.bin.")
        {
            length, classes, height, width, epochs, batch, rate, patience, seed, sampling, crop, inception, precision, data, threads,
        };
        command.WithExamples("vlstm train 75 2 720 1280", "vlstm train 20 2 299 299 --learning-rate 1e-4 --patience 10 --seed 1");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var folder = new DataFolder(parsed.GetValue(data)!);
            var options = new TrainingOptions
            {
                Epochs = parsed.GetValue(epochs),
                BatchSize = parsed.GetValue(batch),
                LearningRate = parsed.GetValue(rate),
                Patience = parsed.GetValue(patience),
                Seed = parsed.GetValue(seed),
            };
            SequencePreparation prepared = await SequencePreparation.RunAsync(
                folder, parsed.GetValue(length), parsed.GetValue(classes), parsed.GetValue(height), parsed.GetValue(width),
                parsed.GetValue(sampling), CommonOptions.ToFit(parsed.GetValue(crop)!), parsed.GetValue(inception)!, parsed.GetValue(precision), ct);
            Train(folder, prepared, options, parsed.GetValue(inception)!, ct);
            return prepared.Result.Failures.Count == 0 ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }

    private static void Train(DataFolder data, SequencePreparation prepared, TrainingOptions options, string inception, CancellationToken ct)
    {
        IReadOnlyList<Clip> clips = prepared.Result.Usable;
        var trainer = new Trainer(data, prepared.Store, prepared.Classes, clips, options);
        Console.WriteLine($"training on {clips.Count(c => c.Set == ClipSet.Train)} clips, judged by {clips.Count(c => c.Set == ClipSet.Test)}; classes {string.Join(", ", prepared.Classes)}");
        Console.WriteLine(" epoch     loss    acc  val_loss  val_acc  seconds");

        var clock = Stopwatch.StartNew();
        TrainingResult result = WorkDisplay.Run("epochs", "epochs", progress =>
        {
            int epochs = 0;
            return trainer.Run(prepared.Weights, (epoch, checkpoint) =>
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{epoch.Epoch,6}  {epoch.Loss,7:0.0000}  {epoch.Accuracy,5:0.000}  {epoch.ValidationLoss,8:0.0000}  {epoch.ValidationAccuracy,7:0.000}  {clock.Elapsed.TotalSeconds,7:0.0}{(checkpoint is null ? "" : "  saved")}"));
                clock.Restart();
                progress.Report(new Core.WorkProgress(++epochs, options.Epochs));
            }, ct: ct);
        });

        Console.WriteLine();
        Console.WriteLine(result.StoppedEarly
            ? $"stopped after epoch {result.Epochs}: no better one in {options.Patience} epochs"
            : $"stopped after epoch {result.Epochs}, as told by --epochs");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"best epoch {result.Best.Epoch}: validation loss {result.Best.ValidationLoss:0.0000}; test accuracy {result.Confusion.Accuracy:0.000} ({result.Confusion.Correct} of {result.Confusion.Total})"));
        Console.WriteLine($"epochs are logged in {result.Log}");
        WriteConfusion(result.Confusion);
        Console.WriteLine("label a video with:");
        Console.WriteLine(string.Join(' ', ClassifyLine(data, prepared, inception, result.Checkpoint)));
    }

    private static IEnumerable<string> ClassifyLine(DataFolder data, SequencePreparation prepared, string inception, string checkpoint) =>
    [
        "vlstm classify", prepared.Store.Spec.Length.ToString(CultureInfo.InvariantCulture), prepared.Classes.Count.ToString(CultureInfo.InvariantCulture),
        ShellQuote(checkpoint), "VIDEO", .. inception == InceptionLoader.ImageNet ? Array.Empty<string>() : ["--inception", ShellQuote(inception)],
    ];

    private static string ShellQuote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:\\".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void WriteConfusion(ConfusionTable confusion)
    {
        var table = new Table().Border(TableBorder.Ascii).AddColumn("test clips of");
        foreach (string name in confusion.Classes)
            table.AddColumn(new TableColumn("as " + Markup.Escape(name)).RightAligned());
        for (int truth = 0; truth < confusion.Classes.Count; truth++)
            table.AddRow([Markup.Escape(confusion.Classes[truth]), .. Enumerable.Range(0, confusion.Classes.Count).Select(answer => confusion[truth, answer].ToString(CultureInfo.InvariantCulture))]);
        AnsiConsole.Write(table);
    }
}
