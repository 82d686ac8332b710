using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Tests.Samples;

public class FrameSamplerTests
{
    [Fact]
    public void Even_takes_the_middle_of_each_part() =>
        Assert.Equal([1, 3, 5, 7, 9], FrameSampler.Indices(10, 5, FrameSampling.Even));

    [Fact]
    public void Stride_is_the_scripts_choice() =>
        Assert.Equal([0, 1, 2, 3, 4], FrameSampler.Indices(9, 5, FrameSampling.Stride));

    [Theory]
    [InlineData(FrameSampling.Even)]
    [InlineData(FrameSampling.Stride)]
    public void Indices_rise_within_the_clip_and_all_frames_are_taken_when_there_are_just_enough(FrameSampling sampling)
    {
        Assert.Equal(Enumerable.Range(0, 75).Select(i => (long)i), FrameSampler.Indices(75, 75, sampling));
        foreach (long frames in (long[])[75, 76, 149, 150, 151, 1000, 1_000_000_007])
        {
            long[] indices = FrameSampler.Indices(frames, 75, sampling);
            Assert.Equal(75, indices.Distinct().Count());
            Assert.Equal(indices.Order(), indices);
            Assert.InRange(indices[0], 0, frames - 1);
            Assert.InRange(indices[^1], 0, frames - 1);
        }
    }

    [Fact]
    public void Even_reaches_both_ends_of_the_clip()
    {
        long[] indices = FrameSampler.Indices(149, 75, FrameSampling.Even);
        Assert.InRange(indices[0], 0, 1);
        Assert.InRange(indices[^1], 147, 148);
    }

    [Fact]
    public void A_clip_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrameSampler.Indices(74, 75, FrameSampling.Even));
}
