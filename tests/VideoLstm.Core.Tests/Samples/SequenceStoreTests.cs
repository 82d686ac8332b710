using System.Diagnostics;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Inference;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

/// <summary>From real clips to stored sequences and the samples in them.</summary>
public sealed class SequenceStoreTests : IDisposable
{
    private const int Side = 75;

    private static readonly Lazy<IFeatureExtractor> Extractor = new(() => new CpuBackend().CreateExtractor(InceptionWeights.Random(1).Spec(Side, Side), Precision.Float));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Windows_hold_the_features_of_their_frames_each_computed_once()
    {
        Clip clip = Draw("a", 40);
        float[] all = Features(new SequenceSpec(40, Side, Side, FrameSampling.Head, FrameFit.Resize, "w") { Features = InceptionV3.Features }, clip);
        var spec = new SequenceSpec(8, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 2, StepSeconds = 1 };
        (SequenceStore store, SequenceExtractionResult result) = Run(spec, clip);
        Assert.Equal((1, 0, 0), (result.Extracted, result.Stale, result.Failures.Count));

        IReadOnlyList<Sample> samples = store.Samples([clip], ["A", "B"]);
        Assert.Equal([new(clip, 0, 1, 20, 8), new(clip, 1, 1, 20, 8), new(clip, 2, 1, 20, 8)], samples);
        long[] inWindow = FrameSampler.Indices(20, 8, FrameSampling.Even);
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(w => inWindow.Select(i => 10 * w + i)).Distinct().Count(), result.Frames);
        Assert.True(result.Frames < 24);
        var features = new float[8 * InceptionV3.Features];
        foreach (Sample sample in samples)
        {
            store.Read(sample, 0, features);
            for (int i = 0; i < 8; i++)
                Assert.Equal(Row(all, 10 * sample.Window + (int)inWindow[i]), Row(features, i));
        }

        Assert.Equal(0, Run(spec, clip).Result.Extracted);
        Assert.Equal(1, Run(spec with { StepSeconds = 2 }, clip).Result.Stale);
        Assert.Equal(1, Run(spec with { WindowSeconds = 1 }, clip).Result.Stale);
        // Whole clips and windows do not displace each other.
        Assert.Equal(0, Run(new SequenceSpec(40, Side, Side, FrameSampling.Head, FrameFit.Resize, "w") { Features = InceptionV3.Features }, clip).Result.Extracted);
    }

    [Fact]
    public void Windows_follow_the_times_of_the_clip_not_its_JPEG_frames()
    {
        // Ten frames in the first second, twenty in the next.
        string path = _folder.File("train", "B", "v.mkv");
        MadeClip.Make(path, MadeClip.Counter(64, 48, "25", 30) + ",settb=1/1000,setpts='if(lt(N,10),N*100,1000+(N-10)*50)'", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "libx264", "-qp", "8");
        FramePictures.Extract(path, Path.GetDirectoryName(path)!, "v");
        var clip = new Clip(ClipSet.Train, "B", "v", 30);
        var spec = new SequenceSpec(5, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 1, StepSeconds = 1 };
        (SequenceStore store, _) = Run(spec, clip);
        Assert.Equal([10L, 20], store.Samples([clip], ["B"]).Select(s => s.Frames));

        File.Delete(path);
        Assert.Contains("no clip, whose frames have times", Assert.Single(Run(spec, clip).Result.Failures).Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_need_no_times_in_the_container()
    {
        MadeClip.Make(_folder.File("train", "B", "m.mpg"), MadeClip.Counter(64, 48, "25", 50), "-c:v", "mpeg1video");
        Assert.Null(VideoProbe.PacketTimes(_folder.File("train", "B", "m.mpg")));
        var clip = new Clip(ClipSet.Train, "B", "m", 50);
        (SequenceStore store, SequenceExtractionResult result) = Run(new SequenceSpec(5, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 1, StepSeconds = 1 }, clip);
        Assert.Empty(result.Failures);
        using var reader = new FrameReader(_folder.File("train", "B", "m.mpg"), 8, 8);
        int first = MadeClip.ReadAll(reader, 8, 8).Count(f => f.Seconds < 0.999);
        Assert.Equal([first, 50 - first], store.Samples([clip], ["B"]).Select(s => s.Frames));
    }

    [Fact]
    public void Short_clips_are_padded_with_zeros_where_they_may()
    {
        Clip clip = Draw("short", 6), longer = Draw("long", 12);
        var spec = new SequenceSpec(10, Side, Side, FrameSampling.Head, FrameFit.Resize, "w") { Features = InceptionV3.Features };
        SequenceExtractionResult refused = Run(spec, clip, longer).Result;
        Assert.Equal([longer], refused.Usable);
        Assert.Contains("6 frames, shorter than the sequence of 10", Assert.Single(refused.Failures).Fact, StringComparison.Ordinal);

        (SequenceStore store, SequenceExtractionResult result) = Run(spec with { Pad = true }, clip, longer);
        // The other is what it was.
        Assert.Equal((1, 6L), (result.Extracted, result.Frames));
        Assert.Equal([new(clip, 0, 0, 6, 6), new(longer, 0, 0, 12, 10)], store.Samples([clip, longer], ["B"]));
        var features = new float[10 * InceptionV3.Features];
        store.Read(store.Samples([clip], ["B"])[0], 0, features);
        Assert.Equal(Features(spec with { Length = 6 }, clip), features[..(6 * InceptionV3.Features)]);
        Assert.All(features[(6 * InceptionV3.Features)..], v => Assert.Equal(0f, v));
        Assert.Contains("\"windows\":[{\"first\":0,\"frames\":6,\"real_frames\":6}]", Note(store.PathOf(clip)), StringComparison.Ordinal);
        Assert.DoesNotContain("windows", Note(store.PathOf(longer)), StringComparison.Ordinal);
        Assert.Equal(0, Run(spec with { Pad = true }, clip, longer).Result.Extracted);
    }

    [Fact]
    public void Windows_with_too_few_frames_are_counted_or_padded()
    {
        Clip clip = Draw("a", 20);
        var spec = new SequenceSpec(8, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 0.5, StepSeconds = 0.5 };
        Assert.Contains("none of its windows of 0.5 s has the 8 frames", Assert.Single(Run(spec, clip).Result.Failures).Fact, StringComparison.Ordinal);
        (SequenceStore store, _) = Run(spec with { Pad = true }, clip);
        Assert.Equal([5, 5, 5, 5], store.Samples([clip], ["B"]).Select(s => s.RealFrames));
        var features = new float[8 * InceptionV3.Features];
        store.Read(store.Samples([clip], ["B"])[3], 0, features);
        Assert.Equal(Row(Features(spec with { Length = 20, Sampling = FrameSampling.Head, WindowSeconds = 0, StepSeconds = 0 }, clip), 19), Row(features, 4));
        Assert.All(features[(5 * InceptionV3.Features)..], v => Assert.Equal(0f, v));
    }

    [SkippableFact]
    public void NumPy_loads_windows()
    {
        const string python = "/usr/bin/python3";
        Skip.IfNot(File.Exists(python), "no Python on this machine");
        Clip clip = Draw("a", 20);
        (SequenceStore store, _) = Run(new SequenceSpec(8, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 1, StepSeconds = 0.5 }, clip);
        var start = new ProcessStartInfo(python, ["-c", """
            import json, sys
            try:
                import numpy
            except ImportError:
                sys.exit(77)
            with open(sys.argv[1], 'rb') as f:
                a = numpy.load(f)
                note = json.loads(numpy.load(f).tobytes())
            print(a.dtype, a.shape, bool((a[:, 0] != 0).any()), note['window_seconds'], [w['first'] for w in note['windows']])
            """, store.PathOf(clip)]) { RedirectStandardOutput = true, UseShellExecute = false };
        using Process process = Process.Start(start)!;
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Skip.If(process.ExitCode == 77, "no NumPy on this machine");
        Assert.Equal("float32 (3, 8, 2048) True 1 [0, 5, 10]", answer.Trim());
    }

    [Fact]
    public void A_file_that_says_nothing_of_its_windows_is_taken_again()
    {
        Clip clip = Draw("a", 20);
        var spec = new SequenceSpec(8, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features, WindowSeconds = 1, StepSeconds = 1 };
        (SequenceStore store, _) = Run(spec, clip);
        byte[] whole = File.ReadAllBytes(store.PathOf(clip));
        string windows = "\"windows\":[";
        byte[] renamed = [.. whole];
        "\"nothing\":["u8.CopyTo(renamed.AsSpan(renamed.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(windows))));
        using var other = new MemoryStream();
        NpyFile.Write(other, new float[8 * InceptionV3.Features], [8, InceptionV3.Features]);
        foreach (byte[] bytes in (byte[][])[renamed, whole[..^1], whole[..1000], [], other.ToArray()])
        {
            File.WriteAllBytes(store.PathOf(clip), bytes);
            Exception e = Assert.ThrowsAny<Exception>(() => store.Samples([clip], ["B"]));
            Assert.True(e is InputException or InvalidDataException, e.ToString());
            Assert.StartsWith(store.PathOf(clip), e.Message, StringComparison.Ordinal);
            Assert.Equal(1, Run(spec, clip).Result.Stale);
            Assert.Equal(whole, File.ReadAllBytes(store.PathOf(clip)));
        }
    }

    [Fact]
    public void A_clip_whose_name_leaves_no_room_for_that_of_its_features_has_a_shorter_one()
    {
        Clip one = Draw(new string('x', 235) + "1", 6), other = Draw(new string('x', 235) + "2", 6), wide = Draw(new string('é', 120), 6);
        var spec = new SequenceSpec(5, Side, Side, FrameSampling.Even, FrameFit.Resize, "w") { Features = InceptionV3.Features };
        (SequenceStore store, SequenceExtractionResult result) = Run(spec, one, other, wide);
        Assert.Equal((3, 0), (result.Extracted, result.Failures.Count));
        string[] files = [.. ((Clip[])[one, other, wide]).Select(c => store.PathOf(c))];
        Assert.Equal(3, files.Distinct(StringComparer.Ordinal).Count());
        Assert.All(files, f => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(Path.GetFileName(f)), 200, 240));
        Assert.All(files, f => Assert.EndsWith("-5-features.npy", f, StringComparison.Ordinal));
        Assert.Equal(0, Run(spec, one, other, wide).Result.Extracted);
    }

    [Fact]
    public void A_clip_whose_features_cannot_be_written_or_that_vanishes_stops_no_other()
    {
        Clip blocked = Draw("blocked", 6), gone = Draw("gone", 6), whole = Draw("whole", 6);
        var spec = new SequenceSpec(5, Side, Side, FrameSampling.Even, FrameFit.Resize, "w") { Features = InceptionV3.Features };
        // A folder with something in it is where the file should go.
        File.WriteAllText(_folder.File("sequences", "blocked-5-features.npy", "x"), "x");
        var data = new DataFolder(_folder.Path);
        var store = new SequenceStore(data, [blocked, gone, whole], spec);
        SequenceExtractionResult result = SequenceExtraction.Run(data, store, [blocked, gone, whole], () =>
        {
            File.Delete(_folder.File("train", "B", "gone.mkv"));
            return Extractor.Value;
        });
        Assert.Equal([whole], result.Usable);
        Assert.Equal((1, 2), (result.Extracted, result.Failures.Count));
        Assert.StartsWith("train/B/blocked: its features cannot be written: ", result.Failures.Single(f => f.Fact.Contains("blocked", StringComparison.Ordinal)).Fact, StringComparison.Ordinal);
        Assert.Contains(result.Failures, f => f.Fact.Contains("gone", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_listed_and_has_not_changed_is_not_read_again(bool pictures)
    {
        Draw("a", 6);
        Draw("b", 6);
        Directory.CreateDirectory(_folder.File("test", "B"));
        File.Move(_folder.File("train", "B", "b.mkv"), _folder.File("test", "B", "b.mkv"));
        Clip clip = FrameExtraction.Run(new DataFolder(_folder.Path), "mkv", pictures).Clips[0];
        var spec = new SequenceSpec(5, Side, Side, FrameSampling.Even, FrameFit.Resize, "w") { Features = InceptionV3.Features };
        Assert.Equal(1, Run(spec, clip).Result.Extracted);
        string file = pictures ? _folder.File("train", "B", "a-0002.jpg") : _folder.File("train", "B", "a.mkv");
        DateTime written = File.GetLastWriteTimeUtc(file);
        byte[] bytes = File.ReadAllBytes(file), other = [.. bytes.Select(b => (byte)~b)];

        // Of the same size and time, so nobody notices that it holds something else.
        File.WriteAllBytes(file, other);
        File.SetLastWriteTimeUtc(file, written);
        Assert.Equal((0, 0), (Run(spec, clip).Result.Stale, Run(spec, clip).Result.Extracted));

        // Of another time it is read: it is another one, or the same after all.
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(1, Run(spec, clip).Result.Stale);
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(2));
        Assert.Equal((0, 0), (Run(spec, clip).Result.Stale, Run(spec, clip).Result.Extracted));
    }

    [Fact]
    public void Settings_that_do_not_fit_are_refused()
    {
        var spec = new SequenceSpec(8, Side, Side, FrameSampling.Sliding, FrameFit.Resize, "w") { Features = InceptionV3.Features };
        Assert.Throws<ArgumentException>(() => new SequenceStore(new DataFolder(_folder.Path), [], spec with { WindowSeconds = 1 }));
        Assert.Throws<ArgumentException>(() => new SequenceStore(new DataFolder(_folder.Path), [], spec with { StepSeconds = 1 }));
        Assert.Throws<ArgumentException>(() => new SequenceStore(new DataFolder(_folder.Path), [], spec with { Sampling = FrameSampling.Even, WindowSeconds = 1, StepSeconds = 1 }));
        Assert.Throws<InputException>(() => new SequenceStore(new DataFolder(_folder.Path), [], spec with { Sampling = FrameSampling.Even, Length = 1 << 20 }));
        var store = new SequenceStore(new DataFolder(_folder.Path), [], spec with { Sampling = FrameSampling.Even });
        Assert.Throws<ArgumentException>(() => store.Samples([new Clip(ClipSet.Train, "C", "c", 9)], ["A", "B"]));
    }

    private Clip Draw(string name, int frames)
    {
        MadeClip.Make(_folder.File("train", "B", name + ".mkv"), $"cellauto=s=64x48:r=10:rule=30,trim=end_frame={frames}", "-c:v", "libx264", "-qp", "8");
        return new Clip(ClipSet.Train, "B", name, frames);
    }

    private (SequenceStore Store, SequenceExtractionResult Result) Run(SequenceSpec spec, params Clip[] clips)
    {
        var data = new DataFolder(_folder.Path);
        var store = new SequenceStore(data, clips, spec);
        return (store, SequenceExtraction.Run(data, store, [.. clips], () => Extractor.Value));
    }

    private float[] Features(SequenceSpec spec, Clip clip)
    {
        (SequenceStore store, SequenceExtractionResult result) = Run(spec, clip);
        Assert.Empty(result.Failures);
        var features = new float[spec.Length * InceptionV3.Features];
        store.Read(clip, features);
        return features;
    }

    private static string Note(string path)
    {
        using FileStream stream = File.OpenRead(path);
        NpyFile.Skip(stream, path);
        return System.Text.Encoding.UTF8.GetString(NpyFile.ReadBytes(stream, path)!);
    }

    private static float[] Row(float[] features, int row) => features[(row * InceptionV3.Features)..((row + 1) * InceptionV3.Features)];
}
