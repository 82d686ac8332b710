using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace VideoLstm.Benchmarks;

/// <summary>Ours and its peers in turn, A B A B, on the same machine in the same minutes: only ratios mean anything on a shared one.</summary>
internal sealed class Comparison(int pairs, string peers, string cache, string vlstm)
{
    public static readonly string[] All = ["network", "large", "lstm", "convnet", "extract", "start"];

    // Measured with: batch 32, 75 x 2048 features, 2048 units, Dense 512 and 2; forward, gradients of weights and inputs of each layer.
    private const double LstmStepFlops = 2.0 * 32 * (75.0 * (2048 + 2048) * 8192 * 3 - 75.0 * 2048 * 8192 + (2048 * 512 + 512 * 2) * 3.0);
    private const double InceptionFlops = 2 * 5.713e9;

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

        string table = Table();
        Console.WriteLine(table);
        if (file is not null)
            File.WriteAllText(file, table);
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
            Compare($"{name}, --precision int8", bytes, ours, seconds);
        double speed = 0;
        foreach (string layout in (string[])["contiguous", "channels_last"])
        {
            using Contender torch = Best($"PyTorch, {layout}", PyTorch(height, width, layout, height * width < 500_000 ? [1, 8] : [1]), seconds);
            speed = Compare(name, ours, torch, seconds);
        }
        _notes.Add($"At {size} our median is {speed * InceptionFlops * height * width / (299 * 299) / 1e9 / _threads / Peak.Gflops:P0} of the peak, counted in the operations of the definition, of which Winograd does fewer.");
    }

    private void Lstm()
    {
        using Contender ours = Ours("lstm-step");
        using Contender torch = Contender.Start("PyTorch", "/usr/bin/python3", [Path.Combine(peers, "lstm.py"), Number(_threads)]);
        double speed = Compare("LSTM training step, steps/s", ours, torch, 0);
        _notes.Add($"The LSTM's step (batch 32, 75 x 2048, 2048 units, Dense 512, Adam) takes {1 / speed:F2} s: {speed * LstmStepFlops / 1e9 / _threads / Peak.Gflops:P0} of the peak.");
        using Contender one = Ours("lstm-predict", 1);
        double windows = Median([.. Enumerable.Range(0, pairs).Select(_ => one.Measure(1))]);
        _notes.Add($"One window of 75 frames is classified in {1 / windows:F3} s.");
    }

    private void Convnet()
    {
        using Contender ours = Ours("convnet-step");
        using Contender torch = Best(
            "PyTorch", ((string[])["contiguous", "channels_last"]).Select(layout => (layout, (Func<Contender>)(() => Contender.Start(
                "PyTorch", "/usr/bin/python3", [Path.Combine(peers, "convnet.py"), layout, Number(_threads)])))), 8);
        double speed = Compare("convolutional training step, steps/s", ours, torch, 4);
        _notes.Add($"The convolutional network's step ({ConvolutionalNetwork.Description}) takes {1 / speed:F2} s: {speed * ConvolutionalNetwork.Flops / 1e9 / _threads / Peak.Gflops:P0} of the peak, counted in the operations of the definition; peak memory ours {Megabytes(ours.PeakMemory)}, PyTorch {Megabytes(torch.PeakMemory)}.");
    }

    private void Extract()
    {
        const int Clips = 8;
        const int Frames = 75;
        string folder = Directory.CreateTempSubdirectory("vlstm-bench").FullName;
        try
        {
            List<string> clips = [];
            for (int i = 0; i < Clips; i++)
            {
                string of = Directory.CreateDirectory(Path.Combine(folder, "data", i % 4 < 2 ? "train" : "test", i % 2 == 0 ? "A" : "B")).FullName;
                clips.Add(Path.Combine(of, $"clip{i}.mp4"));
                Contender.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", $"testsrc2=s=1280x720:r=25,hue=h={i * 60}", "-frames:v", Number(Frames), "-c:v", "mpeg4", "-q:v", "3", clips[^1]]);
            }
            string data = Path.Combine(folder, "data");
            List<double> ours = [], article = [], verb = [], bytes = [];
            long ourMemory = 0, articleMemory = 0;
            for (int pair = 0; pair < pairs; pair++)
            {
                string sequences = Path.Combine(data, "sequences"), pictures = Path.Combine(folder, "pictures");
                Empty(sequences);
                Empty(pictures);
                double files = Contender.Run("dotnet", [vlstm, "extract-files", "mp4", "--no-images", "--data", data]).Seconds;
                (double features, long memory, string output) = Contender.Run("dotnet", [vlstm, "extract-features", Number(Frames), "2", "--inception", "random:1", "--data", data]);
                ours.Add(Clips * Frames / (files + features));
                verb.Add(Clips * Frames / features);
                ourMemory = Math.Max(ourMemory, memory);
                (double seconds, memory, _) = Contender.Run("/usr/bin/python3", [Path.Combine(peers, "article.py"), pictures, Number(Frames), .. clips]);
                article.Add(Clips * Frames / seconds);
                articleMemory = Math.Max(articleMemory, memory);
                Empty(sequences);
                bytes.Add(Clips * Frames / (files + Contender.Run("dotnet", [vlstm, "extract-features", Number(Frames), "2", "--inception", "random:1", "--data", data, "--precision", "int8"]).Seconds));
                Console.Error.WriteLine($"extract: {ours[^1]:F1} and {article[^1]:F1} frames/s; {output.Trim()}");
            }
            AddRow("from clips to features, frames/s", "the article's way", ours, article);
            AddRow("from clips to features, frames/s, --precision int8", "the article's way", bytes, article);
            _notes.Add($"extract-features by itself, from the start of the program to its end, over {Clips} clips of {Frames} frames of 720 x 1280 (MPEG-4): {Median(verb):F1} frames/s; peak memory {Megabytes(ourMemory)}, the article's way {Megabytes(articleMemory)}.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Empty(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    private void Start()
    {
        double[] seconds = [.. Enumerable.Range(0, Math.Max(5, pairs)).Select(_ => Contender.Run("dotnet", [vlstm, "--help"]).Seconds)];
        _notes.Add($"`vlstm --help` takes {Median(seconds):F3} s.");
    }

    private static Contender Ours(string what, params int[] numbers) =>
        Contender.Start("our float", Environment.ProcessPath!, ["ours", what, .. numbers.Select(Number)]);

    private IEnumerable<(string, Func<Contender>)> OnnxRuntime(int height, int width, int[] batches)
    {
        foreach (int batch in batches)
        {
            string model = Path.Combine(cache, $"inception-{height}x{width}-{batch}.onnx");
            if (!File.Exists(model))
            {
                Contender.Run("/usr/bin/python3", [Path.Combine(peers, "onnx.py"), Number(height), Number(width), Number(batch), model + ".partial"]);
                File.Move(model + ".partial", model);
            }
            foreach ((int sessions, int threads) in new[] { (1, _threads), (_threads, 1) }.Distinct())
                yield return ($"{sessions} sessions of {threads} threads, batch {batch}", () => Contender.Start(
                    "ONNX Runtime", "node", [Path.Combine(peers, "network.js"), model, Number(height), Number(width), Number(batch), Number(sessions), Number(threads)],
                    ("NODE_PATH", Path.Combine(cache, "node_modules"))));
        }
    }

    private IEnumerable<(string, Func<Contender>)> PyTorch(int height, int width, string layout, int[] batches) =>
        batches.Select(batch => ($"batch {batch}", (Func<Contender>)(() => Contender.Start(
            $"PyTorch, {layout}", "/usr/bin/python3", [Path.Combine(peers, "network.py"), Number(height), Number(width), Number(batch), layout, Number(_threads)]))));

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

    private double Compare(string what, Contender ours, Contender peer, double seconds)
    {
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

    private string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("# Benchmarks").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Written by `scripts/bench.sh --pairs {pairs} --write` on {DateTime.UtcNow:yyyy-MM-dd}: {Processor()}, {_threads} threads, {Simd.Level}, {RuntimeInformation.FrameworkDescription}.")
            .AppendLine(CultureInfo.InvariantCulture, $"One core does {Peak.Gflops:F0} GFLOP/s on registers alone. Medians of {pairs} pairs, ours and the peer's in turn; higher is better.").AppendLine();
        if (_rows.Count > 0)
            text.AppendLine("| what | ours | peer | its | ratio (least to greatest) |").AppendLine("|---|---|---|---|---|").AppendJoin(Environment.NewLine, _rows).AppendLine().AppendLine();
        foreach (string note in _notes.Distinct())
            text.AppendLine("* " + note);
        return text.ToString();
    }

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()
        : RuntimeInformation.ProcessArchitecture.ToString();

    private static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Speed(double value) => value.ToString(value < 1 ? "F3" : value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F0} MB";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
