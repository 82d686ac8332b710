using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;
using Xunit.Abstractions;

namespace VideoLstm.Core.Tests.Media;

public sealed partial class ShotDetectorTests(ITestOutputHelper output)
{
    /// <summary>Beside ffmpeg's scdet, which looks for hard cuts only, and PySceneDetect's adaptive detector.</summary>
    [Fact]
    public void Cuts_dissolves_and_fades_are_found_and_flashes_and_pans_are_none()
    {
        MadeShots film = MadeShots.Make(1, 200);
        Assert.True(film.Distractions.Count > 40);
        double ours = film.F1(Cuts(film.Frames)), theirs = film.F1(SceneChanges(film.Frames)), adaptive = film.F1(Adaptive(film.Frames));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{film.Frames.Count} frames, F1 {ours:0.000}; scdet {theirs:0.000}, adaptive content {adaptive:0.000}"));
        Assert.True(ours >= 0.95, $"F1 {ours:0.000}");
        Assert.True(ours > theirs && ours > adaptive, $"F1 {ours:0.000}, {theirs:0.000}, {adaptive:0.000}");
    }

    [Fact]
    public void What_is_decided_is_never_changed_and_memory_is_that_of_few_frames()
    {
        MadeShots film = MadeShots.Make(3, 20);
        var detector = new ShotDetector(MadeShots.Height, MadeShots.Width);
        var seen = new List<(long Decided, long[] Cuts)>();
        foreach (byte[] frame in film.Frames)
        {
            detector.Add(frame);
            seen.Add((detector.Decided, [.. detector.Cuts]));
        }
        detector.Complete();
        Assert.Equal(film.Frames.Count, detector.Decided);
        foreach ((long decided, long[] cuts) in seen)
            Assert.Equal(detector.Cuts.Where(c => c < decided), cuts);
        Assert.All(seen.Index(), s => Assert.InRange(s.Index - s.Item.Decided, -1, 80));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Few_frames_have_no_cut(int frames)
    {
        Assert.Empty(Cuts([.. Enumerable.Range(0, frames).Select(i => Plain((byte)(i * 40)))]));
        Assert.Empty(Cuts([.. Enumerable.Repeat(Plain(0), 20 * frames)]));
    }

    [Fact]
    public void Long_black_is_a_shot_and_short_black_is_a_border()
    {
        byte[][] film = [.. Times(50, 100), .. Times(60, 0), .. Times(50, 200), .. Times(20, 0), .. Times(50, 100)];
        Assert.Equal([50L, 110, 170], Cuts(film));
    }

    private static IEnumerable<byte[]> Times(int count, byte value) => Enumerable.Repeat(Plain(value), count);

    private static byte[] Plain(byte value)
    {
        byte[] frame = new byte[MadeShots.Height * MadeShots.Width * 3];
        Array.Fill(frame, value);
        return frame;
    }

    private static IReadOnlyList<long> Cuts(IReadOnlyList<byte[]> frames)
    {
        var detector = new ShotDetector(MadeShots.Height, MadeShots.Width);
        foreach (byte[] frame in frames)
            detector.Add(frame);
        detector.Complete();
        return detector.Cuts;
    }

    // ffmpeg's filter as it comes.
    private static List<long> SceneChanges(List<byte[]> frames)
    {
        var start = new ProcessStartInfo("ffmpeg", ["-v", "info", "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size",
            $"{MadeShots.Width}x{MadeShots.Height}", "-framerate", "25", "-i", "pipe:0", "-vf", "scdet", "-f", "null", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        foreach (byte[] frame in frames)
            process.StandardInput.BaseStream.Write(frame);
        process.StandardInput.Close();
        process.WaitForExit();
        return [.. SceneTime().Matches(said.Result).Select(m =>
            (long)Math.Round(25 * double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)))];
    }

    // PySceneDetect's AdaptiveDetector as it comes: the change of hue, saturation and value, three times that of the two frames before and
    // the two behind, and at least 15.
    private static List<long> Adaptive(List<byte[]> frames)
    {
        double[] changes = new double[frames.Count];
        for (int i = 1; i < frames.Count; i++)
            changes[i] = Change(frames[i - 1], frames[i]);
        var cuts = new List<long>();
        for (int i = 3; i < frames.Count - 2; i++)
        {
            double around = (changes[i - 2] + changes[i - 1] + changes[i + 1] + changes[i + 2]) / 4;
            if (changes[i] >= 15 && changes[i] >= 3 * around && (cuts.Count == 0 || i - cuts[^1] >= 15))
                cuts.Add(i);
        }
        return cuts;
    }

    private static double Change(byte[] a, byte[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i += 3)
        {
            (double h, double s, double v) = Hsv(a[i], a[i + 1], a[i + 2]);
            (double h2, double s2, double v2) = Hsv(b[i], b[i + 1], b[i + 2]);
            sum += Math.Abs(h - h2) + Math.Abs(s - s2) + Math.Abs(v - v2);
        }
        return sum / a.Length;
    }

    // OpenCV's 8-bit scales: hue 0 to 180, the others to 255.
    private static (double H, double S, double V) Hsv(double r, double g, double b)
    {
        double v = Math.Max(r, Math.Max(g, b)), d = v - Math.Min(r, Math.Min(g, b));
        double h = d == 0 ? 0 : v == r ? 60 * (g - b) / d : v == g ? 120 + 60 * (b - r) / d : 240 + 60 * (r - g) / d;
        return ((h < 0 ? h + 360 : h) / 2, v == 0 ? 0 : 255 * d / v, v);
    }

    [GeneratedRegex(@"lavfi\.scd\.time: ([0-9.]+)")]
    private static partial Regex SceneTime();
}
