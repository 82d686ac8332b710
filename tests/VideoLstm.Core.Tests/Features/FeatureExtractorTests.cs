using VideoLstm.Core.Features;

namespace VideoLstm.Core.Tests.Features;

public class FeatureExtractorTests
{
    [Theory]
    [InlineData(2, 8, "1 1")]
    [InlineData(2, 88, "1 1")]
    [InlineData(2, 1600, "2")]
    [InlineData(6, 88, "1 2 1 2")]
    [InlineData(16, 8, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]
    [InlineData(16, 88, "4 4 4 4")]
    [InlineData(1, 8000, "1")]
    public void Large_frames_are_shared_by_several_threads(int threads, long arenaMegabytes, string expected) =>
        Assert.Equal(expected, string.Join(' ', FeatureExtractor.Threads(threads, arenaMegabytes << 20)));
}
