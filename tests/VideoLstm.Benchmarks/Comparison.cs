using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core.Accelerators;

namespace VideoLstm.Benchmarks;

/// <summary>Ours and its peers in turn, A B A B, on the same machine in the same minutes: only ratios mean anything on a shared one.</summary>
internal sealed class Comparison(int pairs, string peers, string vlstm)
{
    public static readonly string[] All = ["network", "large", "lstm", "convnet", "extract", "start"];

    // Measured with: batch 32, 75 x 2048 features, 2048 units, Dense 512 and 2; forward, gradients of weights and inputs of each layer.
    public const double LstmStepFlops = 2.0 * 32 * (75.0 * (2048 + 2048) * 8192 * 3 - 75.0 * 2048 * 8192 + (2048 * 512 + 512 * 2) * 3.0);
    private const string Python = "/usr/bin/python3";
    private const double InceptionFlops = 2 * 5.713e9;

    private static readonly string[] Layouts = ["contiguous", "channels_last"];

    private readonly int _threads = Workers.Count;
    private readonly List<string> _rows = [];
    private readonly List<string> _notes = [];

    public void Run(IReadOnlyCollection<string> names, string? file)
    {
        Console.Error.WriteLine($"{Processor()}, {_threads} threads, {Peak.Gflops:F0} GFLOP/s a core on registers alone");
        if (names.Contains("network"))
            Network(299, 299, 3);
        if (names.Contains("large"))
            Network(720, 1280, 6);
        if (names.Contains("lstm"))
            Lstm();
        if (names.Contains("convnet"))
            Convnet();
        if (names.Contains("extract"))
            Extract();
        if (names.Contains("start"))
            Start();

        string table = Table(names);
        Console.WriteLine(table);
        if (file is not null)
            BenchmarksPage.WriteProcessor(file, table);
    }

    private void Network(int height, int width, double seconds)
    {
        string size = $"{height} x {width}", name = $"InceptionV3, {size}, frames/s";
        using Contender ours = Ours("network", height, width);
        using (Contender onnx = Best("ONNX Runtime", OnnxRuntime(height, width, height * width < 500_000 ? [1, 4] : [1]), seconds))
        {
            Compare(name, ours, onnx, seconds);
            _notes.Add($"Peak memory of the bare network at {size}: ours {Megabytes(ours.PeakMemory)}, {onnx.Name} {Megabytes(onnx.PeakMemory)}.");
        }
        using (Contender bytes = Ours("network-int8", height, width))
            Compare($"{name}, --precision int8", bytes, ours, seconds, tolerance: null);
        double speed = 0;
        foreach (string layout in Layouts)
        {
            using Contender torch = Best($"libtorch, {layout}", Libtorch(height, width, layout, height * width < 500_000 ? [1, 8] : [1]), seconds);
            speed = Compare(name, ours, torch, seconds);
        }
        _notes.Add($"At {size} our median is {speed * InceptionFlops * height * width / (299 * 299) / 1e9 / _threads / Peak.Gflops:P0} of the peak, counted in the operations of the definition, of which Winograd does fewer.");
    }

    private void Lstm()
    {
        using Contender ours = Ours("step", "lstm");
        using Contender torch = Peer("libtorch", "torch-step", "lstm", "contiguous");
        double speed = Compare("LSTM training step, steps/s", ours, torch, 0);
        _notes.Add($"The LSTM's step (batch 32, 75 x 2048, 2048 units, Dense 512, Adam) takes {1 / speed:F2} s: {speed * LstmStepFlops / 1e9 / _threads / Peak.Gflops:P0} of the peak.");
        using Contender one = Ours("lstm-predict", "1");
        double windows = Median([.. Enumerable.Range(0, pairs).Select(_ => one.Measure(1))]);
        _notes.Add($"One window of 75 frames is classified in {1 / windows:F3} s.");
    }

    private void Convnet()
    {
        using Contender ours = Ours("step", "convnet-gru");
        using Contender torch = Best(
            "libtorch", Layouts.Select(layout => (layout, (Func<Contender>)(() => Peer("libtorch", "torch-step", "convnet-gru", layout)))), 8);
        // The first step of Adam takes the signs of the gradients, and rounding turns those of the smallest: in torch's channels_last the
        // second loss is off by 4e-4.
        double speed = Compare("convnet-gru training step, steps/s", ours, torch, 4, tolerance: 1e-3);
        _notes.Add($"The convolutional network's step ({ConvolutionalNetwork.Description}) takes {1 / speed:F2} s: {speed * ConvolutionalNetwork.Flops / 1e9 / _threads / Peak.Gflops:P0} of the peak, counted in the operations of the definition of its convolutions.");
    }

    private void Extract()
    {
        const int Frames = 75;
        using var clips = new BenchmarkClips(clips: 8, Frames);
        bool hasArticle = HasPython("torch, torchvision, numpy, PIL");
        List<double> ours = [], article = [], verb = [], bytes = [];
        long ourMemory = 0, articleMemory = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            double files = clips.ExtractFiles(vlstm);
            (double features, long memory, string output) = clips.ExtractFeatures(vlstm);
            ours.Add(clips.Frames / (files + features));
            verb.Add(clips.Frames / features);
            ourMemory = Math.Max(ourMemory, memory);
            if (hasArticle)
            {
                (double seconds, memory, _) = Contender.Run(
                    Python, [Path.Combine(peers, "article.py"), clips.Empty("pictures"), Number(Frames), .. clips.Files]);
                article.Add(clips.Frames / seconds);
                articleMemory = Math.Max(articleMemory, memory);
            }
            bytes.Add(clips.Frames / (files + clips.ExtractFeatures(vlstm, "--precision", "int8").Seconds));
            Console.Error.WriteLine($"extract: {ours[^1]:F1} and {article.LastOrDefault():F1} frames/s; {output.Trim()}");
        }
        if (hasArticle)
        {
            AddRow("from clips to features, frames/s", "the article's way", ours, article);
            AddRow("from clips to features, frames/s, --precision int8", "the article's way", bytes, article);
        }
        else
        {
            AddRow("from clips to features, frames/s, --precision int8", "our float", bytes, ours);
        }
        string peer = hasArticle ? $", the article's way {Megabytes(articleMemory)}" : "";
        _notes.Add($"extract-features by itself, from the start of the program to its end, over {clips.Files.Count} clips of {Frames} frames of 720 x 1280 (MPEG-4): {Median(verb):F1} frames/s; peak memory {Megabytes(ourMemory)}{peer}.");
    }

    /// <summary>Whether the system's Python has modules.</summary>
    private static bool HasPython(string modules) => File.Exists(Python) && Contender.Succeeds(Python, ["-c", "import " + modules]);

    private void Start()
    {
        double[] seconds = [.. Enumerable.Range(0, Math.Max(5, pairs)).Select(_ => Contender.Run("dotnet", [vlstm, "--help"]).Seconds)];
        _notes.Add($"`vlstm --help` takes {Median(seconds):F3} s.");
    }

    private static Contender Ours(string what, int height, int width) => Ours(what, Number(height), Number(width));

    private static Contender Ours(params string[] arguments) => Contender.Start("our float", Environment.ProcessPath!, ["ours", .. arguments]);

    private static Contender Peer(string name, params string[] arguments) => Contender.Start(name, Environment.ProcessPath!, ["peer", .. arguments]);

    private IEnumerable<(string, Func<Contender>)> OnnxRuntime(int height, int width, int[] batches) =>
        from batch in batches
        from split in new[] { (Sessions: 1, Threads: _threads), (Sessions: _threads, Threads: 1) }.Distinct()
        select ($"{split.Sessions} sessions of {split.Threads} threads, batch {batch}", (Func<Contender>)(() => Peer(
            "ONNX Runtime", "onnx-network", Number(height), Number(width), Number(batch), Number(split.Sessions), Number(split.Threads))));

    private static IEnumerable<(string, Func<Contender>)> Libtorch(int height, int width, string layout, int[] batches) =>
        batches.Select(batch => ($"batch {batch}", (Func<Contender>)(() => Peer(
            $"libtorch, {layout}", "torch-network", Number(height), Number(width), Number(batch), layout))));

    /// <summary>The peer with the settings that are fastest for it.</summary>
    private Contender Best(string name, IEnumerable<(string Settings, Func<Contender> Start)> candidates, double seconds)
    {
        (string Settings, Func<Contender> Start)? best = null;
        double most = 0;
        foreach ((string settings, Func<Contender> start) in candidates)
        {
            using Contender contender = start();
            double speed = contender.Measure(seconds);
            Console.Error.WriteLine($"{name} with {settings}: {speed:F2}");
            if (speed > most)
                {
                best = (settings, start);
                most = speed;
            }
        }
        _notes.Add($"{name} runs with {best!.Value.Settings}, the fastest of its settings tried.");
        return best.Value.Start();
    }

    private double Compare(string what, Contender ours, Contender peer, double seconds, double? tolerance = 1e-4)
    {
        if (tolerance is { } share)
            ours.CheckSame(peer, share);
        List<double> a = [], b = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            a.Add(ours.Measure(seconds));
            b.Add(peer.Measure(seconds));
            Console.Error.WriteLine($"{what}: {a[^1]:F2}, {peer.Name} {b[^1]:F2}, ratio {a[^1] / b[^1]:F2}");
        }
        AddRow(what, peer.Name, a, b);
        return Median(a);
    }

    private void AddRow(string what, string peer, IReadOnlyCollection<double> ours, IReadOnlyCollection<double> theirs)
    {
        double[] ratios = [.. ours.Zip(theirs, (a, b) => a / b)];
        _rows.Add($"| {what} | {Speed(Median(ours))} | {peer} | {Speed(Median(theirs))} | **{Median(ratios):F2}** ({ratios.Min():F2} to {ratios.Max():F2}) |");
    }

    private string Table(IReadOnlyCollection<string> names)
    {
        var text = new StringBuilder();
        string only = names.Count < All.Length ? $" --only {string.Join(' ', names)}" : "";
        text
            .AppendLine(CultureInfo.InvariantCulture, $"Written by `scripts/bench.sh --pairs {pairs}{only} --write` on {DateTime.UtcNow:yyyy-MM-dd}: {Processor()}, {_threads} threads, {Simd.Level}, {RuntimeInformation.FrameworkDescription}.")
            .AppendLine(CultureInfo.InvariantCulture, $"Peers: ONNX Runtime {OrtEnv.Instance().GetVersionString()} and libtorch {AcceleratorPackage.LibtorchVersion} (TorchSharp {AcceleratorPackage.Version}), on as many threads.")
            .AppendLine(CultureInfo.InvariantCulture, $"One core does {Peak.Gflops:F0} GFLOP/s on registers alone. Medians of {pairs} pairs, ours and the peer's in turn; higher is better.").AppendLine();
        if (_rows.Count > 0)
            text.AppendLine("| what | ours | peer | its | ratio (least to greatest) |").AppendLine("|---|---|---|---|---|").AppendJoin(Environment.NewLine, _rows).AppendLine().AppendLine();
        foreach (string note in _notes.Distinct())
            text.AppendLine("* " + note);
        return text.ToString();
    }

    public static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();

    public static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public static string Speed(double value) => value.ToString(value < 1 ? "F3" : value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F0} MB";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
