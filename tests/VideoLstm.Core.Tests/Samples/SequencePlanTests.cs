using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Tests.Samples;

public class SequencePlanTests
{
    [Theory]
    [InlineData(FrameSampling.Even, 7, 10, new long[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData(FrameSampling.Head, 7, 10, new long[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData(FrameSampling.Stride, 7, 10, new long[] { 0, 1, 2, 3, 4, 5, 6 })]
    [InlineData(FrameSampling.Even, 9, 3, new long[] { 1, 4, 7 })]
    [InlineData(FrameSampling.Head, 9, 3, new long[] { 0, 1, 2 })]
    [InlineData(FrameSampling.Stride, 9, 3, new long[] { 0, 3, 6 })]
    public void A_padded_clip_has_as_many_real_frames_as_it_has_frames(FrameSampling sampling, long frames, int length, long[] expected)
    {
        SequencePlan plan = SequencePlan.OfClip(ClipOf(frames), Spec(length, sampling, pad: true));
        Assert.Equal(expected, plan.Frames);
        Assert.Equal([new SequenceWindow(0, frames, expected.Length)], plan.Windows);
        Assert.Equal(Enumerable.Range(0, expected.Length), Assert.Single(plan.Rows));
    }

    [Fact]
    public void A_short_clip_is_refused_without_padding_and_an_empty_one_always()
    {
        Assert.Equal(Remedy.PadClip, Assert.Throws<InputException>(() => SequencePlan.OfClip(ClipOf(4), Spec(5, FrameSampling.Even))).Remedy);
        Assert.Throws<InputException>(() => SequencePlan.OfClip(ClipOf(0), Spec(5, FrameSampling.Even, pad: true)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1.4, false)]
    [InlineData(-0.08, false)]
    [InlineData(0, true)]
    public void Windows_lie_in_the_clip_and_their_frames_are_spread_evenly(double offset, bool milliseconds)
    {
        // 30000/1001 frames/s, 4.004 s: windows of 2.002 s every 1.001 s are 60 frames from 0, 30 and 60 on.
        double[] times = [.. Enumerable.Range(0, 120).Select(i => offset + i * 1001 / 30000.0).Select(t => milliseconds ? Math.Round(t, 3) : t)];
        SequencePlan plan = SequencePlan.OfWindows(ClipOf(120), times, Sliding(6, 2.002, 1.001));
        Assert.Equal([new SequenceWindow(0, 60, 6), new SequenceWindow(30, 60, 6), new SequenceWindow(60, 60, 6)], plan.Windows);
        Assert.Equal(0, plan.LeftOut);
        for (int w = 0; w < 3; w++)
            Assert.Equal(FrameSampler.Indices(60, 6, FrameSampling.Even).Select(i => 30 * w + i), plan.Rows[w].Select(r => plan.Frames[r]));
        // Frames that windows share are there once.
        Assert.Equal(12, plan.Frames.Length);
        Assert.Equal(plan.Frames.Distinct().Order(), plan.Frames);
    }

    /// <summary>The number of sequences is that of keras-video-generators, one more than frames in a sequence.</summary>
    [Fact]
    public void Without_a_time_a_window_of_nearly_the_whole_clip_slides_by_a_frame()
    {
        double[] times = [.. Enumerable.Range(0, 60).Select(i => i / 30.0)];
        SequencePlan plan = SequencePlan.OfWindows(ClipOf(60), times, Sliding(6, 0, 0));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => new SequenceWindow(i, 54, 6)), plan.Windows);
        Assert.Equal([4, 13, 22, 31, 40, 49], plan.Rows[0].Select(r => plan.Frames[r]));
        Assert.Equal([10, 19, 28, 37, 46, 55], plan.Rows[6].Select(r => plan.Frames[r]));
        // No window is shorter than a sequence.
        plan = SequencePlan.OfWindows(ClipOf(8), times[..8], Sliding(6, 0, 0));
        Assert.Equal([new SequenceWindow(0, 6, 6), new SequenceWindow(1, 6, 6), new SequenceWindow(2, 6, 6)], plan.Windows);
        Assert.Equal([new SequenceWindow(0, 5, 5)], SequencePlan.OfWindows(ClipOf(5), times[..5], Sliding(6, 0, 0, pad: true)).Windows);
        Assert.Equal(Remedy.PadClip, Assert.Throws<InputException>(() => SequencePlan.OfWindows(ClipOf(5), times[..5], Sliding(6, 0, 0))).Remedy);
    }

    [Fact]
    public void At_a_variable_rate_frames_are_chosen_by_time()
    {
        // Two seconds of 10 frames/s, then two of 50.
        double[] times = [.. Enumerable.Range(0, 20).Select(i => i / 10.0), .. Enumerable.Range(0, 100).Select(i => 2 + i / 50.0)];
        SequencePlan plan = SequencePlan.OfWindows(ClipOf(120), times, Sliding(4, 4, 4));
        Assert.Equal([new SequenceWindow(0, 120, 4)], plan.Windows);
        Assert.Equal([5, 15, 45, 95], plan.Rows[0].Select(r => plan.Frames[r]));
        // The first two windows have ten frames, the others fifty.
        plan = SequencePlan.OfWindows(ClipOf(120), times, Sliding(20, 1, 1));
        Assert.Equal([new SequenceWindow(20, 50, 20), new SequenceWindow(70, 50, 20)], plan.Windows);
        Assert.Equal(2, plan.LeftOut);
        plan = SequencePlan.OfWindows(ClipOf(120), times, Sliding(20, 1, 1, pad: true));
        Assert.Equal([10, 10, 20, 20], plan.Windows.Select(w => w.RealFrames));
        Assert.Equal(Enumerable.Range(10, 10).Select(i => (long)i), plan.Rows[1].Select(r => plan.Frames[r]));
    }

    [Fact]
    public void A_frame_that_is_shown_for_long_is_taken_more_than_once()
    {
        // Ten frames in the first second, one that stays for the second one, ten in the third.
        double[] times = [.. Enumerable.Range(0, 10).Select(i => i / 10.0), 1.0, .. Enumerable.Range(0, 10).Select(i => 2 + i / 10.0)];
        SequencePlan plan = SequencePlan.OfWindows(ClipOf(21), times, Sliding(6, 3, 3));
        Assert.Equal([2, 7, 10, 10, 13, 18], plan.Rows[0].Select(r => plan.Frames[r]));
        Assert.Equal([2, 7, 10, 13, 18], plan.Frames);
    }

    [Fact]
    public void A_gap_of_any_length_is_passed_over()
    {
        double[] times = [.. Enumerable.Range(0, 20).Select(i => i / 10.0), .. Enumerable.Range(0, 20).Select(i => 1e9 + i / 10.0)];
        SequencePlan plan = SequencePlan.OfWindows(ClipOf(40), times, Sliding(5, 1, 0.5));
        // Half of the window before the gap is empty, as is that of the one behind it.
        Assert.Equal([new(0, 10, 5), new(5, 10, 5), new(10, 10, 5), new(15, 5, 5), new(20, 5, 5), new(20, 10, 5), new(25, 10, 5), new(30, 10, 5)], plan.Windows);
        Assert.Equal(1_999_999_995, plan.LeftOut);
    }

    [Fact]
    public void A_clip_shorter_than_a_window_is_refused_or_padded()
    {
        double[] times = [.. Enumerable.Range(0, 20).Select(i => i / 10.0)];
        Assert.Contains("shorter than a window of 3 s", Assert.Throws<InputException>(() => SequencePlan.OfWindows(ClipOf(20), times, Sliding(5, 3, 1))).Message, StringComparison.Ordinal);
        Assert.Equal([new SequenceWindow(0, 20, 5)], SequencePlan.OfWindows(ClipOf(20), times, Sliding(5, 3, 1, pad: true)).Windows);
        Assert.Equal([new SequenceWindow(0, 20, 20)], SequencePlan.OfWindows(ClipOf(20), times, Sliding(50, 3, 1, pad: true)).Windows);
        Assert.Contains("none of its windows", Assert.Throws<InputException>(() => SequencePlan.OfWindows(ClipOf(20), times, Sliding(11, 1, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_that_are_not_those_of_the_list_and_too_many_windows_are_refused()
    {
        double[] times = [.. Enumerable.Range(0, 1000).Select(i => i / 50.0)];
        Assert.Contains("says 999 frames, 1000 can be decoded", Assert.Throws<InputException>(() => SequencePlan.OfWindows(ClipOf(999), times, Sliding(5, 1, 1))).Message, StringComparison.Ordinal);
        Assert.Equal(Remedy.TakeFewerWindows, Assert.Throws<InputException>(() => SequencePlan.OfWindows(ClipOf(1000), times, Sliding(1000, 5, 0.01, pad: true))).Remedy);
    }

    private static Clip ClipOf(long frames) => new(ClipSet.Train, "A", "a", frames);

    private static SequenceSpec Spec(int length, FrameSampling sampling, bool pad = false) => new(length, 75, 75, sampling, FrameFit.Resize, "", Pad: pad);

    private static SequenceSpec Sliding(int length, double seconds, double step, bool pad = false) =>
        new(length, 75, 75, FrameSampling.Sliding, FrameFit.Resize, "", Pad: pad) { WindowSeconds = seconds, StepSeconds = step, Features = 2048 };
}
