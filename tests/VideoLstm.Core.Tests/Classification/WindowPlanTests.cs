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
        for (long start = 0; start + window <= taken.Length; start += plan.Stride)
        {
            long[] frames = plan.FramesFrom(start);
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
    public void What_is_shorter_than_a_window_has_the_frames_of_a_clip_of_its_length()
    {
        var plan = new WindowPlan(50, 25, FrameSampling.Even, 50);
        Assert.Equal(FrameSampler.Indices(30, 25, FrameSampling.Even).Select(i => 100 + i), plan.FramesOf(100, 130));
        Assert.Equal(plan.FramesFrom(100), plan.FramesOf(100, 150));
        long[] few = plan.FramesOf(100, 105);
        Assert.Equal(Enumerable.Range(100, 5).SelectMany(f => Enumerable.Repeat((long)f, 5)), few);
        Assert.Equal(Enumerable.Repeat(7L, 25), plan.FramesOf(7, 8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Windows_cover_every_frame_and_none_is_of_two_shots(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 50; round++)
        {
            long window = random.Next(1, 40), stride = random.NextInt64(1, window + 1), frames = random.Next(1, 300);
            var plan = new WindowPlan(window, (int)random.NextInt64(1, window + 1), FrameSampling.Even, stride);
            var feed = new Feed(frames, [.. Enumerable.Range(1, 300).Where(f => f < frames && random.Next(15) == 0).Select(f => (long)f)]);
            var windows = new ShotWindows(plan, feed, early: false);
            var found = new List<ChosenWindow>();
            long earliest = 0;
            for (long frame = 0; frame < frames; frame++)
            {
                feed.Frames = frame + 1;
                feed.Decided = Math.Max(0, frame - 20);
                while (windows.Next(frame, isOver: false) is { } next)
                {
                    // What it is of has come, and was not forgotten.
                    Assert.InRange(plan.FramesOf(next.Start, next.End)[^1], 0, frame);
                    Assert.InRange(next.Start, earliest, long.MaxValue);
                    found.Add(next);
                }
                earliest = windows.Earliest(frame);
            }
            feed.Decided = frames;
            while (windows.Next(0, isOver: true) is { } next)
                found.Add(next);

            Assert.Equal(found.OrderBy(w => w.Start).ThenBy(w => w.End), found);
            int[] covered = new int[frames];
            foreach (ChosenWindow w in found)
            {
                Assert.DoesNotContain(feed.Cuts, c => c > w.Start && c < w.End);
                Assert.Equal(feed.Cuts.Where(c => c <= w.Start).DefaultIfEmpty().Max(), w.Shot);
                Assert.InRange(w.End - w.Start, 1, window);
                for (long f = w.Start; f < w.End; f++)
                    covered[f]++;
            }
            Assert.DoesNotContain(0, covered);
            // One shorter than a window is a whole shot.
            Assert.All(found.Where(w => w.End - w.Start < window), w => Assert.Equal(
                (w.Shot, feed.Cuts.FirstOrDefault(c => c > w.Shot, frames)), (w.Start, w.End)));
        }
    }

    private sealed class Feed(long frames, long[] cuts) : IFrameFeed
    {
        public long[] Cuts => cuts;

        public long Frames { get; set; }

        public long Decided { get; set; }

        public long? NextCut(long frame) => cuts.Where(c => c > frame && c < Decided).Select(c => (long?)c).FirstOrDefault();

        public bool Next(Span<byte> rgb, out long frame) => throw new NotSupportedException();

        public bool Finish() => Frames == frames;
    }
}
