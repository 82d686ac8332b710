using System.CommandLine;
using System.Globalization;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Jobs;

namespace VideoLstm.Cli.Commands;

/// <summary>`vlstm extractors`: which networks can stand before a classifier here.</summary>
internal static class ExtractorsCommand
{
    public static Command Create(DeviceOption device)
    {
        var files = new Argument<string[]>("file") { Description = "ONNX files, beside those that have a name",
            Arity = ArgumentArity.ZeroOrMore };
        var bench = new Option<bool>("--bench") { Description = "Measure how fast each is on this machine, a few seconds each" };
        Option<int?> threads = CommonOptions.Threads();
        var command = new Command("extractors",
            "Lists the networks that can stand before a classifier: features, size of pictures, where the weights are.")
        {
            files, bench, threads,
        };
        device.AddTo(command);
        command.WithExamples("vlstm extractors", "vlstm extractors --bench", "vlstm extractors dinov2.onnx --bench");
        command.SetAction(async (parsed, ct) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            IReadOnlyList<ExtractorListing> all = ExtractorListing.All(parsed.GetValue(files) ?? []);
            IBackend? backend = parsed.GetValue(bench) ? device.Open(parsed) : null;
            int width = Math.Max("--extractor".Length, all.Max(e => e.Words.Length)), failed = 0;
            Console.WriteLine($"{"--extractor".PadRight(width)}  features  height x width  frames/s  weights");
            foreach (ExtractorListing one in all)
            {
                double? speed = null;
                try
                {
                    speed = backend is null ? null : await one.MeasureAsync(backend, new JobReport(), ct);
                }
                catch (InputException e)
                {
                    failed++;
                    Report.Failures([e.Finding]);
                }
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{one.Words.PadRight(width)}  {one.Features?.ToString(CultureInfo.InvariantCulture) ?? "-",8}  " +
                    $"{(one.Size is { } size ? $"{size.Height} x {size.Width}" : "any"),14}  {(speed is { } s ? $"{s:0.0}" : "-"),8}  " +
                    $"{one.Weights}"));
            }
            return failed == 0 ? ExitCode.Success : ExitCode.SomeFailed;
        });
        return command;
    }
}
