using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm classify`: labels videos, and writes what people do with the labels.</summary>
internal static class ClassifyCommand
{
    private const int ShownClasses = 5;

    private const string Xvid = "xvid", H264 = "h264";

    /// <summary>What the user asked for.</summary>
    private sealed record Request
    {
        public required int Length { get; init; }
        public required int Classes { get; init; }
        public required string Weights { get; init; }
        public required Func<ClassifierFile> Open { get; init; }
        public required string[] Videos { get; init; }
        public required string? Inception { get; init; }
        public required LabellingOptions Labelling { get; init; }
        public required ClassifyOutputs Outputs { get; init; }
        public required string[] Skip { get; init; }
        public required LabelStyle Style { get; init; }
        public required bool RequireH264 { get; init; }
        public required bool Json { get; init; }
        public required bool SkipExisting { get; init; }

        /// <summary>Whether windows are labelled one by one, so that each can be shown as soon as it is judged.</summary>
        public bool IsPlain => Labelling is { Stride: null, Smoothing: Smoothing.None, MinimumSeconds: 0, Threshold: 0 };
    }

    public static Command Create()
    {
        Argument<int> length = CommonOptions.SequenceLength();
        Argument<int> classes = CommonOptions.ClassLimit();
        var weights = new Argument<string>("weights") { Description = "A classifier that `vlstm train` wrote, e.g. lstm-features.bin, or a Keras model (.hdf5, .h5, .keras)" };
        var videos = new Argument<string[]>("video")
        {
            Description = "What to label: videos, folders, patterns such as 'recordings/**/*.ts'; or something live: - (standard input), rtsp://, rtmp://, srt://, udp://, rtp://, http(s)://, /dev/video0, dshow:video=NAME, avfoundation:0",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--output") { Description = "The labelled video; the extension says the container; {name} and {folder} stand for those of the video [default: result.avi, of several videos {name}-result.avi]", HelpName = "FILE" };
        // Not the default of the other verbs: an untrained network is named in the checkpoint and can be made again.
        var inception = new Option<string?>("--inception") { Description = "InceptionV3's weights, the same as in training [default: imagenet, or the random ones that the classifier was trained with]", HelpName = "WEIGHTS" };
        Option<long?> stride = CommonOptions.Between(new Option<long?>("--stride") { Description = "Frames from the start of a window to that of the next [default: a window's length, as the article does]", HelpName = "FRAMES" }, 1, int.MaxValue);
        var smooth = new Option<Smoothing>("--smooth") { Description = "How labels are made steady: not at all, by the mean over two windows' length, or as the likeliest sequence of classes", HelpName = "none|mean|viterbi" };
        Option<double> penalty = CommonOptions.Between(new Option<double>("--switch-penalty") { Description = "For viterbi: the price of a change of class, as the logarithm of a probability", HelpName = "PRICE", DefaultValueFactory = _ => new LabellingOptions().SwitchPenalty }, 0, 1e6);
        Option<double> minimum = CommonOptions.Between(new Option<double>("--min-segment") { Description = "Shorter segments are given to a neighbour", HelpName = "SECONDS" }, 0, 1e9);
        Option<double> threshold = CommonOptions.Between(new Option<double>("--threshold") { Description = $"What no class fits with at least this probability is `{Segment.Unknown}`", HelpName = "P" }, 0, 1);
        var timeline = new Option<string[]>("--timeline") { Description = $"Writes the segments; the extension says the format; may be given several times: {TimelineFile.Extensions}", HelpName = "FILE" };
        var skip = new Option<string[]>("--skip") { Description = "For timelines that list what to leave out (.edl, .txt): a class to leave out; may be given several times", HelpName = "CLASS" };
        var report = new Option<string?>("--report") { Description = "Writes a page for the browser: the video above its timeline, the probabilities over time, a table of the segments with pictures", HelpName = "FILE.html" };
        var noVideo = new Option<bool>("--no-video") { Description = "Writes no labelled video" };
        var format = new Option<string?>("--format") { Description = "What the labelled video is coded in: xvid (.avi), or h264, which browsers play (result.mp4) [default: by the extension of --output]", HelpName = "xvid|h264" };
        format.AcceptOnlyFromAmong(Xvid, H264);
        var style = new Option<string?>("--label-style") { Description = $"How the labels look: {LabelStyle.Words}", HelpName = "STYLE" };
        var allowHosts = new Option<string[]?>("--allow-hosts")
        {
            Description = "For a live http(s) address: the hosts that its redirects and playlists may lead to, besides its own [default: all but this machine and private networks]",
            HelpName = "HOST,...",
            AllowMultipleArgumentsPerToken = false,
        };
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON a video, and of something live one a window" };
        var skipExisting = new Option<bool>("--skip-existing") { Description = "Leaves videos out of which everything is there already" };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> data = CommonOptions.Data();
        var command = new Command("classify", "Labels videos: prints the labels, draws them into result.avi, writes them for players and editors.")
        {
            length, classes, weights, videos, output, timeline, skip, report, stride, smooth, penalty, minimum, threshold, noVideo, format, style, json, skipExisting, allowHosts, inception, data, threads,
        };
        var loader = new ClassifierLoader(command, sequences: false);
        command.WithExamples(
            "vlstm classify 75 2 lstm-features.bin video.mp4",
            "vlstm classify 75 2 lstm-features.bin match.mkv --stride 10 --smooth viterbi --min-segment 5 --timeline match.srt --timeline match.json",
            "vlstm classify 75 2 lstm-features.bin match.mp4 --no-video --report match.html",
            "vlstm classify 75 2 lstm-features.bin recordings --no-video --timeline '{folder}/{name}.edl' --skip Commercial --skip-existing",
            "vlstm classify 75 2 lstm-features.bin rtsp://camera.local/stream --stride 25");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            string[] named = parsed.GetValue(videos)!;
            string[]? hosts = parsed.GetResult(allowHosts) is null ? null : Hosts(parsed.GetValue(allowHosts)!);
            LiveSource? live = named.Select(name => LiveSource.Parse(name, hosts)).FirstOrDefault(s => s is not null);
            if (live is null && hosts is not null)
                throw new InputException("--allow-hosts: is for live http:// and https:// addresses; leave it out");
            if (live is not null && named.Length > 1)
                throw new InputException($"{live.Name}: what happens live is labelled alone; leave the other videos out");
            if (live is not null && ((Option[])[output, timeline, skip, report, format, style, skipExisting, smooth, minimum]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
                throw new InputException($"{live.Name}: labels of what happens live are printed as they come; leave {option.Name} out");

            // Before the files are looked for: a name or word that cannot be is said at once.
            ClassifyOutputs outputs = Outputs(parsed.GetValue(output), parsed.GetValue(format), parsed.GetValue(noVideo), parsed.GetValue(timeline)!, parsed.GetValue(skip)!, parsed.GetValue(report), named);
            var request = new Request
            {
                Length = parsed.GetValue(length),
                Classes = parsed.GetValue(classes),
                Weights = parsed.GetValue(weights)!,
                Open = () => loader.Open(parsed, parsed.GetValue(weights)!, new DataFolder(parsed.GetValue(data)!), parsed.GetValue(length)),
                Videos = named,
                Inception = parsed.GetValue(inception),
                Labelling = new LabellingOptions
                {
                    Stride = parsed.GetValue(stride),
                    Smoothing = parsed.GetValue(smooth),
                    SwitchPenalty = parsed.GetValue(penalty),
                    MinimumSeconds = parsed.GetValue(minimum),
                    Threshold = parsed.GetValue(threshold),
                },
                Outputs = outputs,
                Skip = parsed.GetValue(skip)!,
                Style = LabelStyle.Parse(parsed.GetValue(style) ?? ""),
                RequireH264 = parsed.GetValue(format) == H264,
                Json = parsed.GetValue(json),
                SkipExisting = parsed.GetValue(skipExisting),
            };
            return live is null ? await RunAsync(request, ct) : await RunLiveAsync(request, live, ct);
        });
        return command;
    }

    private static string[] Hosts(IEnumerable<string> given) =>
    [
        .. given.SelectMany(g => g.Split(',')).Select(host => LiveSource.HostOf(host)
            ?? throw new InputException($"--allow-hosts {host}: expected a host without scheme, port and path, e.g. cdn.example.org or 192.168.1.20")),
    ];

    private static ClassifyOutputs Outputs(string? output, string? format, bool noVideo, string[] timelines, string[] skip, string? report, string[] videos)
    {
        if (noVideo && (output ?? format) is not null)
            throw new InputException($"--no-video: contradicts {(output is null ? "--format" : "--output")}; leave one of them out");
        bool isSingle = videos is [var one] && !Directory.Exists(one) && (File.Exists(one) || !one.Contains('*', StringComparison.Ordinal));
        output ??= (isSingle ? "result" : "{name}-result") + (format == H264 ? ".mp4" : ".avi");
        if (!noVideo && LabelledVideo.ContainerOf(output) != Container.Avi && format == Xvid)
            throw new InputException($"{output}: --format xvid goes into .avi; give such a name with --output");
        if (format == H264)
            LabelledVideo.RequireH264(output);
        foreach (string timeline in timelines)
            TimelineFile.Check(timeline, skip);
        if (report is not null && Path.GetExtension(report).ToLowerInvariant() is not (".html" or ".htm"))
            throw new InputException($"{report}: expected the name of a page, which ends with .html");
        return new ClassifyOutputs(noVideo ? null : output, timelines, report);
    }

    private static async Task<int> RunAsync(Request request, CancellationToken ct)
    {
        var unreadable = new List<Finding>();
        IReadOnlyList<(string Video, ClassifyOutputs Outputs)> videos = request.Outputs.Assign(VideoInputs.Find(request.Videos, unreadable));
        bool isSingle = videos.Count == 1;
        int done = 0;
        if (request.SkipExisting)
        {
            if (!request.Outputs.All.Any())
                throw new InputException("--skip-existing: nothing is written by which a video could be known as done; give --timeline, or leave --no-video out");
            (string, ClassifyOutputs)[] left = [.. videos.Where(v => !v.Outputs.All.All(File.Exists))];
            done = videos.Count - left.Length;
            videos = left;
            if (left.Length == 0)
            {
                Report.Remarks([$"{done} {(done == 1 ? "video was" : "videos were")} done already"]);
                return ExitCode.Success;
            }
        }

        // What takes long is begun at once: a short video should not wait for one thing after the other.
        Task probing = isSingle ? Task.Run(() => VideoProbe.Read(videos[0].Video, ct), ct) : Task.CompletedTask;
        (Network model, CheckpointInfo info, FeatureExtractor? extractor) = await LoadAsync(request, probing, ct);
        var classifier = new VideoClassifier(model, info, extractor);
        int labelled = 0, failed = unreadable.Count;
        Report.Failures(unreadable);
        for (int i = 0; i < videos.Count; i++)
        {
            (string video, ClassifyOutputs outputs) = videos[i];
            try
            {
                if (!isSingle && !request.Json)
                    Console.WriteLine($"== {video}");
                // What cannot be written is said before the work.
                foreach (string output in outputs.All)
                    PartialFile.Check(output);
                if (Label(request, classifier, video, outputs, isSingle ? "" : $" {i + 1} of {videos.Count}", ct) is { } damage)
                    Fail(damage);
                labelled++;
            }
            catch (LeftOutException e)
            {
                Report.Remarks([e.Finding]);
            }
            catch (InputException e) when (!isSingle)
            {
                if (request.Json)
                    PrintJson(new { video, error = Remedies.Line(e.Finding) });
                Fail(e.Finding);
            }
        }
        if (!isSingle && !request.Json)
            Console.WriteLine($"{labelled} videos labelled, {done} were done, {failed} failed");
        return failed == 0 ? ExitCode.Success : labelled + done > 0 ? ExitCode.SomeFailed : ExitCode.Unusable;

        void Fail(Finding line)
        {
            failed++;
            Report.Failures([line]);
        }
    }

    private static async Task<(Network Model, CheckpointInfo Info, FeatureExtractor? Extractor)> LoadAsync(Request request, Task probing, CancellationToken ct)
    {
        ClassifierFile classifier = request.Open();
        CheckpointInfo info = classifier.Info;
        if (info.Sequences.Length != request.Length)
            throw new InputException($"{request.Weights}: was trained with seq_length {info.Sequences.Length}, not {request.Length}; give {info.Sequences.Length}, or another classifier");
        if (info.Classes.Count != request.Classes)
            throw new InputException($"{request.Weights}: was trained on {info.Classes.Count} classes ({string.Join(", ", info.Classes)}), not {request.Classes}; give {info.Classes.Count}, or another classifier");
        if (request.Skip.FirstOrDefault(c => !info.Classes.Contains(c, StringComparer.Ordinal)) is { } stranger)
            throw new InputException($"--skip {stranger}: is no class of {request.Weights}, which knows {string.Join(", ", info.Classes)}");

        Task<Network> loading = Task.Run(classifier.Load, ct);
        await probing;
        InceptionWeights? network = await InceptionLoader.LoadForAsync(request.Weights, info, request.Inception, ct);
        FeatureExtractor? extractor = network is null ? null : InceptionLoader.Extractor(network, info.Sequences.Height, info.Sequences.Width, info.Sequences.Precision);
        return (await loading, info, extractor);
    }

    /// <summary>Labels a video.</summary>
    /// <returns>One line if it is more damaged than it may be, else null.</returns>
    private static string? Label(Request request, VideoClassifier classifier, string video, ClassifyOutputs outputs, string place, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        if (VideoProbe.Read(video, ct).Remark is { } several)
            Report.Remarks([several]);
        Action<ProbabilityStep>? show = null;
        IReadOnlyList<string> classes = classifier.Classes;
        if (request.IsPlain && !request.Json)
            show = step => Print(step.Start, step.End, Lines(classes, step.Probabilities, null).Text);
        VideoClassification result = WorkDisplay.Run("labels" + place, "frames", progress => classifier.Run(video, request.Labelling, show, progress, ct));
        double seconds = clock.Elapsed.TotalSeconds;
        if (result.Damage is not null && VideoDamage.Policy == DamagePolicy.Skip)
            result.Damage.Accept();

        foreach (string timeline in outputs.Timelines)
            TimelineFile.Write(timeline, result.Timeline, request.Skip);
        if (outputs.Video is { } output)
        {
            string? silent = WorkDisplay.Run("video" + place, "frames", progress => LabelledVideo.Write(
                video, output, LabelsOf(result), result.Timing, request.Style, frames => progress.Report(new WorkProgress(frames, result.Timing.Frames)), ct));
            if (silent is not null)
                Report.Remarks([silent]);
        }

        // Of the two, browsers rather play what was made for them.
        if (outputs.Report is { } page)
            TimelinePage.Write(page, video, result.Classes, result.Timeline, result.Steps, request.RequireH264 ? outputs.Video : null, ct);

        if (request.Json)
        {
            PrintJson(new
            {
                video,
                fps = result.Timeline.Fps,
                frames = result.Timeline.Frames,
                segments = result.Timeline.Segments.Select(s => new { start = Math.Round(s.Start, 6), end = Math.Round(s.End, 6), @class = s.Class, probability = s.Probability }),
                damage = result.Damage?.ToString(),
            });
        }
        else
        {
            if (!request.IsPlain)
            {
                foreach (Segment segment in result.Timeline.Segments)
                    Print(segment.Start, segment.End, [string.Create(CultureInfo.InvariantCulture, $"{segment.Class}: {segment.Probability:0.00}")]);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Timing.Frames} frames in {result.Windows} windows, {result.Timeline.Segments.Count} segments, {result.Timing.Frames / seconds:0.0} frames/s{(outputs.Video is null ? "" : $"; the labelled video is {outputs.Video}")}"));
        }
        if (result.Damage is not { } damage)
            return null;
        string line = $"{video}: {damage}; the {result.Timing.Frames} frames that can be decoded are labelled";
        if (!damage.IsAcceptable)
            return VideoDamage.Policy == DamagePolicy.Fail ? line : line + " (--damaged keep takes them without complaint)";
        Report.Remarks([line]);
        return null;
    }

    private static async Task<int> RunLiveAsync(Request request, LiveSource source, CancellationToken ct)
    {
        (Network model, CheckpointInfo info, FeatureExtractor? extractor) = await LoadAsync(request, Task.CompletedTask, ct);
        long window = Math.Max(info.ClipFrames, info.Sequences.Length);
        if (source.Remark is { } remark)
            Report.Remarks([remark]);
        Report.Remarks([$"{source.Name}: a label every {request.Labelling.Stride ?? window} frames, of the last {window}; behind it, how long after the last of them it came. Ctrl-C ends"]);
        try
        {
            new LiveClassifier(model, info, extractor).Run(source, request.Labelling.Stride, Show, remark => Report.Remarks([remark]), ct);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // That is how it ends.
            return ExitCode.Interrupted;
        }
        catch (HostRefusedException e)
        {
            throw new InputException($"{e.Message}; if that is meant, add it with --allow-hosts {e.Host}", e);
        }

        void Show(LiveLabel label)
        {
            (string best, float probability) = info.Classes.Zip(label.Probabilities).MaxBy(c => c.Second);
            if (probability < request.Labelling.Threshold)
                best = Segment.Unknown;
            if (request.Json)
            {
                PrintJson(new
                {
                    start = label.Start,
                    end = label.End,
                    start_seconds = Math.Round(label.StartSeconds, 6),
                    end_seconds = Math.Round(label.EndSeconds, 6),
                    @class = best,
                    probability,
                    probabilities = info.Classes.Zip(label.Probabilities).ToDictionary(c => c.First, c => c.Second),
                    delay = Math.Round(label.Delay.TotalSeconds, 3),
                });
                return;
            }
            string when = source.IsStandardInput
                ? string.Create(CultureInfo.InvariantCulture, $"{label.StartSeconds,9:0.00} {label.EndSeconds,9:0.00}")
                : string.Create(CultureInfo.InvariantCulture, $"{label.Start:yyyy-MM-dd HH:mm:ss} {label.End:HH:mm:ss}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{when}  {string.Join("  ", Lines(info.Classes, label.Probabilities, best).Text)}  +{label.Delay.TotalSeconds:0.00} s"));
        }
    }

    /// <summary>What is drawn into the frames.</summary>
    private static IEnumerable<FrameLabel> LabelsOf(VideoClassification result) => result.Steps.Zip(result.Labels, (step, label) =>
    {
        (string[] text, double?[] bars) = Lines(result.Classes, step.Probabilities, label);
        return new FrameLabel(step.FirstFrame, step.EndFrame, step.Start, step.End, text) { Bars = bars };
    });

    /// <summary>The likeliest classes with their probabilities, best first; before them the label, where it is another.</summary>
    private static (string[] Text, double?[] Bars) Lines(IReadOnlyList<string> classes, IReadOnlyList<float> probabilities, string? label)
    {
        (string Class, float Probability)[] ranking = [.. classes.Zip(probabilities).OrderByDescending(r => r.Second).Take(ShownClasses)];
        IEnumerable<(string Text, double? Bar)> lines = ranking.Select(r => (string.Create(CultureInfo.InvariantCulture, $"{r.Class}: {r.Probability:0.00}"), (double?)r.Probability));
        if (label is not null && label != ranking[0].Class)
            lines = lines.Prepend((label, null));
        return ([.. lines.Select(l => l.Text)], [.. lines.Select(l => l.Bar)]);
    }

    private static void Print(double start, double end, IEnumerable<string> lines) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{start,9:0.00} {end,9:0.00}  {string.Join("  ", lines)}"));

    private static void PrintJson<T>(T line) => Console.WriteLine(JsonSerializer.Serialize(line, JsonLines));

    private static readonly JsonSerializerOptions JsonLines = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
