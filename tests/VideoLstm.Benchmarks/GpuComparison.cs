using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VideoLstm.Core;
using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Benchmarks;

/// <summary>
/// The backend of libtorch on a card, or on the processor to try it, beside PyTorch where Python has it: InceptionV3, training steps, and
/// extract-features beside what ffmpeg alone decodes.
/// </summary>
internal sealed class GpuComparison(string device, int pairs, double seconds, int frames, string peers, string vlstm)
{
    private const string Python = "python3";

    // What the backend computes features with.
    private static readonly Precision[] Precisions = [Precision.Float];

    private static readonly string[] Layouts = ["contiguous", "channels_last"];

    private readonly List<string> _rows = [];
    private readonly bool _hasCard = device != AcceleratorLoader.Torch;

    /// <summary>Measures all and prints a table; that of a card goes to a file too.</summary>
    /// <returns>0; 2 where there is no such device, with a line that says so.</returns>
    public int Run(string? file)
    {
        var observer = new Observer();
        IBackend backend;
        try
        {
            backend = AcceleratorLoader.Open(device, observer);
        }
        catch (InputException e)
        {
            Console.Error.WriteLine($"bench: {e.Message}");
            return 2;
        }
        string card = _hasCard ? "assert torch.cuda.is_available()" : "torch.set_num_threads(" + Number(Workers.Count) + ")";
        bool hasPeer = Contender.Succeeds(Python, ["-c", $"import torch, torchvision\n{card}"]);
        Console.Error.WriteLine(hasPeer ? "beside PyTorch" : "without PyTorch: Python has none that computes here");

        foreach ((int height, int width) in new[] { (299, 299), (720, 1280) })
        {
            foreach (Precision precision in Precisions)
                Network(backend, hasPeer, height, width, precision);
        }
        foreach (string recipe in (string[])["lstm", "convnet-gru"])
            Step(backend, hasPeer, recipe);
        Extract();

        string text = Table(observer.Device);
        Console.WriteLine(text);
        if (_hasCard && file is not null)
            BenchmarksPage.WriteCard(file, text);
        return 0;
    }

    private void Network(IBackend backend, bool hasPeer, int height, int width, Precision precision)
    {
        IFeatureExtractor extractor = backend.CreateExtractor(InceptionWeights.Random(1).Spec(height, width), precision);
        byte[] frame = Ours.Frame(height, width);
        Frames(0);
        string batch = height * width < 500_000 ? "32" : "4";
        Compare($"InceptionV3, {height} x {width}, {precision.ToString().ToLowerInvariant()}, frames/s", Frames, hasPeer, layout =>
            ["network", Number(height), Number(width), batch, layout, precision == Precision.Float ? "float32" : "float16"]);

        // From bytes in the host's memory to features in the host's memory.
        double Frames(double limit)
        {
            long start = Stopwatch.GetTimestamp();
            int count = extractor.Run<int>(Next).Count();
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;

            bool Next(Span<byte> rgb, out int tag)
            {
                tag = 0;
                frame.CopyTo(rgb);
                return Stopwatch.GetElapsedTime(start).TotalSeconds < limit;
            }
        }
    }

    private void Step(IBackend backend, bool hasPeer, string recipe)
    {
        TrainingWork work = TrainingWork.Of(recipe);
        Func<double, double> speed = TrainingWork.Speed(work.NewStep(backend));
        speed(0);
        Compare($"{recipe} training step, batch {work.Batch}, steps/s", speed, hasPeer, layout => ["step", recipe, layout]);
    }

    private void Compare(string what, Func<double, double> ours, bool hasPeer, Func<string, string[]> arguments)
    {
        Contender[] contenders = hasPeer ? [.. Layouts.Select(layout => Contender.Start(
            $"PyTorch, {layout}", Python, [Path.Combine(peers, "gpu.py"), _hasCard ? "cuda" : "cpu", .. arguments(layout)]))] : [];
        try
        {
            List<double> own = [];
            List<double>[] theirs = [.. contenders.Select(_ => new List<double>())];
            for (int pair = 0; pair < pairs; pair++)
            {
                own.Add(ours(seconds));
                foreach ((Contender contender, List<double> speeds) in contenders.Zip(theirs))
                    speeds.Add(contender.Measure(seconds));
                Console.Error.WriteLine($"{what}: {own[^1]:F2}{string.Concat(contenders.Zip(theirs, (c, t) => $"; {c.Name} {t[^1]:F2}"))}");
            }
            string[] cells = [.. theirs.Select(t => $"{Comparison.Speed(Comparison.Median(t))} ({Comparison.Median([.. own.Zip(t, (a, b) => a / b)]):F2})")];
            _rows.Add($"| {what} | {Comparison.Speed(Comparison.Median(own))} | {string.Join(" | ", hasPeer ? cells : ["", ""])} |");
        }
        finally
        {
            Array.ForEach(contenders, c => c.Dispose());
        }
    }

    private void Extract()
    {
        using var clips = new BenchmarkClips(clips: 16, frames);
        List<double> verb = [], decoding = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            verb.Add(clips.Frames / clips.ExtractFeatures(vlstm, "--device", device).Seconds);
            long start = Stopwatch.GetTimestamp();
            Parallel.ForEach(clips.Files, new ParallelOptions { MaxDegreeOfParallelism = Workers.Count }, file => Contender.Run(
                "ffmpeg", ["-nostdin", "-v", "error", "-threads", "1", "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-y", "/dev/null"]));
            decoding.Add(clips.Frames / Stopwatch.GetElapsedTime(start).TotalSeconds);
            Console.Error.WriteLine($"extract-features: {verb[^1]:F1} frames/s, decoding alone {decoding[^1]:F1}");
        }
        _rows.Add($"| extract-features, {clips.Files.Count} clips of {frames} frames of 720 x 1280, from start to end, frames/s | {Comparison.Speed(Comparison.Median(verb))} | | |");
        _rows.Add($"| as many ffmpeg as cores, decoding the same clips, frames/s | {Comparison.Speed(Comparison.Median(decoding))} | | |");
    }

    private string Table(string name) => new StringBuilder()
        .AppendLine(CultureInfo.InvariantCulture, $"Written by `scripts/bench.sh gpu --pairs {pairs} --write` on {DateTime.UtcNow:yyyy-MM-dd}: {name}; {Comparison.Processor()}, {Workers.Count} threads, {RuntimeInformation.FrameworkDescription}, libtorch {AcceleratorPackage.LibtorchVersion}.")
        .AppendLine(CultureInfo.InvariantCulture, $"Medians of {pairs} runs of {seconds:F0} s, ours and PyTorch's in turn; in brackets, ours over PyTorch's. Ours take bytes from memory and give features to it; PyTorch's frames lie on the card.").AppendLine()
        .AppendLine("| what | ours | PyTorch, eager | PyTorch, eager, channels_last |").AppendLine("|---|---|---|---|")
        .AppendJoin(Environment.NewLine, _rows).AppendLine().ToString();

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class Observer : IJobObserver
    {
        public string Device { get; private set; } = "";

        public void Remark(Finding finding)
        {
            Device = finding.ToString();
            Console.Error.WriteLine(Device);
        }

        public void Failure(Finding finding) => Console.Error.WriteLine(finding);

        public T Watch<T>(string title, string unit, Func<IProgress<WorkProgress>, T> work) => work(new Progress<WorkProgress>());

        public Task<T> WatchAsync<T>(string title, string unit, Func<IProgress<WorkProgress>, Task<T>> work) =>
            work(new Progress<WorkProgress>());
    }
}
