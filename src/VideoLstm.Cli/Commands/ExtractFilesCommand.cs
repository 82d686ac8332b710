using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm extract-files`: from clips to JPEG frames and data_file.csv.</summary>
internal static class ExtractFilesCommand
{
    public static Command Create()
    {
        var extension = new Argument<string>("extension") { Description = "Extension of the clips, e.g. mp4" };
        var noImages = new Option<bool>("--no-images") { Description =
            "Write only data_file.csv; features then come straight from the clips" };
        Option<double?> split = CommonOptions.Share(new Option<double?>("--split") { Description =
            "Clips lie in data/<Class>/: take this share of each class for the test, e.g. 0.33", HelpName = "SHARE" });
        Option<int?> seed = CommonOptions.Between(new Option<int?>("--seed") { Description =
            "Which clips --split takes; equal seeds take the same on every machine [default: 0]", HelpName = "N" }, 0, int.MaxValue);
        var trainList = new Option<string?>("--train-list") { Description =
            "List of the clips for training: a CSV with video_name and tag, or UCF101's trainlist01.txt", HelpName = "FILE" };
        var testList = new Option<string?>("--test-list") { Description = "List of the clips for the test, in one of these forms",
            HelpName = "FILE" };
        var classList = new Option<string?>("--class-list") { Description =
            "UCF101's classInd.txt, to compare the numbers in its lists with", HelpName = "FILE" };
        var splitList = new Option<string[]>("--split-list") { Description = "HMDB51's lists of one split, e.g. '*_test_split1.txt'",
            HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        var pattern = new Option<string?>("--pattern") { Description = "Clips lie otherwise in the data folder: where, {classname} " +
            "standing for the class and {set} for train or test, e.g. 'videos/{classname}/*.avi'; without {set}, --split divides them",
            HelpName = "PATTERN" };
        Option<string?> classes = ClassesOption.Create("These classes alone [default: all]");
        Option<string> data = CommonOptions.Data();
        Option<string?> work = CommonOptions.Work();
        Option<int?> threads = CommonOptions.Threads();
        var shard = new ShardOption();
        var command = new Command("extract-files",
            "Extracts the frames of every clip as JPEG beside it, and lists the clips in data/data_file.csv. Clips lie in " +
            "data/{train,test}/<Class>/, or as --split or lists say.")
        {
            extension, noImages, classes, split, seed, pattern, trainList, testList, classList, splitList, data, work, threads,
        };
        shard.AddTo(command);
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            if (Has(seed) && !Has(split))
                result.AddError("--seed goes with --split.");
            if (Has(trainList) != Has(testList))
                result.AddError("--train-list and --test-list go together.");
            if (Has(classList) && !Has(trainList))
                result.AddError("--class-list goes with --train-list and --test-list.");
            if (((Option[])[split, trainList, splitList]).Count(Has) > 1)
                result.AddError("give one of --split, --train-list and --split-list.");
            if (Has(pattern) && (Has(trainList) || Has(splitList)))
                result.AddError("give --pattern or lists, not both.");
        });
        command.WithExamples(
            "vlstm extract-files mp4                                    # data/{train,test}/<Class>/*.mp4",
            "vlstm extract-files mp4 --no-images --data football",
            "vlstm extract-files mp4 --split 0.33 --seed 1              # data/<Class>/*.mp4, a third of each class for the test",
            "vlstm extract-files avi --pattern 'videos/{classname}/*.avi' --split 0.33    # data/videos/<Class>/*.avi",
            "vlstm extract-files avi --train-list train.csv --test-list test.csv",
            "vlstm extract-files avi --train-list trainlist01.txt --test-list testlist01.txt --class-list classInd.txt",
            "vlstm extract-files avi --split-list splits/*_test_split1.txt",
            "vlstm extract-files mp4 --no-images --shard 3/8            # one of eight workers");
        command.SetAction((parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            ClipLayout layout = parsed.GetValue(pattern) is { } places
                ? ClipLayout.Fitting(places, parsed.GetValue(split), parsed.GetValue(seed) ?? 0)
                : parsed.GetValue(split) is { } share ? ClipLayout.Undivided(share, parsed.GetValue(seed) ?? 0)
                : parsed.GetValue(trainList) is { } train
                    ? ClipLayout.Listed(ClipLists.OfSets(train, parsed.GetValue(testList)!, parsed.GetValue(classList)))
                : parsed.GetValue(splitList) is { Length: > 0 } splits ? ClipLayout.Listed(ClipLists.OfClasses(splits))
                : ClipLayout.Divided;
            if (ClassesOption.Read(parsed, classes) is { } names)
                layout = layout.Of(names);
            return Task.FromResult(Run(CommonOptions.Folder(parsed, data, work), parsed.GetValue(extension)!, !parsed.GetValue(noImages),
                layout, shard.Read(parsed), ct));
        });
        return command;
    }

    private static int Run(
        DataFolder data, string extension, bool pictures, ClipLayout layout, Shard? shard, CancellationToken ct)
    {
        using ShardWork? work = ShardWork.Begin(data, FrameExtraction.Verb, shard);
        FrameExtractionResult result = WorkDisplay.Run("frames", "clips", progress =>
            FrameExtraction.Run(data, extension, pictures, layout, work, progress, ct));
        Report.Remarks(result.Remarks);
        Report.Failures(result.Failures);
        Console.WriteLine($"{ShardOption.Prefix(shard)}{result.Extracted} clips {(pictures ? "extracted" : "counted")}, " +
            $"{result.AlreadyDone} were done, {result.Failures.Count} failed; {result.Clips.Sum(c => c.Frames)} frames of " +
            $"{result.Clips.Count} clips in {(shard is null ? data.DataFile : data.Shards)}");
        return result.Failures.Count == 0 ? ExitCode.Success : result.Extracted + result.AlreadyDone > 0 ? ExitCode.SomeFailed
            : ExitCode.Unusable;
    }
}
