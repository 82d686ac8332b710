using VideoLstm.Core.Classification;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Tests.Classification;

public sealed class WindowPlanTests
{
    public static TheoryData<long, int, FrameSampling, long> Plans()
    {
        var plans = new TheoryData<long, int, FrameSampling, long>();
        foreach (FrameSampling sampling in Enum.GetValues<FrameSampling>())
        {
            foreach ((long window, int length) in ((long, int)[])[(50, 25), (75, 75), (300, 75), (31, 7), (1, 1), (97, 40)])
            {
                foreach (long stride in (long[])[window, Math.Max(1, window / 2), Math.Max(1, window / 3), 1])
                    plans.Add(window, length, sampling, stride);
            }
        }
        return plans;
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Each_window_is_judged_by_frames_within_it_that_are_taken(long window, int length, FrameSampling sampling, long stride)
    {
        var plan = new WindowPlan(window, length, sampling, stride);
        bool[] taken = [.. Enumerable.Range(0, (int)(5 * window)).Select(n => plan.IsNeeded(n))];
        bool[] used = new bool[taken.Length];
        for (long number = 0; plan.Start(number) + window <= taken.Length; number++)
        {
            long start = plan.Start(number);
            long[] frames = plan.FramesFrom(start);
            Assert.Equal(number * stride, start);
            Assert.Equal(length, frames.Length);
            Assert.Equal(frames.Distinct().Order(), frames);
            Assert.InRange(frames[0], start, start + window - 1);
            Assert.InRange(frames[^1], start, start + window - 1);
            Assert.All(frames, f => Assert.True(taken[f]));
            // Where the clip would be, the frames are those of the clip; elsewhere at most half a step beside them.
            long[] clip = [.. FrameSampler.Indices(window, length, sampling).Select(i => start + i)];
            double off = frames.Zip(clip, (a, b) => (double)Math.Abs(a - b)).Max();
            Assert.InRange(off, 0, start % window == 0 ? 0 : (double)window / length / 2 + 1);
            foreach (long frame in frames)
                used[frame] = true;
        }
        // None is taken for nothing: what a window begins that would not end here is not looked at.
        for (long frame = 0; frame < 4 * window - stride; frame++)
            Assert.True(used[frame] || !taken[frame] || window % stride != 0, $"frame {frame} is taken and not used");
        if (sampling is FrameSampling.Even or FrameSampling.Sliding)
            Assert.Equal(5 * length, taken.Count(t => t));
    }

    [Fact]
    public void A_video_shorter_than_a_window_is_one()
    {
        WindowPlan plan = new WindowPlan(50, 25, FrameSampling.Even, 50).Shortened(30);
        Assert.Equal(FrameSampler.Indices(30, 25, FrameSampling.Even), plan.FramesFrom(0));
    }
}
