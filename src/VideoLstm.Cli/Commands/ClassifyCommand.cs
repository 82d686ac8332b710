using System.CommandLine;
using VideoLstm.Core;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Jobs;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm classify`: labels videos, and writes what people do with the labels.</summary>
internal static class ClassifyCommand
{
    private const string Xvid = "xvid", H264 = "h264", Cuts = "cuts", Black = "black", Silence = "silence", NoSnap = "none";

    public static Command Create(DeviceOption device)
    {
        var arguments = new ClassifyArguments();
        Option<string?> with = CommonOptions.SecondClassifier();
        var output = new Option<string?>("--output") { Description = "The labelled video; the extension says the container; {name} and " +
            "{folder} stand for those of the video [default: result.avi, of several videos {name}-result.avi]", HelpName = "FILE" };
        Option<long?> stride = CommonOptions.Between(new Option<long?>("--stride") { Description = "Frames from the start of a window to " +
            "that of the next [default: a window's length, as the article does]", HelpName = "FRAMES" }, 1, int.MaxValue);
        var smooth = new Option<Smoothing>("--smooth") { Description = "How labels are made steady: not at all, by the mean over two " +
            "windows' length, or as the likeliest sequence of classes", HelpName = "none|mean|viterbi" };
        Option<double> penalty = CommonOptions.Between(new Option<double>("--switch-penalty") { Description = "For viterbi: the price of " +
            "a change of class, as the logarithm of a probability", HelpName = "PRICE", DefaultValueFactory = _ =>
            new LabellingOptions().SwitchPenalty }, 0, 1e6);
        Option<double> minimum = CommonOptions.Between(new Option<double>("--min-segment") { Description =
            "Shorter segments are given to a neighbour", HelpName = "SECONDS" }, 0, 1e9);
        Option<double> threshold = CommonOptions.Between(new Option<double>("--threshold") { Description =
            $"What no class fits with at least this probability is `{Segment.Unknown}`", HelpName = "P" }, 0, 1);
        var unknown = new Option<bool>("--unknown") { Description = $"What is like nothing that the classifier learnt is " +
            $"`{Segment.Unknown}`, however likely a class is: it lies farther from the training clips than validation clips do" };
        var snap = new Option<string[]>("--snap") { Description = "Where borders between labels fall; several, with commas between: on " +
            "cuts, and windows stay within shots; rather on black pictures, or on silences, as blocks of commercials have them around; " +
            "or wherever windows begin, as in the article", HelpName = "cuts|black|silence|none,...", DefaultValueFactory = _ => [Cuts] };
        var timeline = new Option<string[]>("--timeline") { Description = $"Writes the segments; the extension says the format; may be " +
            $"given several times: {TimelineFile.Extensions}", HelpName = "FILE" };
        var skip = new Option<string[]>("--skip") { Description = "For timelines that list what to leave out (.edl, .txt): a class to " +
            "leave out; may be given several times", HelpName = "CLASS" };
        var report = new Option<string?>("--report") { Description = "Writes a page for the browser: the video above its timeline, the " +
            "probabilities over time, a table of the segments with pictures", HelpName = "FILE.html" };
        var gif = new Option<string?>("--gif") { Description = "Writes a small moving picture: frames spread over the video, each under " +
            "its label", HelpName = "FILE.gif" };
        var noVideo = new Option<bool>("--no-video") { Description = "Writes no labelled video" };
        var format = new Option<string?>("--format") { Description = "What the labelled video is coded in: xvid (.avi), or h264, which " +
            "browsers play (result.mp4) [default: by the extension of --output]", HelpName = "xvid|h264" };
        format.AcceptOnlyFromAmong(Xvid, H264);
        var style = new Option<string?>("--label-style") { Description = $"How the labels look: {LabelStyle.Words}", HelpName = "STYLE" };
        var allowHosts = new Option<string[]?>("--allow-hosts")
        {
            Description = "For a live http(s) address: the hosts that its redirects and playlists may lead to, besides its own [default: " +
                "all but this machine and private networks]",
            HelpName = "HOST,...",
            AllowMultipleArgumentsPerToken = false,
        };
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON a video, and of something live one a window" };
        var skipExisting = new Option<bool>("--skip-existing") { Description = "Leaves videos out of which everything is there already" };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> data = CommonOptions.Data();
        var command = new Command("classify",
            "Labels videos: prints the labels, draws them into result.avi, writes them for players and editors.")
        {
            with, output, timeline, skip, report, gif, stride, snap, smooth, penalty, minimum, threshold,
                unknown, noVideo, format, style, json, skipExisting, allowHosts, data, threads,
        };
        arguments.AddTo(command);
        var extractor = new ExtractorOptions(command, chooses: false);
        var loader = new ClassifierLoader(command, sequences: false);
        var shard = new ShardOption();
        shard.AddTo(command);
        device.AddTo(command);
        command.WithExamples(
            "vlstm classify 75 2 lstm-features.bin video.mp4",
            "vlstm classify 75 best match.mp4                          # the number of classes is the classifier's own",
            "vlstm classify 75 2 lstm-features.bin match.mkv --stride 10 --smooth viterbi --min-segment 5 --timeline match.srt " +
                "--timeline match.json",
            "vlstm classify 75 2 lstm-features.bin match.mp4 --no-video --report match.html --gif match.gif",
            "vlstm classify 75 2 lstm-features.bin recordings --no-video --timeline '{folder}/{name}.edl' --skip Commercial " +
                "--skip-existing",
            "vlstm classify 75 2 lstm-features.bin recordings --no-video --timeline '{folder}/{name}.csv' --skip-existing --shard auto",
            "vlstm classify 16 2 rgb.bin match.mp4 --with flow.bin     # two streams: the means of their probabilities",
            "vlstm classify 75 2 lstm-features.bin rtsp://camera.local/stream --stride 25");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            (int length, int? classes, string weights, string[] named) = arguments.Read(parsed);
            string[]? hosts = parsed.GetResult(allowHosts) is null ? null : Hosts(parsed.GetValue(allowHosts)!);
            LiveSource? live = named.Select(name => LiveSource.Parse(name, hosts)).FirstOrDefault(s => s is not null);
            if (live is null && hosts is not null)
                throw new InputException("--allow-hosts: is for live http:// and https:// addresses; leave it out");
            if (live is not null && named.Length > 1)
                throw new InputException($"{live.Name}: what happens live is labelled alone; leave the other videos out");
            Shard? part = shard.Read(parsed);
            if (live is not null && part is not null)
                throw new InputException($"{live.Name}: what happens live cannot be shared; leave --shard out");
            if (live is not null && parsed.GetValue(with) is not null)
                throw new InputException($"{live.Name}: what happens live is labelled by one classifier; leave {with.Name} out");
            if (live is not null && ((Option[])[output, timeline, skip, report, gif, format, style, skipExisting, snap, smooth, minimum])
                .FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
                throw new InputException($"{live.Name}: labels of what happens live are printed as they come; leave {option.Name} out");

            string[] snaps = Snaps(parsed.GetValue(snap)!);
            // Before the files are looked for: a name or word that cannot be is said at once.
            ClassificationOutputs outputs = Outputs(parsed.GetValue(output), parsed.GetValue(format), parsed.GetValue(noVideo),
                parsed.GetValue(timeline)!, parsed.GetValue(skip)!, parsed.GetValue(report), named) with
                { Gif = Gif(parsed.GetValue(gif)) };
            var request = new ClassificationRequest
            {
                Path = weights,
                Open = () => Open(
                    loader, parsed, weights, new DataFolder(parsed.GetValue(data)!), (length, classes), parsed.GetValue(skip)!),
                OpenSecond = parsed.GetValue(with) is { } second
                    ? () => loader.Open(parsed, second, new DataFolder(parsed.GetValue(data)!)) : null,
                Extractor = extractor.Given(parsed),
                Videos = named,
                Labelling = new LabellingOptions
                {
                    Stride = parsed.GetValue(stride),
                    FollowsShots = snaps.Contains(Cuts),
                    SnapsToBlack = snaps.Contains(Black),
                    SnapsToSilence = snaps.Contains(Silence),
                    Smoothing = parsed.GetValue(smooth),
                    SwitchPenalty = parsed.GetValue(penalty),
                    MinimumSeconds = parsed.GetValue(minimum),
                    Threshold = parsed.GetValue(threshold),
                    FindsUnknown = parsed.GetValue(unknown),
                },
                Outputs = outputs,
                Skip = parsed.GetValue(skip)!,
                Style = LabelStyle.Parse(parsed.GetValue(style) ?? ""),
                ShowLabelled = parsed.GetValue(format) == H264,
                Data = new DataFolder(parsed.GetValue(data)!),
                SkipExisting = parsed.GetValue(skipExisting),
            };
            if (request.SkipExisting && !outputs.All.Any())
                throw new InputException("--skip-existing: nothing is written by which a video could be known as done; give --timeline, " +
                    "or leave --no-video out");
            IBackend backend = device.Open(parsed);
            var printer = new ClassifyPrinter(request.Labelling, parsed.GetValue(json));
            return live is null ? await RunAsync(request, printer, backend, part, ct)
                : await RunLiveAsync(request, printer, live, backend, ct);
        });
        return command;
    }

    // What the user says of the classifier besides its name must go with what it says of itself.
    private static ClassifierFile Open(
        ClassifierLoader loader, ParseResult parsed, string path, DataFolder data, (int Length, int? Classes) asked,
            IReadOnlyList<string> skip)
    {
        ClassifierFile file = loader.Open(parsed, path, data, asked.Length);
        CheckpointInfo info = file.Info;
        if (info.Sequences.Length != asked.Length)
            throw new InputException($"{path}: was trained with seq_length {info.Sequences.Length}, not {asked.Length}; give " +
                $"{info.Sequences.Length}, or another classifier");
        if (asked.Classes is { } classes && info.Classes.Count != classes)
            throw new InputException($"{path}: was trained on {info.Classes.Count} classes ({string.Join(", ", info.Classes)}), not " +
                $"{classes}; give {info.Classes.Count}, or another classifier");
        return skip.FirstOrDefault(c => !info.Classes.Contains(c, StringComparer.Ordinal)) is { } stranger
            ? throw new InputException($"--skip {stranger}: is no class of {path}, which knows {string.Join(", ", info.Classes)}")
            : file;
    }

    private static string[] Snaps(string[] given)
    {
        string[] words = [.. given.SelectMany(g => g.Split(',')).Select(w => w.Trim())];
        return words.FirstOrDefault(w => w is not (Cuts or Black or Silence or NoSnap)) is { } stranger
            ? throw new InputException($"--snap {stranger}: expected {Cuts}, {Black}, {Silence} or {NoSnap}; give one, or several " +
                "with commas")
            : words.Contains(NoSnap) && words.Length > 1
                ? throw new InputException($"--snap: {NoSnap} goes with nothing else; leave it or the others out")
                : words;
    }

    private static string[] Hosts(IEnumerable<string> given) =>
    [
        .. given.SelectMany(g => g.Split(',')).Select(host => LiveSource.HostOf(host)
            ?? throw new InputException(
                $"--allow-hosts {host}: expected a host without scheme, port and path, e.g. cdn.example.org or 192.168.1.20")),
    ];

    private static ClassificationOutputs Outputs(string? output, string? format, bool noVideo, string[] timelines, string[] skip,
        string? report, string[] videos)
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
        return new ClassificationOutputs(noVideo ? null : output, timelines, report);
    }

    private static string? Gif(string? file) =>
        file is null || Path.GetExtension(file).Equals(".gif", StringComparison.OrdinalIgnoreCase) ? file
            : throw new InputException($"{file}: expected the name of a moving picture, which ends with .gif");

    private static async Task<int> RunAsync(
        ClassificationRequest request, ClassifyPrinter printer, IBackend backend, Shard? shard, CancellationToken ct)
    {
        using ShardWork? work = ShardWork.Begin(request.Data, ClassificationJob.Verb, shard);
        ClassificationCounts counts = await new ClassificationJob(request, backend, printer, work).RunAsync(ct);
        printer.Finish(counts);
        return counts.Failed == 0 ? ExitCode.Success : counts.Labelled + counts.Done > 0 ? ExitCode.SomeFailed : ExitCode.Unusable;
    }

    private static async Task<int> RunLiveAsync(
        ClassificationRequest request, ClassifyPrinter printer, LiveSource source, IBackend backend, CancellationToken ct)
    {
        using Classifier classifier = await new ClassificationJob(request, backend, printer).LoadAsync(() => { }, ct);
        if (source.Remark is { } remark)
            printer.Remark(remark);
        long window = classifier.WindowFrames;
        printer.Remark($"{source.Name}: a label every {request.Labelling.Stride ?? window} frames, of the last {window}; behind it, how " +
            $"long after the last of them it came. Ctrl-C ends");
        try
        {
            new LiveClassifier(classifier).Run(source, request.Labelling.Stride, label =>
                printer.Predicted(classifier.Info.Classes, label, source), printer.Remark, ct);
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
    }
}
