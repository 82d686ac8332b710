using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Samples;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm extract-features`: from clips to sequences of InceptionV3 features.</summary>
internal static class ExtractFeaturesCommand
{
    public static Command Create(DeviceOption device)
    {
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("extract-features",
            "Runs frames of every clip through InceptionV3: data/sequences/<name>-<seq_length>-features.npy, float32 [seq_length, 2048]; " +
            "with --sampling sliding, *-windows.npy, float32 [windows, seq_length, 2048].");
        var sequences = new SequenceOptions(command, sizeIsOptional: true);
        Option<int> copies = AugmentedCopies.Option();
        command.Add(copies);
        var augmentation = new AugmentationOptions();
        augmentation.AddTo(command);
        command.Add(data);
        command.Add(work);
        command.Add(threads);
        var shard = new ShardOption();
        shard.AddTo(command);
        var only = new Option<string?>("--only") { Description = "These clips alone: lines train/<Class>/<name> or test/<Class>/<name>, " +
            "as `vlstm status --failed` writes them", HelpName = "FILE" };
        command.Add(only);
        device.AddTo(command);
        command.WithExamples(
            "vlstm extract-features 75 2",
            "vlstm extract-features 75 2 720 1280 --inception inception_v3.h5",
            "vlstm extract-features 75 2 --augmented-copies 3 --flip --rotate 8",
            "vlstm extract-features 20 5 224 224 --crop center --sampling head --pad            # as Keras' CNN-RNN example",
            "vlstm extract-features 20 2 --sampling sliding --sequence-time 2 --sequence-step 1   # 20 frames of every 2 seconds",
            "vlstm extract-features 75 2 --shard auto                                            # in an array job of Slurm");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            DataFolder folder = CommonOptions.Folder(parsed, data, work);
            var clock = Stopwatch.StartNew();
            SequenceRequest request = AugmentedCopies.Read(parsed, copies, augmentation, sequences.Read(parsed));
            if (parsed.GetValue(only) is { } list)
                request = request with { Only = FailedList.Read(list) };
            Shard? part = shard.Read(parsed);
            using ShardWork? shardWork = ShardWork.Begin(folder, SequencePreparation.Verb, part);
            SequencePreparation done = await SequencePreparation.RunAsync(
                folder, request, device.Open(parsed), shardWork, new JobReport(), ct);

            SequenceExtractionResult result = done.Result;
            string rate = result.Frames > 0 ? string.Create(CultureInfo.InvariantCulture,
                $" ({result.Frames} frames, {result.Frames / clock.Elapsed.TotalSeconds:0.0} frames/s)") : "";
            string windows = done.Store.Spec.Sampling == FrameSampling.Sliding
                ? $"; {done.Store.Samples(result.Usable, done.Classes).Count} windows of {result.Usable.Count} clips" : "";
            Console.WriteLine($"{ShardOption.Prefix(part)}{result.Extracted} sequences taken{rate}, " +
                $"{result.Usable.Count - result.Extracted} were done, {result.Failures.Count} failed; they are in {folder.Sequences}{windows}");
            if (result.Rates is { } rates && result.Frames > 0)
                Console.WriteLine(Limit(rates));
            return result.Failures.Count == 0 ? ExitCode.Success : result.Usable.Count > 0 ? ExitCode.SomeFailed : ExitCode.Unusable;
        });
        return command;
    }

    /// <summary>One line that says which part was the slowest, and how fast each is, frames/s.</summary>
    internal static string Limit(ExtractionRates rates)
    {
        List<(string Name, double Rate, string By)> parts =
        [
            ("network", rates.Extractor.Network, ""),
            ("decoding", rates.Decoding, $" by {rates.Decoders} {(rates.Decoders == 1 ? "decoder" : "decoders")}"),
        ];
        if (rates.Extractor.Copying is { } copying)
            parts.Add(("copying to the card", copying, ""));
        parts.Sort((a, b) => a.Rate.CompareTo(b.Rate));
        string Text((string Name, double Rate, string By) part, string unit) =>
            string.Create(CultureInfo.InvariantCulture, $"{part.Rate:0.#}{unit}{part.By}");
        return $"limit: {parts[0].Name} ({Text(parts[0], " frames/s")}; " +
            $"{string.Join(", ", parts.Skip(1).Select(part => $"{part.Name} {Text(part, "")}"))})";
    }
}
