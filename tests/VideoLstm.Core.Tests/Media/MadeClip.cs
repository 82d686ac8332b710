using System.Diagnostics;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Tests.Media;

/// <summary>Clips made on the spot by ffmpeg, and a plain way to read them.</summary>
internal static class MadeClip
{
    /// <summary>Grey level of frame n of <see cref="Counter"/>.</summary>
    public static int Grey(long frame) => 40 + (int)(frame % 20) * 8;

    /// <summary>A source whose frames are of one grey each, another one on each frame.</summary>
    public static string Counter(int width, int height, string rate, int frames) =>
        $"nullsrc=s={width}x{height}:r={rate},geq=r='40+mod(N\\,20)*8':g='40+mod(N\\,20)*8':b='40+mod(N\\,20)*8',format=gbrp,trim=end_frame={frames}";

    /// <summary>Runs ffmpeg on a filter source; fails the test with what it says if it fails.</summary>
    public static string Make(string path, string source, params string[] options)
    {
        Run("ffmpeg", ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, .. options, "file:" + path]);
        return path;
    }

    /// <summary>What ffprobe prints for one entry of the first stream of a kind.</summary>
    public static string Probe(string path, string entry, string stream = "v:0") =>
        Run("ffprobe", ["-v", "error", "-select_streams", stream, "-show_entries", "stream=" + entry, "-of", "csv=p=0", "file:" + path]).Split('\n')[0].TrimEnd(',');

    /// <summary>All frames of a video and their times.</summary>
    public static List<(byte[] Rgb, double Seconds)> ReadAll(FrameReader reader, int height, int width)
    {
        var frames = new List<(byte[], double)>();
        byte[] rgb = new byte[height * width * 3];
        while (reader.Read(rgb, out double seconds))
            frames.Add(((byte[])rgb.Clone(), seconds));
        return frames;
    }

    /// <summary>Times of all frames, as the first pass over a video gathers them.</summary>
    public static FrameTiming TimingOf(string path)
    {
        var timing = new FrameTiming();
        using var reader = new FrameReader(path, 2, 2);
        byte[] rgb = new byte[2 * 2 * 3];
        while (reader.Read(rgb, out double seconds))
            timing.Add(seconds);
        return timing;
    }

    public static string Run(string program, IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors.Result}");
        return output.Trim();
    }
}
