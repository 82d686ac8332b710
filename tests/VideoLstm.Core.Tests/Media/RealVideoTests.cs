using System.Globalization;
using VideoLstm.Core.Media;
using VideoLstm.Tests;
using Xunit.Abstractions;

namespace VideoLstm.Core.Tests.Media;

/// <summary>Files from many cameras, encoders and fuzzers, where they are on this machine.</summary>
public sealed class RealVideoTests(ITestOutputHelper output)
{
    /// <summary>Longer than this many bytes a file takes too much of the tests' time.</summary>
    private const long LargestFile = 300_000;

    [SkippableFact]
    public void OddVideosGiveAllFramesOrOneClearLine()
    {
        Dictionary<string, string[]> table = Table("odd");
        var wrong = new List<string>();
        Parallel.ForEach(Files("odd"), new ParallelOptions { MaxDegreeOfParallelism = 3 }, path =>
        {
            if (!table.TryGetValue(Path.GetFileName(path), out string[]? row))
                return;
            (long frames, string? line) = Outcome(path);
            Note($"odd/{Path.GetFileName(path)}: {frames} {line}");
            long expected = long.TryParse(row[5], CultureInfo.InvariantCulture, out long n) ? n : 0;
            if (frames != expected && line is null)
                Note(wrong, $"{Path.GetFileName(path)}: {frames} frames, expected {expected}");
            // Its one picture is the cover of a piece of music.
            if (frames == 0 && expected > 0 && Path.GetFileName(path) != "made_audio_with_cover.m4a")
                Note(wrong, $"{Path.GetFileName(path)}: refused: {line}");
        });
        Assert.Empty(wrong);
    }

    [SkippableFact]
    public void BrokenVideosGiveOneClearLine()
    {
        // Malformed, yet all pictures that are there decode.
        string[] decodes =
        [
            "flash.flv", "invalid-size.gif", "png_named.mp4", "sample-with-large-length.avi", "sample_mdat_too_long.mp4", "sample_missing_stsd.mp4", "threeframes-start.gif", "trunc.gif",
            "unreadable_chmod000.mp4",
        ];
        var wrong = new List<string>();
        Parallel.ForEach(Files("broken"), new ParallelOptions { MaxDegreeOfParallelism = 3 }, path =>
        {
            (long frames, string? line) = Outcome(path);
            Note($"broken/{Path.GetFileName(path)}: {frames} {line}");
            if (line is null && !decodes.Contains(Path.GetFileName(path)))
                Note(wrong, $"{Path.GetFileName(path)}: {frames} frames and no complaint");
            if (line is not null && (line.Contains('\n', StringComparison.Ordinal) || line.Length > 400))
                Note(wrong, $"{Path.GetFileName(path)}: not one line: {line}");
        });
        Assert.Empty(wrong);
    }

    [SkippableFact]
    public void TimesOfPacketsAreThoseOfTheFrames()
    {
        var wrong = new List<string>();
        int compared = 0;
        Parallel.ForEach(Files("odd"), new ParallelOptions { MaxDegreeOfParallelism = 3 }, path =>
        {
            if (!File.Exists(path) || Outcome(path) is not (> 0, null))
                return;
            using var reader = new FrameReader(path, 8, 8);
            double[] seconds = [.. MadeClip.ReadAll(reader, 8, 8).Select(f => f.Seconds)];
            if (VideoProbe.PacketTimes(path) is not { } times || times.Count != seconds.Length)
            {
                Note($"{Path.GetFileName(path)}: only decoding tells");
                return;
            }
            Interlocked.Increment(ref compared);
            double apart = seconds.Zip(times).Max(t => Math.Abs((t.First - seconds[0]) - (t.Second - times[0])));
            if (apart > 1e-3)
                Note(wrong, $"{Path.GetFileName(path)}: {apart} s apart");
        });
        Note($"{compared} compared");
        Assert.Empty(wrong);
        Assert.True(compared > 30, $"only {compared} of the videos could be compared");
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFileSystemEntries(TestAssets.Require("videos", folder)).Where(f => new FileInfo(f) is not { Exists: true, Length: > LargestFile }).Order(StringComparer.Ordinal);

    /// <summary>The rows of the notes' table on a folder: file | bytes | codec | size | rate | frames | ...</summary>
    private static Dictionary<string, string[]> Table(string folder) =>
        File.ReadLines(TestAssets.Require("videos", "NOTES.md")).SkipWhile(l => !l.StartsWith($"## {folder}/", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal)).Where(l => l.StartsWith("| ", StringComparison.Ordinal))
            .Select(l => l.Split('|').Skip(1).Select(c => c.Trim()).ToArray()).ToDictionary(r => r[0], StringComparer.Ordinal);

    private static (long Frames, string? Line) Outcome(string path)
    {
        try
        {
            using var reader = new FrameReader(path, 8, 8);
            long frames = MadeClip.ReadAll(reader, 8, 8).Count;
            return (frames, reader.Complaint);
        }
        catch (InputException e)
        {
            return (0, e.Message);
        }
    }

    private static void Note(List<string> wrong, string line)
    {
        lock (wrong)
            wrong.Add(line);
    }

    private void Note(string line)
    {
        lock (output)
            output.WriteLine(line);
    }
}
