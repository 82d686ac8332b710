using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Clips;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm clips`: cuts labelled clips of equal length out of a recording.</summary>
internal static class ClipsCommand
{
    private const string Auto = "auto";

    public static Command Create()
    {
        var video = new Argument<string>("video") { Description = "The recording" };
        var labels = new Argument<string>("labels") { Description =
            $"What is when in it: a file that ends with {TimelineFile.Extensions}" };
        Option<double> length = Positive(new Option<double>("--length") { Description = "How long each clip is, seconds",
            HelpName = "SECONDS", Required = true });
        Option<double?> step = Positive(new Option<double?>("--step") { Description = "From the start of a clip to that of the next " +
            "[default: the length, so that none overlap]", HelpName = "SECONDS" });
        var set = new Option<string>("--set") { Description = "What the clips are for; auto takes whole stretches of time for the test, " +
            "so that it has no frame beside one of training", HelpName = $"train|test|{Auto}", Required = true };
        set.AcceptOnlyFromAmong("train", "test", Auto);
        Option<double?> testShare = CommonOptions.Share(new Option<double?>("--test-share") { Description =
            "Share of each class that auto takes for the test [default: 0.25]", HelpName = "SHARE" });
        var include = new Option<string?>("--include") { Description = $"Take clips of the class {Segment.Unknown} too, as of any other",
            HelpName = Segment.Unknown };
        include.AcceptOnlyFromAmong(Segment.Unknown);
        Option<int?> track = TrackOption.Create();
        Option<string?> tier = TierOption.Create();
        Option<string> data = CommonOptions.Data();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("clips",
            "Cuts clips of equal length out of a labelled recording, exact to the frame, into data/{train,test}/<Class>/. Run again with " +
            "corrected labels, the clips become those of the new ones.")
        {
            video, labels, length, set, testShare, step, include, track, tier, data, threads,
        };
        var shard = new ShardOption();
        shard.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(testShare) is { Implicit: false } && result.GetValue(set) is not (Auto or null))
                result.AddError($"--test-share goes with --set {Auto}.");
        });
        command.WithExamples(
            "vlstm clips match.mp4 match.labels.txt --length 3 --set auto           # labels made in Audacity",
            "vlstm clips match.mp4 match.srt --length 3 --set auto --test-share 0.3",
            "vlstm clips match.mp4 match.eaf --tier Phase --length 3 --set auto     # one tier of several, annotated in ELAN",
            "vlstm clips final.mkv final.csv --length 2.5 --step 1 --set test --data football",
            "vlstm clips match.mp4 match.srt --length 3 --set auto --shard 2/4       # one of four workers");
        command.SetAction((parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            double seconds = parsed.GetValue(length);
            var options = new ClipOptions(
                seconds, parsed.GetValue(step) ?? seconds, parsed.GetValue(set) switch { "train" => ClipSet.Train, "test" =>
                    ClipSet.Test, _ => null },
                parsed.GetValue(testShare) ?? 0.25, parsed.GetValue(include) is not null);
            return Task.FromResult(Run(new DataFolder(parsed.GetValue(data)!), parsed.GetValue(video)!, parsed.GetValue(labels)!,
                parsed.GetValue(track), parsed.GetValue(tier), options, shard.Read(parsed), ct));
        });
        return command;
    }

    private static int Run(
        DataFolder data, string video, string labels, int? track, string? tier, ClipOptions options, Shard? shard, CancellationToken ct)
    {
        TimelineFile.Check(labels, [Segment.Unknown]);
        VideoInfo info = VideoProbe.Read(video, ct);
        if (info.Remark is { } several)
            Report.Remarks([several]);
        Timeline timeline = TimelineFile.Read(
            labels, info.FrameRate.Value, info.DurationSeconds ?? double.PositiveInfinity, track, tier, video);
        Report.Remarks(timeline.Notes);
        using ShardWork? work = ShardWork.Begin(data, ClipCutter.Verb, shard);
        ClipCutResult result = WorkDisplay.Run("clips", "frames", progress =>
            ClipCutter.Run(data, video, timeline, options, work, progress, ct));
        Report.Remarks(result.Remarks);
        foreach (ClassClips ofClass in result.Plan.Classes)
            Console.WriteLine(Describe(ofClass));
        if (result.Plan.UnknownSeconds > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Segment.Unknown}: {result.Plan.UnknownSeconds:0.#} s passed over"));
        string size = result.Plan.IsConstant
            ? string.Create(CultureInfo.InvariantCulture, $"{result.Plan.Clips[0].Frames} frames each")
            : string.Create(CultureInfo.InvariantCulture,
                $"{options.LengthSeconds} s each, {result.Plan.Clips.Min(c => c.Frames)} to {result.Plan.Clips.Max(c => c.Frames)} frames");
        string removed = result.Removed > 0 ? $", {result.Removed} of older labels removed" : "";
        Console.WriteLine($"{ShardOption.Prefix(shard)}{result.Cut} clips cut, {result.AlreadyDone} were done{removed}; {size}, in " +
            $"{Path.Combine(data.Root, "{train,test}", "<Class>")}; next: vlstm extract-files " +
            $"mp4{(data.Root == "data" ? "" : $" --data {data.Root}")}");
        return ExitCode.Success;
    }

    private static string Describe(ClassClips clips)
    {
        string rest = clips.RestSeconds >= 0.05 ? string.Create(CultureInfo.InvariantCulture,
            $"; {clips.RestSeconds:0.0} s at the ends of segments left out") : "";
        string gap = clips.GapClips > 0 ? $"; {clips.GapClips} between train and test left out" : "";
        return $"{clips.Class}: {clips.Train} clips for training, {clips.Test} for the test{rest}{gap}";
    }

    private static Option<T> Positive<T>(Option<T> option) =>
        CommonOptions.With(option, value => value is > 0 and <= 1e6, "above 0 and at most 1000000 seconds");
}
