using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Video;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm classify`: labels a video and draws the labels in.</summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        Argument<int> length = CommonOptions.SequenceLength();
        Argument<int> classes = CommonOptions.ClassLimit();
        var weights = new Argument<string>("weights") { Description = "A classifier that `vlstm train` wrote, e.g. lstm-features.bin, or a Keras model (.hdf5, .h5, .keras)" };
        var video = new Argument<string>("video") { Description = "The video to label" };
        var output = new Option<string>("--output") { Description = "The labelled video; the extension says the container", HelpName = "FILE", DefaultValueFactory = _ => "result.avi" };
        // Not the default of the other verbs: an untrained network is named in the checkpoint and can be made again.
        var inception = new Option<string?>("--inception") { Description = "InceptionV3's weights, the same as in training [default: imagenet, or the random ones that the classifier was trained with]", HelpName = "WEIGHTS" };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> data = CommonOptions.Data();
        var command = new Command("classify", "Labels a video window by window: prints the labels and draws them into result.avi.")
        {
            length, classes, weights, video, output, inception, data, threads,
        };
        var loader = new ClassifierLoader(command, sequences: false);
        command.WithExamples("vlstm classify 75 2 lstm-features.bin video.mp4", "vlstm classify 75 2 data/checkpoints/lstm-features.012-0.034.bin match.mkv --output match-labelled.mp4");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            return await RunAsync(
                parsed.GetValue(length), parsed.GetValue(classes), parsed.GetValue(weights)!, () => loader.Open(parsed, parsed.GetValue(weights)!, new DataFolder(parsed.GetValue(data)!), parsed.GetValue(length)), parsed.GetValue(video)!,
                parsed.GetValue(output)!, parsed.GetValue(inception), ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(int length, int classes, string weightsPath, Func<ClassifierFile> open, string video, string output, string? inception, CancellationToken ct)
    {
        if (Path.GetFullPath(video) == Path.GetFullPath(output))
            throw new InputException($"{output}: is the video itself; give another name with --output");
        LabelledVideo.FormatOf(output);
        // What takes long is begun at once: a short video should not wait for one thing after the other.
        Task probing = Task.Run(() => VideoProbe.Read(video, ct), ct);
        ClassifierFile classifier = open();
        CheckpointInfo info = classifier.Info;
        if (info.Sequences.Length != length)
            throw new InputException($"{weightsPath}: was trained with seq_length {info.Sequences.Length}, not {length}; give {info.Sequences.Length}, or another classifier");
        if (info.Classes.Count != classes)
            throw new InputException($"{weightsPath}: was trained on {info.Classes.Count} classes ({string.Join(", ", info.Classes)}), not {classes}; give {info.Classes.Count}, or another classifier");

        Task<Network> loading = Task.Run(classifier.Load, ct);
        await probing;
        InceptionWeights? network = await InceptionLoader.LoadForAsync(weightsPath, info, inception, ct);
        FeatureExtractor? extractor = network is null ? null : InceptionLoader.Extractor(network, info.Sequences.Height, info.Sequences.Width, info.Sequences.Precision);

        Network model = await loading;

        var clock = Stopwatch.StartNew();
        VideoClassification result = WorkDisplay.Run("labels", "frames", progress =>
            new VideoClassifier(model, info, extractor).Run(video, Print, progress, ct));
        double seconds = clock.Elapsed.TotalSeconds;

        string? silent = WorkDisplay.Run("video", "frames", progress => LabelledVideo.Write(
            video, output, result.Windows.Select(w => new FrameLabel(w.FirstFrame, w.EndFrame, w.StartSeconds, w.EndSeconds, w.Lines)),
            result.Timing, done => progress.Report(new WorkProgress(done, result.Timing.Frames)), ct));
        if (silent is not null)
            Report.Remarks([silent]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Timing.Frames} frames in {result.Windows.Count} windows, {result.Timing.Frames / seconds:0.0} frames/s; the labelled video is {output}"));
        if (result.Damage is null)
            return ExitCode.Success;
        Report.Failures([$"{video}: damaged ({result.Damage}); the {result.Timing.Frames} frames that could be decoded are labelled"]);
        return ExitCode.SomeFailed;
    }

    private static void Print(VideoWindow window) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{window.StartSeconds,9:0.00} {window.EndSeconds,9:0.00}  {string.Join("  ", window.Lines)}"));
}
