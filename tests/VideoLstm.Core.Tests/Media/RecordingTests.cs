using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

/// <summary>Recordings as television, drones and editors leave them.</summary>
public sealed class RecordingTests : IDisposable
{
    // Of a picture of 8 x 8.
    private const int Centre = 3 * (4 * 8 + 4);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mp4")]
    [InlineData("mkv")]
    public void A_still_without_the_cover_flag_is_not_taken_for_the_video(string extension)
    {
        string still = MadeClip.Make(_folder.File("s.jpg"), "color=blue:s=640x360", "-frames:v", "1");
        string video = MadeClip.Make(_folder.File("v.mp4"), MadeClip.Counter(96, 64, "10", 12), "-c:v", "libx264");
        string both = _folder.File("both." + extension);
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-i", still, "-i", video, "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "0", both]);

        VideoInfo info = VideoProbe.Read(both);

        Assert.Equal((1, 96, 64), (info.StreamIndex, info.Width, info.Height));
        Assert.Contains("stream 1 is read", info.Remark?.Fact, StringComparison.Ordinal);
        Assert.Equal(12, VideoProbe.CountFrames(both));
        Assert.Equal(12, FramePictures.Extract(both, _folder.Path, "both"));
        Assert.Equal(12, VideoProbe.PacketTimes(info, default)!.Count);
    }

    [Fact]
    public void Of_two_angles_the_default_one_is_taken_before_the_larger_and_the_larger_before_the_first()
    {
        VideoStream still = new(0, "mjpeg", 4000, 3000, true, 1), first = new(1, "h264", 64, 48, false, 90), larger = new(2, "h264", 640, 480, false, 80), shown = new(3, "h264", 32, 32, true, 70);
        Assert.Same(shown, VideoStream.Choose([still, first, larger, shown]));
        Assert.Same(larger, VideoStream.Choose([still, first, larger, new(4, "", 1920, 1080, true, 90)]));
        Assert.Same(still, VideoStream.Choose([still]));
    }

    [Theory]
    [InlineData(".avi", "")]
    [InlineData(".mp4", "")]
    [InlineData(".mkv", "-pix_fmt yuv422p -profile:v 0")]
    [InlineData(".avi", "-aspect 3:1")]
    public void Where_a_recording_changes_its_size_each_frame_keeps_its_label_and_number(string extension, string change)
    {
        string source = Changing(change, out long frames);
        FrameTiming timing = MadeClip.TimingOf(source);
        string output = _folder.File("out" + extension);
        FrameLabel[] labels = [new(0, frames, 0, timing.EndSeconds, ["label"])];

        Assert.Null(LabelledVideo.Write(source, output, labels, timing));

        Assert.Equal(frames, timing.Frames);
        using var before = new FrameReader(source, 8, 8, FrameFit.CenterCrop);
        List<(byte[] Rgb, double Seconds)> read = MadeClip.ReadAll(before, 8, 8);
        using var reader = new FrameReader(output, 8, 8, FrameFit.CenterCrop);
        List<(byte[] Rgb, double Seconds)> written = MadeClip.ReadAll(reader, 8, 8);
        Assert.Equal(frames, written.Count);
        for (int n = 0; n < written.Count; n++)
            Assert.InRange(written[n].Rgb[Centre], read[n].Rgb[Centre] - 4, read[n].Rgb[Centre] + 4);
    }

    [Theory]
    [InlineData(FrameFit.Resize)]
    [InlineData(FrameFit.CenterCrop)]
    public void Where_a_recording_changes_its_size_chosen_frames_are_those_of_the_whole(FrameFit fit)
    {
        string source = Changing("", out long frames);
        using var all = new FrameReader(source, 16, 24, fit);
        List<(byte[] Rgb, double Seconds)> whole = MadeClip.ReadAll(all, 16, 24);
        Assert.Equal(frames, whole.Count);
        long[] wanted = [3, 23, 24, 25, 40, 48, 49, 60, frames - 1];

        using var some = new FrameReader(source, 16, 24, fit, wanted);
        List<(byte[] Rgb, double Seconds)> chosen = MadeClip.ReadAll(some, 16, 24);

        Assert.Equal(wanted.Length, chosen.Count);
        foreach ((long frame, (byte[] rgb, double seconds)) in wanted.Zip(chosen))
        {
            Assert.Equal(whole[(int)frame].Seconds, seconds, 1e-9);
            Assert.Equal(whole[(int)frame].Rgb, rgb);
        }
    }

    [Fact]
    public void A_recording_that_begins_inside_a_group_of_pictures_is_not_damaged()
    {
        byte[] whole = File.ReadAllBytes(Broadcast());
        string late = _folder.File("late.ts");
        File.WriteAllBytes(late, whole[(whole.Length / 7)..]);
        var remarks = new List<Finding>();

        long frames = VideoProbe.CountFrames(late, remarks.Add);

        Assert.InRange(frames, 60, 99);
        Assert.All(remarks, r => Assert.Contains("cannot be decoded", r.Fact, StringComparison.Ordinal));
    }

    [Fact]
    public void A_recording_that_lost_a_packet_is_kept_and_one_that_lost_many_is_refused_with_the_share()
    {
        const int packet = 188;
        byte[] whole = File.ReadAllBytes(Broadcast());
        int packets = whole.Length / packet;
        string Without(string name, Func<int, bool> lost)
        {
            File.WriteAllBytes(_folder.File(name), [.. Enumerable.Range(0, packets).Where(i => !lost(i)).SelectMany(i => whole[(i * packet)..((i + 1) * packet)])]);
            return _folder.File(name);
        }

        string many = Without("many.ts", i => i > packets / 3 && i % 20 == 0);
        InputException e = Assert.Throws<InputException>(() => VideoProbe.CountFrames(many));

        Assert.Matches(@"is damaged: \d+ of \d+ frames \(\d+(\.\d)? %\) are lost or broken", e.Message);
        Assert.True(VideoProbe.CountFrames(Without("whole.ts", _ => false)) == 100);
    }

    [Theory]
    [InlineData(3, 1, DamagePolicy.KeepSlight, false)]
    [InlineData(1, 1, DamagePolicy.KeepSlight, true)]
    [InlineData(90, 0, DamagePolicy.Keep, true)]
    [InlineData(1, 0, DamagePolicy.Fail, false)]
    [InlineData(0, 0, DamagePolicy.Fail, true)]
    public void Little_that_is_lost_is_tolerated(long missing, long broken, DamagePolicy policy, bool isTaken)
    {
        var damage = new VideoDamage("v.ts", 100 - missing, missing, broken, 0, "c");
        Assert.Equal(isTaken, damage.IsAcceptableTo(policy));
    }

    // A group of open groups of pictures, as television sends them.
    private string Broadcast() => MadeClip.Make(
        _folder.File("tv.ts"), "testsrc2=s=352x288:r=25", "-frames:v", "100", "-c:v", "libx264", "-x264-params", "open-gop=1:keyint=12:bframes=2", "-b:v", "1500k");

    // Twenty-five frames each: wide, changed, wide again.
    private string Changing(string change, out long frames)
    {
        string Part(string name, int width, int height, params string[] options) => MadeClip.Make(
            _folder.File(name), MadeClip.Counter(width, height, "25", 25), ["-c:v", "mpeg2video", "-q:v", "1", "-g", "5", "-bf", "0", "-flags", "low_delay", .. options, "-f", "mpegts"]);
        byte[] wide = File.ReadAllBytes(Part("a.ts", 320, 240)), other = File.ReadAllBytes(change.Length > 0 ? Part("b.ts", 320, 240, change.Split(' ')) : Part("b.ts", 160, 208));
        string source = _folder.File("changing.ts");
        File.WriteAllBytes(source, [.. wide, .. other, .. wide]);
        using var reader = new FrameReader(source, 2, 2);
        frames = MadeClip.ReadAll(reader, 2, 2).Count;
        return source;
    }
}
