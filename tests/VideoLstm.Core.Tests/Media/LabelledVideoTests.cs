using System.Globalization;
using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

public sealed class LabelledVideoTests : IDisposable
{
    private const int Width = 320, Height = 240;

    private static readonly string[] Texts = ["", "i", "WWWWWW {\\b1}"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("25", ".avi", "")]
    [InlineData("30000/1001", ".avi", "")]
    [InlineData("60", ".avi", "")]
    [InlineData("60", ".mp4", "")]
    [InlineData("60000/1001", ".mkv", "")]
    [InlineData("120", ".mp4", "")]
    [InlineData("30", ".webm", "")]
    [InlineData("25", ".mov", "")]
    [InlineData("25", ".mkv", ",settb=1/1000,setpts='N*17+mod(N,3)*8+gt(N,20)*400'")]
    [InlineData("25", ".mp4", ",settb=1/1000,setpts='N*17+mod(N,3)*8+gt(N,20)*400'")]
    public void EachFrameCarriesExactlyItsLabel(string rate, string extension, string retime)
    {
        string source = MakeSource(rate, retime, 60, extension is ".mp4" or ".mov" && retime.Length == 0 ? ".mp4" : ".mkv");
        string output = _folder.File("out" + extension);
        (List<double> times, FrameTiming timing) = Times(source);
        Assert.Equal(60, times.Count);

        Assert.Null(LabelledVideo.Write(source, output, Labels(times, timing), timing));

        using var reader = new FrameReader(output, Height, Width);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, Height, Width);
        Assert.Null(reader.Complaint);
        Assert.Equal(60, frames.Count);
        for (int n = 0; n < 60; n++)
        {
            Assert.True(KindOf(n) == DrawnOn(frames[n].Rgb), $"frame {n} carries label {DrawnOn(frames[n].Rgb)}, expected {KindOf(n)}");
            Assert.Equal(times[n] - times[0], frames[n].Seconds - frames[0].Seconds, 0.0011);
        }
        if (retime.Length == 0 && extension != ".webm" && extension != ".mkv")
            Assert.Equal(rate.Contains('/', StringComparison.Ordinal) ? rate : rate + "/1", MadeClip.Probe(output, "avg_frame_rate"));
        if (extension == ".avi")
            Assert.Equal("XVID", MadeClip.Probe(output, "codec_tag_string"));
    }

    [Fact]
    public void AviRepeatsFramesOfAVariableRateAndDropsNone()
    {
        string source = MakeSource("25", ",settb=1/1000,setpts='N*20+20*floor(N/7)'", 40);
        string output = _folder.File("out.avi");
        (List<double> times, FrameTiming timing) = Times(source);

        LabelledVideo.Write(source, output, Labels(times, timing), timing);

        using var reader = new FrameReader(output, Height, Width);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, Height, Width);
        int source_n = 0;
        for (int n = 0; n < frames.Count; n++)
        {
            while (source_n + 1 < times.Count && times[source_n + 1] <= frames[n].Seconds + 0.005)
                source_n++;
            Assert.True(KindOf(source_n) == DrawnOn(frames[n].Rgb), $"frame {n} at {frames[n].Seconds} carries label {DrawnOn(frames[n].Rgb)}, expected that of source frame {source_n}");
            int bottom = ((Height - 4) * Width + 80) * 3;
            Assert.InRange(frames[n].Rgb[bottom], Shade(source_n) - 4, Shade(source_n) + 4);
        }
        Assert.Equal(times.Count - 1, source_n);
        Assert.InRange(frames.Count, 44, 47);
    }

    [Theory]
    [InlineData(".avi", "aac", "mp3")]
    [InlineData(".mp4", "aac", "aac")]
    [InlineData(".mkv", "pcm_s16le", "pcm_s16le")]
    [InlineData(".mp4", "pcm_s16le", "aac")]
    [InlineData(".webm", "aac", "opus")]
    public void AudioStaysAndIsCopiedWhereItCanBe(string extension, string codec, string expected)
    {
        string source = _folder.File("source.mkv");
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x96:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1", "-c:a", codec, source]);
        string output = _folder.File("out" + extension);
        FrameTiming timing = MadeClip.TimingOf(source);

        Assert.Null(LabelledVideo.Write(source, output, [new FrameLabel(0, 25, 0, 1, ["a"])], timing));

        Assert.Equal(expected, MadeClip.Probe(output, "codec_name", "a:0"));
        Assert.Equal(25, VideoProbe.CountFrames(output));
        Assert.InRange(VideoProbe.Read(output).DurationSeconds ?? 1, 0.9, 1.15);
    }

    [Theory]
    [InlineData(".avi")]
    [InlineData(".mp4")]
    public void AudioStaysInStepWithFramesThatBeginAfterIt(string extension)
    {
        // Picture and audio both change at 2 s.
        string source = _folder.File("source.mkv"), output = _folder.File("out" + extension);
        MadeClip.Run("ffmpeg", [
            "-nostdin", "-v", "error", "-itsoffset", "0.5", "-f", "lavfi", "-i", "color=black:s=160x96:r=25:d=3,drawbox=color=gray:t=fill:enable='gte(t,1.5)'",
            "-f", "lavfi", "-i", "aevalsrc=exprs='0.5*sin(880*PI*t)*gte(t,2)':d=3.5:s=48000", "-c:v", "libx264", "-c:a", "pcm_s16le", source]);
        FrameTiming timing = MadeClip.TimingOf(source);

        Assert.Null(LabelledVideo.Write(source, output, [new FrameLabel(0, 75, 0.5, 3.5, ["a"])], timing));

        using var reader = new FrameReader(output, 96, 160);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 96, 160);
        Assert.Equal(75, frames.Count);
        double flash = frames.First(f => f.Rgb[^1] > 64).Seconds;
        string raw = _folder.File("audio.raw");
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-copyts", "-i", output, "-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", "8000", "-f", "s16le", raw]);
        short[] audio = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(raw)).ToArray();
        double click = Array.FindIndex(audio, s => Math.Abs(s) > 4000) / 8000.0;
        Assert.Equal(flash, click, 0.08);
    }

    [Fact]
    public void OddAndAnamorphicSizesAreKept()
    {
        string source = MadeClip.Make(_folder.File("a.mkv"), "testsrc=s=161x97:r=25:d=0.4,setsar=2/1", "-c:v", "ffv1");
        string output = _folder.File("new folder", "out.mp4");

        LabelledVideo.Write(source, output, [new FrameLabel(0, 10, 0, 0.4, ["a"])], MadeClip.TimingOf(source));

        Assert.Equal("162,98,2:1", MadeClip.Probe(output, "width,height,sample_aspect_ratio"));
        Assert.Equal([output], Directory.GetFileSystemEntries(Path.GetDirectoryName(output)!));
    }

    [Fact]
    public void RefusesItsOwnSourceAndUnknownContainersAndLeavesNothing()
    {
        string source = MadeClip.Make(_folder.File("a.mp4"), "testsrc=s=64x64:r=25:d=0.4");
        string link = _folder.File("link.mp4");
        File.CreateSymbolicLink(link, source);
        string linkedFolder = _folder.File("folder");
        Directory.CreateSymbolicLink(linkedFolder, _folder.Path);
        byte[] before = File.ReadAllBytes(source);
        FrameTiming timing = MadeClip.TimingOf(source);

        foreach (string output in (string[])[source, link, Path.Combine(linkedFolder, "a.mp4"), _folder.File("out.gif"), Path.Combine(source, "out.mp4")])
            Assert.Throws<InputException>(() => LabelledVideo.Write(source, output, [new FrameLabel(0, 10, 0, 0.4, ["a"])], timing));

        Assert.Equal(before, File.ReadAllBytes(source));
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [SkippableTheory]
    [InlineData("made_vfr_h264.mp4", ".mp4")]
    [InlineData("made_vfr_vp9.mkv", ".mkv")]
    [InlineData("video_90.mov", ".avi")]
    [InlineData("made_rotate90_meta.mp4", ".mp4")]
    [InlineData("launch.mpg", ".mkv")]
    [InlineData("made_odd_427x241_mjpeg.avi", ".avi")]
    [InlineData("h264_10bits.mp4", ".mp4")]
    [InlineData("input_hdr.mov", ".mp4")]
    [InlineData("made_interlaced_mpeg2.mpg", ".mkv")]
    [InlineData("made_animated.gif", ".mp4")]
    [InlineData("no_extension", ".webm")]
    [InlineData("test_video.mp4", ".mp4")]
    [InlineData("quote's & %20 #1 [x] (y);,=+@$HOME.mp4", ".avi")]
    public void RealVideosKeepTheirFramesSizeAndAudio(string name, string extension)
    {
        string source = TestAssets.Require("videos", "odd", name);
        string output = _folder.File(name + " labelled" + extension);
        VideoInfo info = VideoProbe.Read(source);
        FrameTiming timing = MadeClip.TimingOf(source);

        Assert.Null(LabelledVideo.Write(source, output, [new FrameLabel(0, timing.Frames, 0, timing.EndSeconds, ["a"])], timing));

        VideoInfo written = VideoProbe.Read(output);
        FrameTiming after = MadeClip.TimingOf(output);
        Assert.Equal(timing.Frames, after.Frames);
        Assert.InRange(written.Width - info.Width, 0, 2);
        Assert.InRange(written.Height - info.Height, 0, 1);
        Assert.Equal(info.HasAudio, written.HasAudio);
        Assert.Equal(timing.LastSeconds - timing.FirstSeconds, after.LastSeconds - after.FirstSeconds, 0.02);
    }

    private string MakeSource(string rate, string retime, int frames, string extension = ".mkv") => MadeClip.Make(
        _folder.File("source, it's [a]:1" + extension),
        $"nullsrc=s={Width}x{Height}:r={rate},geq=lum='30+mod(N\\,10)*6':cb=128:cr=128,trim=end_frame={frames}{retime}",
        "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "libx264", "-qp", "8");

    private static int Shade(int frame) => (int)((30 + frame % 10 * 6 - 16) * 255 / 219.0);

    private static (List<double> Times, FrameTiming Timing) Times(string path)
    {
        using var reader = new FrameReader(path, 2, 2);
        List<double> times = [.. MadeClip.ReadAll(reader, 2, 2).Select(f => f.Seconds)];
        var timing = new FrameTiming();
        times.ForEach(timing.Add);
        return (times, timing);
    }

    /// <summary>Labels of 1, 2, 3, 1, 2, 3, ... frames, each of another kind than the one before.</summary>
    [Theory]
    [InlineData("corner=top-left", false, false)]
    [InlineData("size=small,corner=bottom-left,bars", false, true)]
    [InlineData("corner=top-right,size=30", true, false)]
    [InlineData("bars,corner=bottom-right,size=20", true, true)]
    public void LabelsStandInTheirCornerAndBarsAreAsLongAsTheirShare(string text, bool right, bool bottom)
    {
        LabelStyle style = LabelStyle.Parse(text);
        int[] white = new int[2];
        foreach ((int i, double share) in ((double[])[0.2, 0.9]).Index())
        {
            string source = MadeClip.Make(_folder.File($"black{i}.mp4"), $"color=black:s={Width}x{Height}:r=25", "-frames:v", "5"), output = _folder.File($"out{i}.mkv");
            LabelledVideo.Write(source, output, [new FrameLabel(0, 5, 0, 0.2, ["i"]) { Bars = [share] }], MadeClip.TimingOf(source), style);
            using var reader = new FrameReader(output, Height, Width);
            byte[] rgb = MadeClip.ReadAll(reader, Height, Width)[2].Rgb;
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    if (rgb[(y * Width + x) * 3] < 200)
                        continue;
                    Assert.True(right == x >= Width / 2 && bottom == y >= Height / 2, $"white at {x}, {y}");
                    white[i]++;
                }
            }
        }
        // Beside the letter, which is small, a bar of 0.9 is 4.5 times as long as one of 0.2.
        Assert.InRange((double)white[1] / white[0], style.HasBars ? 2.5 : 0.99, style.HasBars ? 4.5 : 1.01);
    }

    [Theory]
    [InlineData("size=huge")]
    [InlineData("corner=middle")]
    [InlineData("size=3")]
    [InlineData("bar")]
    public void AStyleThatMeansNothingIsRefused(string text) =>
        Assert.Contains($"`{text}` means nothing here", Assert.Throws<InputException>(() => LabelStyle.Parse("size=12," + text)).Message, StringComparison.Ordinal);

    private static IEnumerable<FrameLabel> Labels(List<double> times, FrameTiming timing)
    {
        for (int first = 0, end; first < times.Count; first = end)
        {
            end = first + 1;
            while (end < times.Count && KindOf(end) == KindOf(first))
                end++;
            yield return new FrameLabel(first, end, times[first], end < times.Count ? times[end] : timing.EndSeconds, [Texts[KindOf(first)]]);
        }
    }

    private static int KindOf(int frame) => (frame % 6) switch { 0 => 0, 1 or 2 => 1, _ => 2 };

    private static int DrawnOn(byte[] rgb)
    {
        int bright = 0;
        for (int i = 0; i < rgb.Length; i += 3)
            bright += rgb[i] > 130 ? 1 : 0;
        return bright switch { 0 => 0, < 30 => 1, _ => 2 };
    }
}
