using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm extract-features`: from clips to sequences of InceptionV3 features.</summary>
internal static class ExtractFeaturesCommand
{
    public static Command Create()
    {
        Argument<int> length = CommonOptions.SequenceLength();
        Argument<int> classes = CommonOptions.ClassLimit();
        Argument<int> height = CommonOptions.Side("height", optional: true);
        Argument<int> width = CommonOptions.Side("width", optional: true);
        Option<FrameSampling> sampling = CommonOptions.Sampling();
        Option<string> crop = CommonOptions.Crop();
        Option<string> inception = CommonOptions.Inception();
        Option<Precision> precision = CommonOptions.Precision();
        Option<string> data = CommonOptions.Data();
        Option<int?> threads = CommonOptions.Threads();
        Option<int> copies = AugmentedCopies.Option();
        var augmentation = new AugmentationOptions();
        var command = new Command("extract-features", "Runs frames of every clip through InceptionV3: data/sequences/<name>-<seq_length>-features.npy, float32 [seq_length, 2048].")
        {
            length, classes, height, width, sampling, crop, inception, precision, data, threads, copies,
        };
        augmentation.AddTo(command);
        command.WithExamples("vlstm extract-features 75 2", "vlstm extract-features 75 2 720 1280 --inception inception_v3.h5", "vlstm extract-features 75 2 --augmented-copies 3 --flip --rotate 8");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            var folder = new DataFolder(parsed.GetValue(data)!);
            var clock = Stopwatch.StartNew();
            SequencePreparation done = await SequencePreparation.RunAsync(
                folder, parsed.GetValue(length), parsed.GetValue(classes), parsed.GetValue(height), parsed.GetValue(width),
                parsed.GetValue(sampling), CommonOptions.ToFit(parsed.GetValue(crop)!), parsed.GetValue(inception)!, parsed.GetValue(precision),
                AugmentedCopies.Read(parsed, copies, augmentation), ct);

            SequenceExtractionResult result = done.Result;
            string rate = result.Frames > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({result.Frames} frames, {result.Frames / clock.Elapsed.TotalSeconds:0.0} frames/s)") : "";
            Console.WriteLine($"{result.Extracted} sequences taken{rate}, {result.Usable.Count - result.Extracted} were done, {result.Failures.Count} failed; they are in {folder.Sequences}");
            return result.Failures.Count == 0 ? ExitCode.Success : result.Usable.Count > 0 ? ExitCode.SomeFailed : ExitCode.Unusable;
        });
        return command;
    }
}
