using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

public sealed class VideoProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TellsTimesOfFramesWithoutDecodingThem()
    {
        // Frames that are decoded in another order than shown, at a variable rate.
        string clip = MadeClip.Make(
            _folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 20) + ",settb=1/1000,setpts='N*20+mod(N,3)*7'", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "libx264", "-bf", "3");
        using var reader = new FrameReader(clip, 8, 8);
        List<double> seconds = [.. MadeClip.ReadAll(reader, 8, 8).Select(f => f.Seconds)];
        List<double> times = VideoProbe.PacketTimes(clip)!;
        Assert.Equal(seconds.Select(s => Math.Round(s - seconds[0], 4)), times.Select(t => Math.Round(t - times[0], 4)));
        // A stream without a container says nothing of times.
        string stream = _folder.File("a.h264");
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-i", clip, "-c:v", "copy", stream]);
        Assert.Null(VideoProbe.PacketTimes(stream));
    }

    [Fact]
    public void TellsWhatAVideoIs()
    {
        string clip = _folder.File("a.mkv");
        MadeClip.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=30000/1001:d=1,setsar=2/1", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", clip]);

        VideoInfo info = VideoProbe.Read(clip);

        Assert.Equal((320, 90), (info.Width, info.Height));
        Assert.Equal(new Rational(30000, 1001), info.FrameRate);
        Assert.Equal("h264", info.Codec);
        Assert.Equal("aac", info.AudioCodec);
        Assert.False(info.IsHighDynamicRange);
        Assert.InRange(info.DurationSeconds ?? 0, 0.95, 1.1);
        Assert.Equal(30, VideoProbe.CountFrames(clip));
    }

    [Fact]
    public void APlaylistOpensNoOtherFile()
    {
        MadeClip.Make(_folder.File("other.ts"), "testsrc=s=64x48:r=25:d=0.4", "-c:v", "mpeg2video");
        File.WriteAllText(_folder.File("hls.mp4"), "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n");
        File.WriteAllText(_folder.File("concat.mp4"), "ffconcat version 1.0\nfile other.ts\n");

        Assert.Equal("mpeg2video", VideoProbe.Read(_folder.File("other.ts")).Codec);
        foreach (string name in (string[])["hls.mp4", "concat.mp4"])
            Assert.StartsWith(_folder.File(name) + ": is no video", Assert.Throws<InputException>(() => VideoProbe.Read(_folder.File(name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesWhatIsNoVideoInOneLine()
    {
        File.WriteAllBytes(_folder.File("empty.mp4"), []);
        File.WriteAllText(_folder.File("text.mp4"), "no video at all\n");
        File.WriteAllText(_folder.File("list.m3u8"), "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
        MadeClip.Make(_folder.File("audio.mp4"), "sine=d=1", "-c:a", "aac");
        Directory.CreateDirectory(_folder.File("folder.mp4"));
        File.CreateSymbolicLink(_folder.File("dead.mp4"), _folder.File("nothing"));

        foreach ((string name, string reason) in ((string, string)[])[
            ("missing.mp4", "no such file"), ("dead.mp4", "no such file"), ("folder.mp4", "is a folder"), ("empty.mp4", "is empty"),
            ("text.mp4", "is no video"), ("list.m3u8", "video"), ("audio.mp4", "only audio")])
        {
            InputException e = Assert.Throws<InputException>(() => VideoProbe.Read(_folder.File(name)));
            Assert.StartsWith(_folder.File(name) + ": ", e.Message, StringComparison.Ordinal);
            Assert.Contains(reason, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }
}
