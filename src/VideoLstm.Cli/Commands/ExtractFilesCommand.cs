using System.CommandLine;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm extract-files`: from clips to JPEG frames and data_file.csv.</summary>
internal static class ExtractFilesCommand
{
    public static Command Create()
    {
        var extension = new Argument<string>("extension") { Description = "Extension of the clips, e.g. mp4" };
        var noImages = new Option<bool>("--no-images") { Description = "Write only data_file.csv; features then come straight from the clips" };
        Option<string> data = CommonOptions.Data();
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("extract-files", "Extracts the frames of every clip in data/{train,test}/<Class>/ as JPEG beside it, and lists the clips in data/data_file.csv.")
        {
            extension, noImages, data, threads,
        };
        command.WithExamples("vlstm extract-files mp4", "vlstm extract-files mp4 --no-images --data football");
        command.SetAction((parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            return Task.FromResult(Run(new DataFolder(parsed.GetValue(data)!), parsed.GetValue(extension)!, !parsed.GetValue(noImages), ct));
        });
        return command;
    }

    private static int Run(DataFolder data, string extension, bool pictures, CancellationToken ct)
    {
        FrameExtractionResult result = WorkDisplay.Run("frames", "clips", progress => FrameExtraction.Run(data, extension, pictures, progress, ct));
        Report.Remarks(result.Remarks);
        Report.Failures(result.Failures);
        Console.WriteLine($"{result.Extracted} clips {(pictures ? "extracted" : "counted")}, {result.AlreadyDone} were done, {result.Failures.Count} failed; {result.Clips.Sum(c => c.Frames)} frames of {result.Clips.Count} clips in {data.DataFile}");
        return result.Failures.Count == 0 ? ExitCode.Success : ExitCode.SomeFailed;
    }
}
