using VideoLstm.Core.Compute;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Features;

/// <summary>Clips that are decoded side by side, with an extractor whose only feature is the brightness of the first pixel.</summary>
public sealed class SequenceExtractionTests : IDisposable
{
    private const int Side = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_clip_gets_the_features_of_its_own_frames_in_their_order()
    {
        Clip[] clips = [.. Enumerable.Range(0, 9).Select(i => Draw($"clip{i}", 12 + 3 * i))];
        (SequenceStore store, SequenceExtractionResult result) = Run(Spec(12), new Brightness(), clips);
        Assert.Equal((9, 9 * 12L), (result.Extracted, result.Frames));
        foreach (Clip clip in clips)
        {
            float[] features = new float[12];
            store.Read(clip, features);
            Assert.Equal(FrameSampler.Indices(clip.Frames, 12, FrameSampling.Even).Select(f => (float)MadeClip.Grey(f)), features);
        }
        ExtractionRates rates = result.Rates!;
        Assert.InRange(rates.Decoders, 1, 9);
        Assert.True(rates.Decoding > 0);
    }

    [Fact]
    public void Clips_that_fail_leave_no_file_and_stop_no_other()
    {
        Clip[] clips = [.. Enumerable.Range(0, 4).Select(i => Draw($"clip{i}", 12))];
        Clip cut = Draw("cut", 12), text = new(ClipSet.Train, "B", "text", 12), fewer = Draw("fewer", 12) with { Frames = 20 };
        byte[] whole = File.ReadAllBytes(_folder.File("train", "B", "cut.mkv"));
        File.WriteAllBytes(_folder.File("train", "B", "cut.mkv"), whole[..(whole.Length / 2)]);
        File.WriteAllText(_folder.File("train", "B", "text.mkv"), "no video");
        (SequenceStore store, SequenceExtractionResult result) = Run(Spec(12), new Brightness(), [cut, text, .. clips, fewer]);
        Assert.Equal(clips, result.Usable.Select(c => c.Clip));
        Assert.Equal((4, 3), (result.Extracted, result.Failures.Count));
        Assert.All(clips, clip => Assert.True(File.Exists(store.PathOf(clip))));
        Assert.All((Clip[])[cut, text, fewer], clip => Assert.False(File.Exists(store.PathOf(clip))));
        Assert.Contains(result.Failures, f => f.Fact.Contains("text.mkv: is no video", StringComparison.Ordinal));
        Assert.Contains(result.Failures, f => f.Fact.Contains("data_file.csv says it has 20", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_done_when_it_is_cancelled_stays_done()
    {
        Clip[] clips = [.. Enumerable.Range(0, 12).Select(i => Draw($"clip{i}", 12))];
        using var cancel = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Run(Spec(12), new Brightness(cancel, 100), clips, cancel.Token));
        (SequenceStore store, SequenceExtractionResult again) = Run(Spec(12), new Brightness(), clips);
        // At least 100 frames were through; those of clips that were still in work are taken again.
        Assert.InRange(again.Extracted, 12 - 100 / 12, 12 - 1);
        Assert.Empty(again.Failures);
        Assert.All(clips, clip => Assert.True(File.Exists(store.PathOf(clip))));
    }

    [Fact]
    public void A_fault_of_the_extractor_ends_the_decoders()
    {
        Clip[] clips = [.. Enumerable.Range(0, 6).Select(i => Draw($"clip{i}", 12))];
        var failing = new Brightness { Fails = true };
        Assert.Equal("it is torn", Assert.Throws<InvalidOperationException>(() => Run(Spec(12), failing, clips)).Message);
    }

    private static SequenceSpec Spec(int length) =>
        new(length, Side, Side, FrameSampling.Even, FrameFit.Resize, "w") { Features = 1 };

    private Clip Draw(string name, int frames)
    {
        MadeClip.Make(_folder.File("train", "B", name + ".mkv"), MadeClip.Counter(16, 16, "10", frames), "-c:v", "ffv1");
        return new Clip(ClipSet.Train, "B", name, frames);
    }

    private (SequenceStore Store, SequenceExtractionResult Result) Run(
        SequenceSpec spec, IFeatureExtractor extractor, Clip[] clips, CancellationToken ct = default)
    {
        var data = new DataFolder(_folder.Path);
        var store = new SequenceStore(data, clips, spec);
        return (store, SequenceExtraction.Run(data, store, [.. clips], () => extractor, ct: ct));
    }

    private sealed class Brightness(CancellationTokenSource? cancel = null, int cancelAfter = 0) : IFeatureExtractor
    {
        public bool Fails { get; init; }

        public int Height => Side;

        public int Width => Side;

        public int Features => 1;

        public ExtractorRates Rates => default;

        public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
        {
            byte[] rgb = new byte[Side * Side * 3];
            for (int frame = 0; source(rgb, out TTag tag); frame++)
            {
                if (Fails)
                    throw new InvalidOperationException("it is torn");
                yield return (tag, (float[])[rgb[0]]);
                if (frame + 1 == cancelAfter)
                    cancel!.Cancel();
                ct.ThrowIfCancellationRequested();
            }
        }
    }
}
