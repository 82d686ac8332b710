using System.Diagnostics;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

/// <summary>A video leads to nothing but itself, whatever the installed ffmpeg could read.</summary>
public sealed partial class DemuxersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Muxers of ffmpeg, the options that make a small file for each, and names of files beside it that a demuxer might look for.</summary>
    public static TheoryData<string, string> Samples => new()
    {
        { "mov", "-c:v mpeg4" }, { "mp4", "-c:v mpeg4" }, { "matroska", "-c:v mpeg4" }, { "webm", "-c:v libvpx" }, { "avi", "-c:v mpeg4" }, { "mpegts", "-c:v mpeg2video" },
        { "mpeg", "-c:v mpeg2video" }, { "vob", "-c:v mpeg2video" }, { "mpeg2video", "-c:v mpeg2video" }, { "asf", "-c:v wmv2" }, { "wtv", "-c:v mpeg2video" },
        { "flv", "-c:v flv" }, { "ogg", "-c:v libtheora" }, { "nut", "-c:v mpeg4" }, { "mxf", "-c:v mpeg2video -r 25" }, { "gxf", "-c:v mpeg2video -s 720x576 -r 25" },
        { "dv", "-c:v dvvideo -s 720x576 -pix_fmt yuv420p -r 25" }, { "rm", "-c:v rv10 -s 64x48" }, { "swf", "-c:v flv" }, { "ivf", "-c:v libvpx" }, { "h264", "-c:v libx264" },
        { "hevc", "-c:v libx265" }, { "m4v", "-c:v mpeg4" }, { "h263", "-c:v h263 -s 128x96" }, { "h261", "-c:v h261 -s 176x144" }, { "mjpeg", "-c:v mjpeg" }, { "smjpeg", "-c:v mjpeg" },
        { "mpjpeg", "-c:v mjpeg" }, { "yuv4mpegpipe", "" }, { "gif", "" }, { "apng", "" }, { "roq", "-c:v roqvideo -s 64x48 -r 30" }, { "filmstrip", "-pix_fmt rgba" },
        { "amv", "-c:v amv -ac 1 -ar 22050 -r 25 -block_size 882" }, { "dirac", "-c:v vc2" }, { "dnxhd", "-c:v dnxhd -s 1920x1080 -r 25 -b:v 120M -pix_fmt yuv422p" },
        { "3gp", "-c:v mpeg4" }, { "ismv", "-c:v libx264" }, { "f4v", "-c:v libx264" }, { "webp", "-frames:v 1" }, { "wav", "-vn" }, { "flac", "-vn" }, { "srt", "srt" }, { "ass", "ass" },
    };

    [SkippableTheory]
    [MemberData(nameof(Samples))]
    public void OpensNoOtherFile(string muxer, string options)
    {
        RequireStrace();
        string sample = _folder.File("movie.mp4");
        if (!TryMake(muxer, options, sample))
        {
            Skip.If(true, $"this ffmpeg cannot write {muxer}");
        }
        // What demuxers that go by names would look for.
        foreach (string name in (string[])["movie.sub", "movie.idx", "movie.M00", "movie.m00", "movie.srt", "movie.cue", "movie.m3u8", "movie.mp5", "movie.00", "MOVIE.MP4.0"])
            File.Copy(sample, _folder.File(name));

        Assert.Equal([sample], Opened(sample));
    }

    [SkippableFact]
    public void APatternIsTheNameOfOnePicture()
    {
        RequireStrace();
        string pattern = _folder.File("pic%03d.png");
        foreach (string path in (string[])[pattern, _folder.File("pic001.png"), _folder.File("pic002.png")])
            MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=red:s=16x16:d=1", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "file:" + path]);

        Assert.Equal([pattern], Opened(pattern));
        Assert.Equal(1, VideoProbe.CountFrames(pattern));
    }

    [SkippableFact]
    public void AnIndexOfSubtitlesLeadsToNoSubtitles()
    {
        RequireStrace();
        string index = _folder.File("a.mp4");
        File.WriteAllText(index, "# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n");
        File.WriteAllBytes(_folder.File("a.sub"), new byte[4096]);

        Assert.Equal([index], Opened(index));
        Assert.Contains("is no video", Assert.Throws<InputException>(() => VideoProbe.Read(index)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void APartOfSeveralIsReadAlone()
    {
        RequireStrace();
        // The head of a Magic Lantern recording whose further parts would lie beside it.
        string part = _folder.File("a.MLV");
        byte[] head = new byte[4096];
        "MLVI"u8.CopyTo(head);
        head[4] = 52;
        "v2.0\0"u8.CopyTo(head.AsSpan(8));
        File.WriteAllBytes(part, head);
        File.WriteAllBytes(_folder.File("a.M00"), head);

        Assert.Equal([part], Opened(part));
    }

    // Files of the test that ffprobe opens with the arguments that every verb uses, and addresses that it connects to.
    private List<string> Opened(string path)
    {
        string log = _folder.File("strace.log");
        var start = new ProcessStartInfo("strace", ["-f", "-qq", "-e", "trace=open,openat,openat2,connect", "-o", log, "ffprobe", "-v", "quiet", "-show_streams", .. Ffmpeg.Input(path)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using (Process process = Process.Start(start)!)
        {
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
        }
        return [.. Call().Matches(File.ReadAllText(log)).Select(m => m.Groups["inet"].Success ? m.Value : m.Groups["path"].Value)
            .Where(p => p.StartsWith(_folder.Path, StringComparison.Ordinal) || !p.StartsWith('/')).Distinct(StringComparer.Ordinal)];
    }

    private static bool TryMake(string muxer, string options, string path)
    {
        string[] input = options is "srt" or "ass" || options.Contains("-vn", StringComparison.Ordinal) || muxer == "amv" ? ["-f", "lavfi", "-i", "sine=d=0.4"] : [];
        if (options is "srt" or "ass")
        {
            File.WriteAllText(path, options == "srt" ? "1\n00:00:00,000 --> 00:00:01,000\na\n" : "[Script Info]\nScriptType: v4.00+\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,0:00:09.00,a\n");
            return true;
        }
        var start = new ProcessStartInfo(
            "ffmpeg", ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.4", .. input, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-f", muxer, "file:" + path])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static void RequireStrace()
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "strace")));
        Skip.IfNot(isThere, "strace is not on this machine");
    }

    // Successful opens, and any connection to the network.
    [GeneratedRegex("""open(at2?)?\([^"\n]*"(?<path>[^"]*)".*\) = \d+|(?<inet>connect\(.*AF_INET.*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Call();
}
