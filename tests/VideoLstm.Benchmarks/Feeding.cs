using System.Diagnostics;
using System.Globalization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Benchmarks;

/// <summary>
/// The way from clips to a network that takes no time, beside as many ffmpeg processes that decode and scale the same clips and throw their
/// frames away.
/// </summary>
internal static class Feeding
{
    private const int Side = 224;

    /// <summary>Runs both in turn and prints their rates.</summary>
    /// <param name="clips">A data folder with data_file.csv; only read.</param>
    /// <param name="pairs">How often.</param>
    public static void Run(string clips, int pairs)
    {
        IReadOnlyList<Clip> all = DataFile.Read(new DataFolder(clips).DataFile);
        int length = (int)all.Min(c => c.Frames);
        List<double> ratios = [], workRatios = [];
        // The first pair warms up.
        for (int pair = 0; pair <= pairs; pair++)
        {
            double before = ProcessorSeconds();
            (double ours, ExtractionRates rates) = Extract(clips, all, length);
            double between = ProcessorSeconds();
            double plain = Decode(clips, all, length);
            double work = between - before, plainWork = ProcessorSeconds() - between;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(pair == 0 ? "warm-up: " : "")}{ours:F0} frames/s, {rates.Decoders} ffmpeg alone {plain:F0}, ratio {ours / plain:F3}; " +
                $"processor time {work:F2} and {plainWork:F2} s, ratio {plainWork / work:F3}"));
            if (pair > 0)
                (ratios, workRatios) = ([.. ratios, ours / plain], [.. workRatios, plainWork / work]);
        }
        Console.WriteLine($"{all.Count} clips of {length} frames: {Summary(ratios)} of what ffmpeg alone decodes; " +
            $"by processor time, which other work on the machine does not change, {Summary(workRatios)}");
    }

    private static string Summary(List<double> ratios)
    {
        ratios.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"median {ratios[ratios.Count / 2]:F3} ({ratios[0]:F3} to {ratios[^1]:F3})");
    }

    // Of this process and of all that it started and waited for; NaN where there is no /proc.
    private static double ProcessorSeconds() => File.Exists("/proc/self/stat")
        ? File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[11..15].Sum(t => long.Parse(t, CultureInfo.InvariantCulture)) / 100.0
        : double.NaN;

    private static (double Rate, ExtractionRates Rates) Extract(string clips, IReadOnlyList<Clip> all, int length)
    {
        string work = Directory.CreateTempSubdirectory("vlstm-feed").FullName;
        try
        {
            var data = new DataFolder(clips, work);
            var spec = new SequenceSpec(length, Side, Side, FrameSampling.Head, FrameFit.Resize, "nothing") { Features = 1 };
            long start = Stopwatch.GetTimestamp();
            SequenceExtractionResult result = SequenceExtraction.Run(
                data, new SequenceStore(data, all, spec), [.. all.Select(c => (ClipVariant)c)], () => new Nothing());
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (result.Failures.Count > 0)
                throw new InvalidOperationException(result.Failures[0].Fact);
            return (result.Frames / seconds, result.Rates!);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static double Decode(string clips, IReadOnlyList<Clip> all, int length)
    {
        var data = new DataFolder(clips);
        string[] files = [.. all.Select(c => data.FindClip(c)!)];
        long start = Stopwatch.GetTimestamp();
        int next = -1;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Workers.Count, files.Length)).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var clip && clip < files.Length)
            {
                using Process ffmpeg = Process.Start("ffmpeg",
                [
                    "-nostdin", "-v", "error", "-filter_threads", "1", "-threads", "1", "-i", files[clip], "-map", "0:V:0", "-vf",
                    $"scale={Side}:{Side}:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=rgb24",
                    "-frames:v", length.ToString(CultureInfo.InvariantCulture), "-f", "null", "-",
                ]);
                ffmpeg.WaitForExit();
                if (ffmpeg.ExitCode != 0)
                    throw new InvalidOperationException($"ffmpeg ends with {ffmpeg.ExitCode} on {files[clip]}");
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return (long)length * files.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A network that computes nothing.</summary>
    private sealed class Nothing : IFeatureExtractor
    {
        public int Height => Side;

        public int Width => Side;

        public int Features => 1;

        public ExtractorRates Rates => default;

        public void Dispose()
        {
        }

        public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
        {
            byte[] rgb = new byte[Side * Side * 3];
            float[] features = [0];
            while (source(rgb, out TTag tag))
                yield return (tag, features);
        }
    }
}
