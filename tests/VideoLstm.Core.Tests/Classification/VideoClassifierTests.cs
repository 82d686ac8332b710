using VideoLstm.Core.Classification;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Classification;

public sealed class VideoClassifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(100, 12, 12, null, FrameSampling.Even)]
    [InlineData(96, 12, 12, null, FrameSampling.Even)]
    [InlineData(103, 24, 12, null, FrameSampling.Even)]
    [InlineData(103, 24, 12, 5L, FrameSampling.Even)]
    [InlineData(103, 24, 12, 1L, FrameSampling.Stride)]
    [InlineData(103, 24, 10, 7L, FrameSampling.Head)]
    [InlineData(103, 30, 7, 11L, FrameSampling.Even)]
    [InlineData(17, 24, 12, null, FrameSampling.Even)]
    [InlineData(30, 24, 12, 24L, FrameSampling.Even)]
    public void Each_frame_has_the_mean_of_all_windows_over_it(int frames, int window, int length, long? stride, FrameSampling sampling)
    {
        string video = MadeClip.Make(_folder.File("counter.mkv"), MadeClip.Counter(16, 16, "25", frames), "-c:v", "ffv1");
        Classifier classifier = BrightnessClassifier.Create(length, window, sampling);
        var streamed = new List<ProbabilityStep>();

        VideoClassification result = new VideoClassifier(classifier).Run(
            video, new LabellingOptions { Stride = stride, FollowsShots = false }, streamed.Add);

        window = Math.Min(window, frames);
        long step = stride ?? window;
        var plan = new WindowPlan(window, length, sampling, step);
        List<long> starts = [];
        for (long start = 0; start + window <= frames; start += step)
            starts.Add(start);
        if (starts[^1] + window < frames)
            starts.Add(frames - window);
        Assert.Equal(starts.Count, result.Windows);
        Assert.Equal(frames, result.Timing.Frames);
        double[] light = [.. starts.Select(s => BrightnessClassifier.Light(plan.FramesFrom(s).Select(f => MadeClip.Grey(Nearest(plan, f, frames)))))];
        int next = 0;
        foreach (ProbabilityStep found in result.Steps)
        {
            Assert.Equal(next, found.FirstFrame);
            for (; next < found.EndFrame; next++)
            {
                double expected = Enumerable.Range(0, starts.Count).Where(w => starts[w] <= next && next < starts[w] + window).Average(w => light[w]);
                Assert.True(Math.Abs(expected - found.Probabilities[0]) < 1e-3, $"frame {next}: {found.Probabilities[0]}, expected {expected}");
            }
            Assert.Equal(found.FirstFrame / 25.0, found.Start, 1e-3);
            Assert.Equal(found.EndFrame / 25.0, found.End, 2e-3);
            Assert.Equal(1, found.Probabilities.Sum(), 1e-5);
        }
        Assert.Equal(frames, next);
        Assert.Equal(result.Steps, streamed);
        Assert.Equal((25.0, frames), (result.Timeline.Fps, result.Timeline.Frames));
        Assert.Equal((0, frames / 25.0), (result.Timeline.Segments[0].Start, Math.Round(result.Timeline.Segments[^1].End, 2)));
    }

    [Fact]
    public void Segments_begin_where_the_video_changes_also_at_variable_rates()
    {
        // 60 dark frames and 60 light ones, at times of their own: the light ones are twice as far apart.
        string video = MadeClip.Make(
            _folder.File("vfr.mkv"), "color=black:s=16x16:r=25:d=2.4[a];color=white:s=16x16:r=25:d=2.4[b];[a][b]concat,settb=1/1000,setpts='if(lt(N,60),N*40,2400+(N-60)*80)'",
            "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "ffv1");
        Classifier classifier = BrightnessClassifier.Create(6, 6);
        foreach (Smoothing smoothing in Enum.GetValues<Smoothing>())
        {
            VideoClassification result = new VideoClassifier(classifier).Run(video, new LabellingOptions { Stride = 1, Smoothing = smoothing });
            Assert.Equal(["Dark", "Light"], result.Timeline.Segments.Select(s => s.Class));
            // Half of the windows over the border's frames are of either class.
            Assert.InRange(result.Timeline.Segments[0].End, 2.4 - 0.041, 2.4 + 0.081);
            Assert.Equal(result.Timeline.Segments[0].End, result.Timeline.Segments[1].Start);
            Assert.Equal(7.2, result.Timeline.Segments[1].End, 0.05);
            Assert.Equal(result.Steps.Count, result.Labels.Count);
        }
    }

    [Theory]
    [InlineData(null, Smoothing.None, FrameSampling.Even)]
    [InlineData(7L, Smoothing.None, FrameSampling.Even)]
    [InlineData(null, Smoothing.Mean, FrameSampling.Even)]
    [InlineData(5L, Smoothing.Viterbi, FrameSampling.Even)]
    [InlineData(null, Smoothing.None, FrameSampling.Stride)]
    public void Borders_fall_on_cuts_wherever_windows_would_begin(long? stride, Smoothing smoothing, FrameSampling sampling)
    {
        // Shots of 77, 40, 7 and 90 frames, of which the second and the third are light.
        string video = MadeClip.Make(
            _folder.File("shots.mkv"), "color=0x101010:s=80x80:r=25:d=3.08[a];color=0xf0f0f0:s=80x80:r=25:d=1.6[b];" +
            "color=0xa0ffff:s=80x80:r=25:d=0.28[c];color=0x202010:s=80x80:r=25:d=3.6[d];[a][b][c][d]concat=n=4", "-c:v", "ffv1");
        var options = new LabellingOptions { Stride = stride, Smoothing = smoothing };
        VideoClassification result = new VideoClassifier(BrightnessClassifier.Create(10, 20, sampling)).Run(video, options);
        Assert.Equal(
            [("Dark", 0, 77), ("Light", 77, 124), ("Dark", 124, 214)],
            result.Timeline.Segments.Select(s => (s.Class, Frame(s.Start), Frame(s.End))));
        Assert.Equal([0, 77, 117, 124], result.Timeline.Shots.Select(s => Frame(s.Start)));
        Assert.Equal(214, Frame(result.Timeline.Shots[^1].End));
        Assert.Equal(0, result.Steps[0].FirstFrame);
        Assert.All(result.Steps.Zip(result.Steps.Skip(1)), s => Assert.Equal(s.First.EndFrame, s.Second.FirstFrame));

        static int Frame(double seconds) => (int)Math.Round(seconds * 25);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(8L)]
    public void A_border_within_a_shot_is_where_windows_beside_it_are_of_its_classes(long? stride)
    {
        // It becomes lighter all the time; frame 100 is in the middle.
        string video = MadeClip.Make(
            _folder.File("dawn.mkv"), "nullsrc=s=80x80:r=25:d=8,format=gray,geq=lum='28+N'", "-pix_fmt", "gray", "-c:v", "ffv1");
        Classifier classifier = BrightnessClassifier.Create(12, 32);
        VideoClassification result = new VideoClassifier(classifier).Run(video, new LabellingOptions { Stride = stride });
        Assert.Single(result.Timeline.Shots);
        Assert.Equal(["Dark", "Light"], result.Timeline.Segments.Select(s => s.Class));
        Assert.InRange(result.Timeline.Segments[0].End * 25, 97, 103);
    }

    [Theory]
    [InlineData(null, true, FrameSampling.Even)]
    [InlineData(null, false, FrameSampling.Even)]
    [InlineData(7L, true, FrameSampling.Even)]
    [InlineData(7L, false, FrameSampling.Stride)]
    public void Of_two_classifiers_each_frame_has_the_mean_by_the_names_of_the_classes(long? stride, bool followsShots, FrameSampling sampling)
    {
        string video = MadeClip.Make(
            _folder.File("shots.mkv"), "color=0x606060:s=80x80:r=25:d=3.08[a];nullsrc=s=80x80:r=25:d=3,format=gray,geq=lum='100+N',format=yuv420p[b];[a][b]concat=n=2",
            "-c:v", "ffv1");
        Classifier first = BrightnessClassifier.Create(10, 20), likeIt = BrightnessClassifier.Create(12, 33, sampling);
        Classifier second = likeIt with { Info = likeIt.Info with { Classes = ["Dark", "Light"] } };
        var options = new LabellingOptions { Stride = stride, FollowsShots = followsShots };
        var streamed = new List<ProbabilityStep>();
        var seen = new List<WorkProgress>();

        VideoClassification both = new VideoClassifier(first) { With = second }.Run(video, options, streamed.Add, new Collector(seen));
        VideoClassification one = new VideoClassifier(first).Run(video, options), other = new VideoClassifier(second).Run(video, options);

        Assert.Equal(first.Info.Classes, both.Classes);
        Assert.Equal(one.Windows + other.Windows, both.Windows);
        float[] own = Frames(one, 0), theirs = Frames(other, 1), means = Frames(both, 0);
        Assert.Equal(own.Length, means.Length);
        Assert.All(means.Zip(own.Zip(theirs)), m => Assert.Equal((m.Second.First + m.Second.Second) / 2, m.First, 1e-6));
        Assert.Contains(own.Zip(theirs), p => Math.Abs(p.First - p.Second) > 0.5);
        Assert.Equal(means, streamed.SelectMany(s => Enumerable.Repeat(s.Probabilities[0], (int)s.Frames)));
        Assert.All(both.Steps.Zip(both.Steps.Skip(1)), s => Assert.Equal((s.First.EndFrame, s.First.End), (s.Second.FirstFrame, s.Second.Start)));
        Assert.Equal(both.Timeline.Shots, one.Timeline.Shots);
        Assert.Equal(2 * both.Timeline.Frames, seen[^1].Done);
        Assert.All(seen, p => Assert.Equal(2 * both.Timeline.Frames, p.Total));

        static float[] Frames(VideoClassification result, int column) =>
            [.. result.Steps.SelectMany(s => Enumerable.Repeat(s.Probabilities[column], (int)s.Frames))];
    }

    [Fact]
    public void Two_classifiers_find_a_border_within_a_shot_as_one_does()
    {
        string video = MadeClip.Make(
            _folder.File("dawn.mkv"), "nullsrc=s=80x80:r=25:d=8,format=gray,geq=lum='28+N'", "-pix_fmt", "gray", "-c:v", "ffv1");
        VideoClassification result = new VideoClassifier(BrightnessClassifier.Create(12, 32)) { With = BrightnessClassifier.Create(10, 20) }.Run(video);
        Assert.Equal(["Dark", "Light"], result.Timeline.Segments.Select(s => s.Class));
        Assert.InRange(result.Timeline.Segments[0].End * 25, 97, 103);
        string shorter = Assert.Throws<InputException>(() => new VideoClassifier(BrightnessClassifier.Create(12, 32)) { With = BrightnessClassifier.Create(10, 20) }
            .Run(video, new LabellingOptions { Stride = 21 })).Message;
        Assert.Contains("a window is 20 frames long", shorter, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_other_frames_when_it_is_read_again_is_not_averaged()
    {
        ProbabilityStep[] first = [new(0, 4, 0, 0.4, [1, 0]), new(4, 9, 0.4, 0.9, [0, 1])];
        var longer = new StepFusion("a.mkv", first, [0, 1]);
        ProbabilityStep[] means = [.. longer.Add(new ProbabilityStep(0, 6, 0, 0.6, [1, 0])), .. longer.Add(new ProbabilityStep(6, 9, 0.6, 0.9, [0, 1]))];
        Assert.Equal([(0, 4, 0, 0.4, 1), (4, 6, 0.4, 0.6, 0.5f), (6, 9, 0.6, 0.9, 0)], means.Select(m => (m.FirstFrame, m.EndFrame, m.Start, m.End, m.Probabilities[0])));
        Assert.Same(means[^1], longer.Finish()[^1]);
        Assert.Contains("a.mkv: had another number of frames", Assert.Throws<InputException>(() => longer.Add(new ProbabilityStep(9, 10, 0.9, 1, [0, 1]))).Message, StringComparison.Ordinal);

        var shorter = new StepFusion("a.mkv", first, [0, 1]);
        shorter.Add(new ProbabilityStep(0, 6, 0, 0.6, [1, 0]));
        Assert.Throws<InputException>(shorter.Finish);
    }

    private sealed class Collector(List<WorkProgress> seen) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => seen.Add(value);
    }

    [Fact]
    public void A_stride_longer_than_a_window_is_refused_and_so_is_a_video_shorter_than_a_sequence()
    {
        string video = MadeClip.Make(_folder.File("counter.mkv"), MadeClip.Counter(16, 16, "25", 11), "-c:v", "ffv1");
        var classifier = new VideoClassifier(BrightnessClassifier.Create(12, 24));
        Assert.Contains("a window is 24 frames long", Assert.Throws<InputException>(() => classifier.Run(video, new LabellingOptions { Stride = 25 })).Message, StringComparison.Ordinal);
        Assert.Contains("is too short: 11 frames", Assert.Throws<InputException>(() => classifier.Run(video)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_search_for_silences_ends_where_labelling_fails()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "looks at processes in /proc");
        // ffmpeg listens to so much for some seconds.
        string video = MadeClip.Make(_folder.File("loud.mkv"), MadeClip.Counter(16, 16, "25", 100),
            "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=4000", "-c:v", "ffv1", "-c:a", "flac", "-compression_level", "0");
        var classifier = new VideoClassifier(BrightnessClassifier.Create(12, 24));
        Assert.Throws<InvalidOperationException>(() => classifier.Run(video, new LabellingOptions { SnapsToSilence = true, FollowsShots = false }, _ =>
        {
            Assert.True(SpinWait.SpinUntil(IsListening, TimeSpan.FromSeconds(10)));
            throw new InvalidOperationException("labelling fails");
        }));
        Assert.False(IsListening());

        bool IsListening() => Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out int _)).Any(d =>
        {
            try
            {
                string line = File.ReadAllText(Path.Combine(d, "cmdline"));
                return line.Contains("silencedetect", StringComparison.Ordinal) && line.Contains(video, StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile.
                return false;
            }
        });
    }

    // Only evenly spread frames are all taken for a last window that begins anywhere.
    private static long Nearest(WindowPlan plan, long frame, long frames)
    {
        for (long away = 0; ; away++)
        {
            if (frame - away >= 0 && plan.IsNeeded(frame - away))
                return frame - away;
            if (frame + away < frames && plan.IsNeeded(frame + away))
                return frame + away;
        }
    }
}
