using VideoLstm.Core.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

public sealed class FrameReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryFrameComesOnceWithItsTime()
    {
        string clip = MadeClip.Make(_folder.File("-odd name 100%, it's:#[é].mp4"), MadeClip.Counter(64, 48, "30000/1001", 50));

        using var reader = new FrameReader(clip, 24, 32);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 24, 32);

        Assert.Equal(50, frames.Count);
        Assert.Equal(50, reader.FramesDecoded);
        Assert.Null(reader.Complaint);
        for (int n = 0; n < frames.Count; n++)
        {
            Assert.All(frames[n].Rgb, value => Assert.InRange(value, MadeClip.Grey(n) - 3, MadeClip.Grey(n) + 3));
            Assert.Equal(n * 1001 / 30000.0, frames[n].Seconds, 1e-9);
        }
    }

    [Fact]
    public void TimesAreExactAtAVariableRate()
    {
        string clip = MadeClip.Make(
            _folder.File("a.mkv"), MadeClip.Counter(64, 48, "25", 20) + ",settb=1/1000,setpts='N*20+mod(N,3)*7'", "-fps_mode", "passthrough", "-enc_time_base", "-1");

        using var reader = new FrameReader(clip, 8, 8);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 8, 8);

        Assert.Equal(Enumerable.Range(0, 20).Select(n => Math.Round(n * 0.020 + n % 3 * 0.007, 3)), frames.Select(f => Math.Round(f.Seconds, 6)));
    }

    [Fact]
    public void ChosenFramesAreThoseOfThatNumber()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), MadeClip.Counter(64, 48, "25", 60));
        long[] wanted = [0, 3, 19, 20, 41, 59];

        using var reader = new FrameReader(clip, 8, 8, frames: wanted);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 8, 8);

        Assert.Equal(wanted.Select(n => n / 25.0), frames.Select(f => f.Seconds));
        Assert.All(frames.Zip(wanted), f => Assert.InRange(f.First.Rgb[0], MadeClip.Grey(f.Second) - 3, MadeClip.Grey(f.Second) + 3));
        Assert.Null(reader.Complaint);

        using var beyond = new FrameReader(clip, 8, 8, frames: [58, 60, 61]);
        Assert.Single(MadeClip.ReadAll(beyond, 8, 8));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(1000)]
    [InlineData(1001)]
    public void AsManyFramesCanBeChosenAsThereAre(int count)
    {
        string clip = MadeClip.Make(_folder.File("a.mkv"), "color=s=16x16:r=25", "-frames:v", "2100", "-preset", "ultrafast");
        long[] wanted = [.. Enumerable.Range(0, count).Select(n => n * 2L)];

        using var reader = new FrameReader(clip, 2, 2, frames: wanted);

        Assert.Equal(wanted.Select(n => n / 25.0), MadeClip.ReadAll(reader, 2, 2).Select(f => f.Seconds));
    }

    [Fact]
    public void ChosenFramesAreCountedOnThroughAChangeOfSize()
    {
        string clip = _folder.File("a.ts");
        using (FileStream joined = File.Create(clip))
        {
            foreach (int part in (int[])[0, 1])
            {
                string file = MadeClip.Make(_folder.File($"{part}.ts"), MadeClip.Counter(64 + part * 32, 48 + part * 16, "25", 10), "-c:v", "mpeg2video", "-q:v", "2", "-output_ts_offset", $"{part * 2}");
                joined.Write(File.ReadAllBytes(file));
            }
        }
        using var all = new FrameReader(clip, 8, 8);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(all, 8, 8);
        long[] wanted = [1, 5, 12, 17];

        using var reader = new FrameReader(clip, 8, 8, frames: wanted);
        List<(byte[] Rgb, double Seconds)> chosen = MadeClip.ReadAll(reader, 8, 8);

        Assert.Equal(wanted.Select(n => frames[(int)n].Seconds), chosen.Select(f => f.Seconds));
        Assert.Equal(wanted.Select(n => frames[(int)n].Rgb), chosen.Select(f => f.Rgb));
        Assert.Null(reader.Complaint);
    }

    public static TheoryData<string, string[]> KindsOfVideos => new()
    {
        { "a.mkv", ["-c:v", "ffv1"] },
        { "a.mp4", ["-c:v", "mpeg4", "-q:v", "2", "-metadata", "title=\n  Stream #0:1: Video: h264, yuv420p"] },
        // The larger of two is read, which is not the first.
        { "two.mkv", ["-filter_complex", "[0:v]split[a][b];[b]scale=128:96[c]", "-map", "[a]", "-map", "[c]", "-c:v", "ffv1"] },
        { "hdr.mkv", ["-pix_fmt", "yuv420p10", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:v", "ffv1"] },
        { "cover.mp4", ["-filter_complex", "[0:v]split[a][b];[b]trim=end_frame=1[c]", "-map", "[c]", "-map", "[a]", "-c:v:0", "mjpeg", "-disposition:v:0", "attached_pic", "-c:v:1", "mpeg4"] },
    };

    [Theory]
    [MemberData(nameof(KindsOfVideos))]
    public void AVideoThatWasNotAskedWhatItIsGivesTheSameFrames(string name, string[] options)
    {
        string clip = MadeClip.Make(_folder.File(name), "testsrc=s=64x48:r=25,trim=end_frame=12", options);
        long[] wanted = [0, 3, 4, 11];
        using FrameReader presumed = FrameReader.OpenPresumed(clip, 16, 16, FrameFit.CenterCrop, wanted, 1, default);
        List<(byte[] Rgb, double Seconds)> found = MadeClip.ReadAll(presumed, 16, 16);
        bool wasAsked = VideoProbe.Known(clip) is not null;
        using var asked = new FrameReader(clip, 16, 16, FrameFit.CenterCrop, wanted);
        List<(byte[] Rgb, double Seconds)> expected = MadeClip.ReadAll(asked, 16, 16);
        Assert.Equal(4, found.Count);
        Assert.Equal(expected.Select(f => f.Rgb), found.Select(f => f.Rgb));
        Assert.Equal(expected.Select(f => f.Seconds), found.Select(f => f.Seconds));
        Assert.Equal(name is not ("a.mkv" or "a.mp4"), wasAsked);
        Assert.Equal(4, presumed.FramesDecoded);
    }

    [Fact]
    public void AFileThatIsNoVideoIsRefusedAlikeWhetherItWasAskedOrNot()
    {
        string text = _folder.File("a.mp4");
        File.WriteAllText(text, "no video");
        using FrameReader presumed = FrameReader.OpenPresumed(text, 16, 16, FrameFit.Resize, [0], 1, default);
        string found = Assert.Throws<InputException>(() => presumed.Read(new byte[16 * 16 * 3], out _)).Message;
        Assert.Equal(Assert.Throws<InputException>(() => new FrameReader(text, 16, 16)).Message, found);
        Assert.Throws<InputException>(() => FrameReader.OpenPresumed(_folder.File("none.mp4"), 16, 16, FrameFit.Resize, [0], 1, default));
    }

    [Fact]
    public void TitlesAndNamesThatLookLikeFrameTimesAreNone()
    {
        string clip = MadeClip.Make(_folder.File("showinfo n: 0 pts: 9 .mp4"), MadeClip.Counter(64, 48, "25", 5), "-metadata", "title=showinfo n: 0 pts: 777 x");

        using var reader = new FrameReader(clip, 8, 8);

        Assert.Equal([0, 0.04, 0.08, 0.12, 0.16], MadeClip.ReadAll(reader, 8, 8).Select(f => f.Seconds));
    }

    [Theory]
    [InlineData("bt709", "tv")]
    [InlineData("bt709", "pc")]
    [InlineData("smpte170m", "tv")]
    [InlineData("smpte170m", "pc")]
    public void ColoursFollowTheStreamsMatrixAndRange(string matrix, string range)
    {
        // 0xC83C28 keeps clear of the edges of the cube, where a wrong matrix is clipped away.
        string clip = MadeClip.Make(
            _folder.File("a.mkv"),
            $"color=c=0xC83C28:s=64x64:r=5:d=1,format=gbrp,scale=out_color_matrix={matrix}:out_range={range},format=yuv444p",
            "-colorspace", matrix, "-color_range", range, "-c:v", "libx264", "-qp", "1");

        FramePictures.Extract(clip, _folder.Path, "a");
        using var reader = new FrameReader(clip, 16, 16);
        using var pictures = FrameReader.OpenPictures(FramePictures.Find(_folder.Path, "a"), 16, 16);
        // The JPEG frames that a network is trained on have the colours of the video that it labels.
        foreach (FrameReader frames in (FrameReader[])[reader, pictures])
        {
            byte[] rgb = MadeClip.ReadAll(frames, 16, 16)[0].Rgb;
            Assert.InRange(rgb[0], 0xC8 - 4, 0xC8 + 4);
            Assert.InRange(rgb[1], 0x3C - 4, 0x3C + 4);
            Assert.InRange(rgb[2], 0x28 - 4, 0x28 + 4);
        }
    }

    [Fact]
    public void HighDynamicRangeIsBroughtDownAtAnySize()
    {
        string clip = MadeClip.Make(
            _folder.File("hdr.mkv"), "testsrc2=s=64x64:r=5:d=1",
            "-pix_fmt", "yuv420p10", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:v", "ffv1");
        Assert.True(VideoProbe.Read(clip).IsHighDynamicRange);
        using var reader = new FrameReader(clip, 75, 77);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 75, 77);
        Assert.Equal(5, frames.Count);
        Assert.Null(reader.Complaint);
        Assert.InRange(frames[0].Rgb.Average(v => (double)v), 20, 235);
    }

    [Theory]
    [InlineData(FrameFit.Resize, 0)]
    [InlineData(FrameFit.CenterCrop, 255)]
    public void CroppingKeepsTheShownAspectAndCutsTheSides(FrameFit fit, int edge)
    {
        // Shown 128 x 64 (anamorphic): white is the square in the middle, the sides are black.
        string clip = MadeClip.Make(_folder.File("a.mkv"), "color=black:s=64x64:r=5:d=0.4,drawbox=x=16:w=32:color=white:t=fill,setsar=2/1", "-c:v", "libx264", "-qp", "1");

        using var reader = new FrameReader(clip, 32, 32, fit);
        byte[] rgb = MadeClip.ReadAll(reader, 32, 32)[0].Rgb;

        Assert.InRange(rgb[(16 * 32 + 2) * 3], edge - 8, edge + 8);
        Assert.InRange(rgb[(16 * 32 + 16) * 3], 247, 255);
    }

    [Theory]
    [InlineData(320, 240)]
    [InlineData(240, 320)]
    [InlineData(426, 240)]
    [InlineData(641, 361)]
    [InlineData(224, 224)]
    public void CroppedFramesAreThoseOfKerasExample(int width, int height)
    {
        const int side = 224;
        string clip = MadeClip.Make(_folder.File("a.mkv"), $"testsrc2=s={width}x{height}:r=5:d=0.2,gblur=sigma=2,format=gbrp", "-c:v", "ffv1");
        using var cropped = new FrameReader(clip, side, side, FrameFit.CenterCrop);
        byte[] frame = MadeClip.ReadAll(cropped, side, side)[0].Rgb;
        using var full = new FrameReader(clip, height, width);
        byte[] whole = MadeClip.ReadAll(full, height, width)[0].Rgb;

        // keras.io/examples/vision/video_classification: crop_center_square, then cv2.resize, which is bilinear.
        int square = Math.Min(width, height), x0 = width / 2 - square / 2, y0 = height / 2 - square / 2;
        double Difference(int shift) => Enumerable.Range(0, side * side * 3).Average(i => Math.Abs(frame[i] - Bilinear(i / 3 % side, i / 3 / side, i % 3, shift)));
        double Bilinear(int x, int y, int channel, int shift)
        {
            double scale = (double)square / side, u = Math.Clamp((x + 0.5) * scale - 0.5, 0, square - 1), v = Math.Clamp((y + 0.5) * scale - 0.5, 0, square - 1);
            int left = (int)u, top = (int)v, right = Math.Min(left + 1, square - 1), bottom = Math.Min(top + 1, square - 1);
            double At(int column, int row) => whole[(Math.Clamp(y0 + row + shift, 0, height - 1) * width + Math.Clamp(x0 + column + shift, 0, width - 1)) * 3 + channel];
            double above = At(left, top) + (u - left) * (At(right, top) - At(left, top)), below = At(left, bottom) + (u - left) * (At(right, bottom) - At(left, bottom));
            return above + (v - top) * (below - above);
        }

        // Sizes are rounded before the centre is cut out, so it may be half a pixel off: grey levels, and how many they are two pixels further.
        (double here, double before, double behind) = (Difference(0), Difference(-2), Difference(2));
        Assert.True(here < 2.5 && 2 * here < Math.Min(before, behind), $"{here:0.00} apart, two pixels further {before:0.00} and {behind:0.00}");
    }

    [Fact]
    public void PicturesOfDifferentSizesComeInOrder()
    {
        string[] files = [.. Enumerable.Range(0, 6).Select(n => MadeClip.Make(
            _folder.File($"%d picture {n}.jpg"), $"color=c=0x{MadeClip.Grey(n):X2}{MadeClip.Grey(n):X2}{MadeClip.Grey(n):X2}:s={40 + n % 2 * 24}x40", "-frames:v", "1", "-update", "1", "-q:v", "2"))];

        using FrameReader reader = FrameReader.OpenPictures(files, 16, 16);
        List<(byte[] Rgb, double Seconds)> frames = MadeClip.ReadAll(reader, 16, 16);

        Assert.Equal(6, frames.Count);
        Assert.Null(reader.Complaint);
        for (int n = 0; n < 6; n++)
            Assert.All(frames[n].Rgb, value => Assert.InRange(value, MadeClip.Grey(n) - 3, MadeClip.Grey(n) + 3));

        File.Delete(files[3]);
        using FrameReader gap = FrameReader.OpenPictures(files, 16, 16);
        Assert.StartsWith(files[3] + ": ", Assert.Throws<InputException>(() => MadeClip.ReadAll(gap, 16, 16)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACutOffVideoGivesItsFramesAndSaysSo()
    {
        string whole = MadeClip.Make(_folder.File("whole.mkv"), "testsrc=s=320x240:r=25:d=2", "-c:v", "libx264");
        byte[] bytes = File.ReadAllBytes(whole);
        string cut = _folder.File("cut.mkv");
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);

        using var reader = new FrameReader(cut, 8, 8);
        int frames = MadeClip.ReadAll(reader, 8, 8).Count;

        Assert.InRange(frames, 5, 45);
        Assert.NotNull(reader.Complaint);
        Assert.DoesNotContain('\n', reader.Complaint);
        Assert.Throws<InputException>(() => VideoProbe.CountFrames(cut));
    }

    [Fact]
    public void AReaderThatIsGivenUpOrCancelledEndsAtOnce()
    {
        string clip = MadeClip.Make(_folder.File("a.mp4"), "testsrc=s=640x360:r=25:d=20", "-preset", "ultrafast");
        byte[] rgb = new byte[640 * 360 * 3];
        int read = 0;

        using (var reader = new FrameReader(clip, 360, 640))
            Assert.True(reader.Read(rgb, out _));
        using var cancel = new CancellationTokenSource();
        using (var reader = new FrameReader(clip, 360, 640, ct: cancel.Token))
        {
            Assert.True(reader.Read(rgb, out _));
            cancel.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() =>
            {
                while (reader.Read(rgb, out _))
                    read++;
            });
        }

        // Of 500: what was on its way.
        Assert.InRange(read, 0, 50);
    }
}
