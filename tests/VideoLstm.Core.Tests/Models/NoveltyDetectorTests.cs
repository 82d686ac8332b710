using VideoLstm.Core.Models;

namespace VideoLstm.Core.Tests.Models;

public sealed class NoveltyDetectorTests
{
    private const int Features = 48;

    private readonly Random _random = new(5);

    [Fact]
    public void What_lies_elsewhere_is_unknown_and_clips_of_known_classes_seldom_are()
    {
        float[][] centers = [.. Enumerable.Range(0, 3).Select(_ => Around(new float[Features], 1))];
        // In directions in which known classes differ: of others it knows nothing.
        float[] other = [.. Enumerable.Range(0, Features).Select(f => centers[0][f] + centers[1][f] - centers[2][f])];
        var detector = NoveltyDetector.Fit(Clips(centers, 60), Clips(centers, 100));
        Assert.Equal(100, detector.Record.ValidationClips);
        Assert.InRange(detector.Record.Components, 2, 20);
        Assert.Equal(1 - 96 / 101.0, detector.Record.FalseAlarmRate, 1e-12);
        Assert.InRange(Clips(centers, 1000).Count(c => detector.NoveltyOf(c) > 1), 5, 100);
        Assert.InRange(Clips([other], 1000).Count(c => detector.NoveltyOf(c) > 1), 950, 1000);
    }

    /// <summary>With 33 clips it can be said of 1 of 34, with 10 of 1 of 11, at 100 of 5 of 101.</summary>
    [Theory]
    [InlineData(10, 1.0 / 11)]
    [InlineData(33, 1.0 / 34)]
    [InlineData(39, 2.0 / 40)]
    public void So_many_validation_clips_promise_so_few_false_alarms(int clips, double rate) =>
        Assert.Equal(rate, new NoveltyRecord(2, 1, 1, clips).FalseAlarmRate, 1e-12);

    [Fact]
    public void A_sequence_is_compared_by_its_mean()
    {
        float[][] clips = Clips([new float[Features]], 30);
        var detector = NoveltyDetector.Fit(clips, Clips([new float[Features]], 30));
        float[] a = Around(new float[Features], 0.5f), b = Around(new float[Features], 0.5f);
        float[] mean = [.. a.Zip(b, (x, y) => (x + y) / 2)];
        Assert.Equal(detector.NoveltyOf(mean), detector.NoveltyOf([.. a, .. b]), 1e-4);
    }

    [Fact]
    public void Clips_that_are_all_alike_are_no_fault()
    {
        float[][] same = [.. Enumerable.Repeat(Around(new float[Features], 1), 5)];
        var detector = NoveltyDetector.Fit(same, same);
        Assert.True(double.IsFinite(detector.NoveltyOf(same[0])));
        Assert.True(detector.NoveltyOf(same[0]) <= 1);
    }

    private float[][] Clips(float[][] centers, int count) => [.. Enumerable.Range(0, count).Select(i => Around(centers[i % centers.Length], 0.3f))];

    private float[] Around(float[] center, float spread) => [.. center.Select(c => c + spread * (float)(_random.NextDouble() + _random.NextDouble() - 1))];
}
