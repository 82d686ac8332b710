using VideoLstm.Core.Clips;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Core.Timelines;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Clips;

public sealed class ClipCutterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DataFolder Data => new(_folder.File("data"));

    [Theory]
    [InlineData("v.mp4", "25", "libx264")]
    [InlineData("v.mkv", "30000/1001", "libx264")]
    [InlineData("v.avi", "24000/1001", "mpeg4")]
    [InlineData("v.ts", "50", "mpeg2video")]
    [InlineData("v.webm", "15", "libvpx")]
    public void Each_clip_holds_the_frames_that_it_should(string name, string rate, string codec)
    {
        string video = NumberedVideo.Make(_folder.File(name), rate, 200, "null", "-c:v", codec, "-bf", codec == "libvpx" ? "0" : "2", "-g", "30", "-b:v", "2M");
        double fps = Rational.Parse(rate.Contains('/', StringComparison.Ordinal) ? rate : rate + "/1")!.Value.Value;
        // Times are those of the file, in which the first frame need not be at 0.
        double zero = NumberedVideo.Read(video)[0].Seconds;
        var timeline = new Timeline { Segments = [new(zero + 3 / fps, zero + 60.4 / fps, "a"), new(zero + 60.4 / fps, zero + 150 / fps, "b/c"), new(zero + 150 / fps, 500 / fps, "a")] };
        ClipCutResult result = ClipCutter.Run(Data, video, timeline, new(20 / fps, 20 / fps, ClipSet.Train, 0.25, false));
        Assert.Equal([3, 23, 60, 80, 100, 120, 150, 170], result.Plan.Clips.Select(c => c.First));
        Assert.Equal((8, 0, 0), (result.Cut, result.AlreadyDone, result.Removed));
        foreach (PlannedClip clip in result.Plan.Clips)
        {
            List<(int Number, double Seconds)> frames = NumberedVideo.Read(FileOf(clip));
            Assert.Equal(Enumerable.Range(clip.First, 20), frames.Select(f => f.Number));
            Assert.All(frames, (f, i) => Assert.Equal(i / fps, f.Seconds, 2e-3));
            Assert.Equal("20", MadeClip.Run("ffprobe", ["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", FileOf(clip)]));
            Assert.Equal(20 / fps, double.Parse(MadeClip.Probe(FileOf(clip), "duration"), System.Globalization.CultureInfo.InvariantCulture), 1e-3);
        }
    }

    [Fact]
    public void At_a_variable_rate_each_clip_has_the_frames_of_its_time()
    {
        string video = NumberedVideo.Make(_folder.File("v.mkv"), "50", 500, "select='mod(n\\,7)*mod(n\\,5)*gt(mod(n\\,60)\\,20)'", ["-c:v", "libx264", "-bf", "2", .. Ffmpeg.Passthrough]);
        ClipCutResult result = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 10, "a")] }, new(1.5, 1.5, ClipSet.Test, 0.25, false));
        Assert.False(result.Plan.IsConstant);
        List<(int Number, double Seconds)> all = NumberedVideo.Read(video);
        double start = all[0].Seconds;
        Assert.Equal(6, result.Plan.Clips.Count);
        foreach (PlannedClip clip in result.Plan.Clips)
        {
            List<(int Number, double Seconds)> expected = [.. all.Where(f => f.Seconds > start - 1e-3 && f.Seconds < start + 1.5 - 1e-3)], frames = NumberedVideo.Read(FileOf(clip));
            Assert.Equal(expected.Select(f => f.Number), frames.Select(f => f.Number));
            Assert.All(frames.Zip(expected), pair => Assert.Equal(pair.Second.Seconds - expected[0].Seconds, pair.First.Seconds, 2e-3));
            start += 1.5;
        }
    }

    [Fact]
    public void Clips_may_overlap_as_much_as_they_like()
    {
        string video = NumberedVideo.Make(_folder.File("v.mp4"), "25", 60);
        ClipCutResult result = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 2.4, "a")] }, new(1.2, 0.12, ClipSet.Train, 0.25, false));
        Assert.Equal(11, result.Plan.Clips.Count);
        foreach (PlannedClip clip in result.Plan.Clips)
            Assert.Equal(Enumerable.Range(clip.First, 30), NumberedVideo.Read(FileOf(clip)).Select(f => f.Number));
    }

    [Fact]
    public void What_is_done_stays_and_what_is_missing_comes_again_the_same()
    {
        string video = NumberedVideo.Make(_folder.File("v.mp4"), "25", 200);
        var timeline = new Timeline { Segments = [new(0, 4, "a"), new(4, 8, "b")] };
        var options = new ClipOptions(1, 1, null, 0.25, false);
        string[] files = [.. ClipCutter.Run(Data, video, timeline, options).Plan.Clips.Select(FileOf)];
        byte[][] contents = [.. files.Select(File.ReadAllBytes)];
        DateTime[] written = [.. files.Select(File.GetLastWriteTimeUtc)];
        File.Delete(files[1]);
        File.Delete(files[^1]);
        ClipCutResult again = ClipCutter.Run(Data, video, timeline, options);
        Assert.Equal((2, files.Length - 2, 0), (again.Cut, again.AlreadyDone, again.Removed));
        Assert.Equal(contents, files.Select(File.ReadAllBytes));
        Assert.All(files[2..^1].Zip(written[2..^1]), f => Assert.Equal(f.Second, File.GetLastWriteTimeUtc(f.First)));
    }

    [Fact]
    public void Corrected_labels_leave_no_clip_of_the_old_ones()
    {
        string video = NumberedVideo.Make(_folder.File("v.mp4"), "25", 200);
        var options = new ClipOptions(1, 1, ClipSet.Train, 0.25, false);
        ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 4, "a"), new(4, 8, "b")] }, options);
        FrameExtraction.Run(Data, "mp4", pictures: true, ClipLayout.Listed(Lists()));
        string mine = _folder.File("data", "train", "a", "mine-0001.mp4");
        File.WriteAllText(mine, "");
        ClipCutResult corrected = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 3, "a"), new(3, 8, "b")] }, options);
        Assert.Equal((1, 7, 1), (corrected.Cut, corrected.AlreadyDone, corrected.Removed));
        Assert.Equal(
            ["a/mine-0001.mp4", "a/v-0001.mp4", "a/v-0002.mp4", "a/v-0003.mp4", "b/v-0004.mp4", "b/v-0005.mp4", "b/v-0006.mp4", "b/v-0007.mp4", "b/v-0008.mp4"], Clips("*.mp4"));
        Assert.Equal(7 * 25, Clips("*.jpg").Length);
    }

    [Fact]
    public void Two_videos_of_one_name_do_not_mix()
    {
        var timeline = new Timeline { Segments = [new(0, 2, "a")] };
        var options = new ClipOptions(1, 1, ClipSet.Train, 0.25, false);
        string first = NumberedVideo.Make(_folder.File("x", "v.mp4"), "25", 60), second = NumberedVideo.Make(_folder.File("y", "v.mkv"), "25", 75);
        File.WriteAllText(_folder.File("data", "test", "b", "v 2-0007.avi"), "of another making");
        ClipCutter.Run(Data, first, timeline, options);
        Assert.Contains("called v 3", Assert.Single(ClipCutter.Run(Data, second, timeline, options).Remarks).Fact, StringComparison.Ordinal);
        Assert.Equal(["a/v 3-0001.mp4", "a/v 3-0002.mp4", "a/v-0001.mp4", "a/v-0002.mp4"], Clips("*.mp4"));
        Assert.Equal(2, ClipCutter.Run(Data, second, timeline, options).AlreadyDone);
        // Moved, it is the same video.
        File.Move(first, _folder.File("z", "v.mp4"));
        Assert.Equal(2, ClipCutter.Run(Data, _folder.File("z", "v.mp4"), timeline, options).AlreadyDone);
    }

    [Fact]
    public void Frames_that_cannot_be_decoded_move_no_clip()
    {
        string whole = NumberedVideo.Make(_folder.File("w.ts"), "25", 300, "null", "-c:v", "libx264", "-bf", "2", "-g", "40", "-keyint_min", "40", "-sc_threshold", "0"), video = _folder.File("v.ts");
        byte[] bytes = File.ReadAllBytes(whole);
        // The recording begins in the middle of a group of pictures, and a stretch of it is lost.
        int packets = bytes.Length / 188;
        File.WriteAllBytes(video, [.. bytes[(packets / 6 * 188)..(packets / 2 * 188)], .. bytes[(packets * 3 / 5 * 188)..]]);
        List<(byte[] Rgb, double Seconds)> all = ReadAll(video);
        ClipCutResult result = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, all[^1].Seconds, "a")] }, new(1, 1, ClipSet.Train, 0.25, false));
        Assert.InRange(result.Plan.Clips.Count, 4, all.Count / 25);
        foreach (PlannedClip clip in result.Plan.Clips)
        {
            List<(byte[] Rgb, double Seconds)> frames = ReadAll(FileOf(clip));
            Assert.Equal(clip.Frames, frames.Count);
            Assert.All(frames, (f, i) => Assert.True(f.Rgb.Zip(all[clip.First + i].Rgb).Average(p => Math.Abs(p.First - p.Second)) < 3));
        }
    }

    [Fact]
    public void Odd_sizes_become_even()
    {
        string video = MadeClip.Make(_folder.File("v.mkv"), MadeClip.Counter(65, 49, "25", 30), "-c:v", "ffv1");
        ClipCutResult result = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 1.2, "a")] }, new(0.4, 0.4, ClipSet.Train, 0.25, false));
        Assert.Equal(3, result.Plan.Clips.Count);
        foreach (PlannedClip clip in result.Plan.Clips)
        {
            Assert.Equal("66,50", MadeClip.Probe(FileOf(clip), "width,height"));
            using var reader = new FrameReader(FileOf(clip), 50, 66);
            Assert.All(MadeClip.ReadAll(reader, 50, 66), (f, i) => Assert.InRange(f.Rgb[(25 * 66 + 33) * 3], MadeClip.Grey(clip.First + i) - 2, MadeClip.Grey(clip.First + i) + 2));
        }
    }

    [Theory]
    [InlineData("red", "bt709", "tv", "yuv420p", "libx264")]
    [InlineData("0x3080C0", "smpte170m", "tv", "yuv422p", "libx264")]
    [InlineData("0xC08030", "bt709", "pc", "yuvj420p", "libx264")]
    [InlineData("0xC08030", "bt709", "pc", "yuv420p", "libvpx-vp9")]
    [InlineData("0xC08030", "bt709", "pc", "yuv444p", "ffv1")]
    [InlineData("0x20C0A0", "", "", "gbrp", "ffv1")]
    [InlineData("0xE02040", "", "", "yuv420p", "mpeg4")]
    public void Colours_stay_what_they_are(string colour, string matrix, string range, string pixels, string codec)
    {
        string[] said = matrix.Length > 0 ? ["-colorspace", matrix, "-color_range", range] : [], quality = codec is "mpeg4" ? ["-q:v", "1"] : codec is "ffv1" ? [] : ["-crf", "1"];
        string conversion = matrix.Length > 0 ? $"scale=out_color_matrix={matrix}:out_range={range}," : "";
        string video = MadeClip.Make(_folder.File("v.mkv"), $"color={colour}:s=64x64:r=25,format=gbrp,{conversion}format={pixels}", ["-frames:v", "10", "-c:v", codec, .. quality, .. said]);
        ClipCutResult result = ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 0.4, "a")] }, new(0.4, 0.4, ClipSet.Train, 0.25, false));
        byte[] before = FirstFrame(video), after = FirstFrame(FileOf(result.Plan.Clips[0])), drawn = Convert.FromHexString(colour == "red" ? "FF0000" : colour[2..]);
        for (int i = 0; i < before.Length; i++)
        {
            Assert.InRange(before[i], drawn[i % 3] - 6, drawn[i % 3] + 6);
            Assert.InRange(after[i], before[i] - 3, before[i] + 3);
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"video\": \"v.mp4\", \"digest\": \"x\", \"clips\": [{\"name\": \"../../x\", \"set\": \"train\", \"class\": \"a\", \"first\": 0, \"frames\": 5}]}")]
    [InlineData("{\"video\": \"v.mp4\", \"digest\": \"x\", \"clips\": [{\"name\": \"x\", \"set\": \"all\", \"class\": \"a\", \"first\": 0, \"frames\": 5}]}")]
    [InlineData("{\"video\": \"v.mp4\", \"digest\": \"x\", \"clips\": [null]}")]
    public void A_list_of_clips_that_cannot_be_is_refused(string list)
    {
        string video = NumberedVideo.Make(_folder.File("v.mp4"), "25", 30);
        File.WriteAllText(_folder.File("data", "clips", "v.json"), list);
        InputException error = Assert.Throws<InputException>(() => ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 1, "a")] }, new(1, 1, ClipSet.Train, 0.25, false)));
        Assert.Contains("v.json: is no list of clips", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_run_at_a_time()
    {
        string video = NumberedVideo.Make(_folder.File("v.mp4"), "25", 30);
        using FileStream other = ClipList.Of(Data, video).Lock(TimeSpan.Zero);
        InputException error = Assert.Throws<InputException>(() => ClipCutter.Run(Data, video, new Timeline { Segments = [new(0, 1, "a")] }, new(1, 1, ClipSet.Train, 0.25, false)));
        Assert.Contains("another run", error.Message, StringComparison.Ordinal);
    }

    private ClipLists Lists()
    {
        File.WriteAllLines(_folder.File("train.txt"), Clips("*.mp4")[1..]);
        File.WriteAllLines(_folder.File("test.txt"), Clips("*.mp4")[..1]);
        return ClipLists.OfSets(_folder.File("train.txt"), _folder.File("test.txt"));
    }

    private string[] Clips(string pattern) => [.. Directory.GetFiles(_folder.File("data", "train"), pattern, SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_folder.File("data", "train"), f)).Order(StringComparer.Ordinal)];

    private string FileOf(PlannedClip clip) => Path.Combine(Data.ClassFolder(clip.Set, clip.Class), clip.Name + ".mp4");

    private static List<(byte[] Rgb, double Seconds)> ReadAll(string path)
    {
        using var reader = new FrameReader(path, NumberedVideo.Height, NumberedVideo.Width);
        return MadeClip.ReadAll(reader, NumberedVideo.Height, NumberedVideo.Width);
    }

    private static byte[] FirstFrame(string path)
    {
        using var reader = new FrameReader(path, 8, 8);
        byte[] rgb = new byte[8 * 8 * 3];
        Assert.True(reader.Read(rgb, out _));
        return rgb;
    }
}
