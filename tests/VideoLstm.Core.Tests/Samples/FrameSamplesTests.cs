using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Samples;

/// <summary>Clips as samples of pictures.</summary>
public sealed class FrameSamplesTests : IDisposable
{
    private const int Side = 8, Picture = Side * Side * 3;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    public void PicturesAreThoseOfTheClipWhetherTheyAreKeptOrDecodedAgain(long memory)
    {
        Clip clip = Draw("a", 10);
        FrameSamples samples = Create(memory);
        Sample sample = Assert.Single(samples.Prepare([clip], ["A", "B"]).Samples);
        Assert.Equal((clip, 0, 1, 5), (sample.Clip, sample.Window, sample.Label, sample.RealFrames));
        Assert.Equal([5, Side, Side, 3], samples.SampleShape);
        // Frame n is of one grey.
        Assert.Equal([1, 3, 5, 7, 9], Read(samples, sample).Chunk(Picture).Select(p => Number(Assert.Single(p.Distinct()))));
    }

    [Fact]
    public void WindowsAreSamplesOfTheirOwnAndWhatIsMissingIsZero()
    {
        Clip clip = Draw("a", 20);
        FrameSamples samples = Create(long.MaxValue, Spec with { Sampling = FrameSampling.Sliding, WindowSeconds = 1, StepSeconds = 1, Length = 12, Pad = true });
        IReadOnlyList<Sample> found = samples.Prepare([clip], ["B"]).Samples;
        Assert.Equal([(0, 10), (1, 10)], found.Select(s => (s.Window, s.RealFrames)));
        float[] last = Read(samples, found[1]);
        Assert.Equal(Enumerable.Range(10, 10), last[..(10 * Picture)].Chunk(Picture).Select(p => Number(p[0])));
        Assert.All(last[(10 * Picture)..], value => Assert.Equal(0f, value));
    }

    [Fact]
    public void EachEpochShowsAClipInItsOwnWayAndNoEpochAsItIs()
    {
        Clip clip = Draw("a", 10);
        var brighter = new Augmentation { BrightnessLow = 0.2, BrightnessHigh = 1.8 };
        FrameSamples samples = Create(long.MaxValue, augmentation: brighter), again = Create(0, augmentation: brighter), plain = Create(0);
        Sample sample = Assert.Single(samples.Prepare([clip], ["B"]).Samples);
        again.Prepare([clip], ["B"]);
        plain.Prepare([clip], ["B"]);
        Assert.Equal(Read(plain, sample), Read(samples, sample));
        Assert.NotEqual(Read(samples, sample, epoch: 1), Read(samples, sample, epoch: 2));
        Assert.NotEqual(Read(plain, sample), Read(samples, sample, epoch: 1));
        // The same epoch of the same seed is the same: a run that is resumed sees what it would have seen.
        Assert.Equal(Read(samples, sample, epoch: 2), Read(again, sample, epoch: 2));
    }

    [Fact]
    public void AClipThatCannotBeReadIsNamedAndStopsNoOther()
    {
        Clip good = Draw("a", 10), gone = new(ClipSet.Train, "B", "gone", 10), torn = new(ClipSet.Train, "B", "torn", 10);
        File.WriteAllText(_folder.File("train", "B", "torn.mkv"), "no video");
        FrameSamples samples = Create(long.MaxValue);
        (IReadOnlyList<Sample> found, IReadOnlyList<Finding> failures) = samples.Prepare([gone, good, torn], ["B"]);
        Assert.Equal(good, Assert.Single(found).Clip);
        Assert.Equal(2, failures.Count);
        Assert.Contains(failures, f => f.Fact.Contains("gone", StringComparison.Ordinal));
        Assert.Contains(failures, f => f.Fact.Contains("torn", StringComparison.Ordinal));
    }

    [Fact]
    public void AClipThatVanishesAfterwardsIsAFaultOfItsSampleUnlessItIsKept()
    {
        Clip clip = Draw("a", 10);
        FrameSamples kept = Create(long.MaxValue), decoded = Create(0);
        Sample sample = Assert.Single(kept.Prepare([clip], ["B"]).Samples);
        decoded.Prepare([clip], ["B"]);
        File.Delete(_folder.File("train", "B", "a.mkv"));
        Assert.Equal(5 * Picture, Read(kept, sample).Length);
        Assert.Throws<InputException>(() => Read(decoded, sample));
    }

    private static SequenceSpec Spec { get; } = new(5, Side, Side, FrameSampling.Even, FrameFit.Resize, "");

    private FrameSamples Create(long memory, SequenceSpec? spec = null, Augmentation? augmentation = null) =>
        new(new DataFolder(_folder.Path), new FrameSpec(spec ?? Spec, FrameInput.Rgb, 1, 0), augmentation ?? Augmentation.None, seed: 3, memory);

    private static float[] Read(FrameSamples samples, Sample sample, int epoch = 0)
    {
        var x = new float[samples.SampleShape.Aggregate(1, (a, b) => a * b)];
        samples.Read(sample, epoch, x);
        return x;
    }

    // Of the frames of one clip, by its grey.
    private static int Number(float grey) => Enumerable.Range(0, 20).First(n => MadeClip.Grey(n) == (int)grey);

    private Clip Draw(string name, int frames)
    {
        MadeClip.Make(_folder.File("train", "B", name + ".mkv"), MadeClip.Counter(Side, Side, "10", frames), "-c:v", "ffv1");
        return new Clip(ClipSet.Train, "B", name, frames);
    }
}
