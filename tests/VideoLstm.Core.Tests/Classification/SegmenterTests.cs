using VideoLstm.Core.Classification;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Tests.Classification;

public sealed class SegmenterTests
{
    private const double Rate = 25;

    // None of random steps is longer.
    private const long LongWindow = 400;

    private static readonly string[] Names = ["A", "B", "C"];

    [Fact]
    public void Without_smoothing_each_step_is_what_is_likeliest()
    {
        (List<ProbabilityStep> steps, _) = Steps((50, [0.7f, 0.2f, 0.1f]), (50, [0.6f, 0.3f, 0.1f]), (25, [0.1f, 0.8f, 0.1f]), (50, [0.5f, 0.25f, 0.25f]));
        IReadOnlyList<Segment> segments = Segment(steps, 50, new LabellingOptions());
        Assert.Equal([new Segment(0, 4, "A", 0.65), new Segment(4, 5, "B", 0.8), new Segment(5, 7, "A", 0.5)], segments.Select(Rounded));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 3)]
    public void Viterbi_asks_of_a_change_what_it_costs(double penalty, int segments)
    {
        // One window against its neighbours: log(0.9 / 0.05) = 2.89, and two changes.
        (List<ProbabilityStep> steps, _) = Steps((200, [0.9f, 0.05f, 0.05f]), (50, [0.05f, 0.9f, 0.05f]), (200, [0.9f, 0.05f, 0.05f]));
        Assert.Equal(segments, Segment(steps, 50, new LabellingOptions { Smoothing = Smoothing.Viterbi, SwitchPenalty = penalty }).Count);
        Assert.Equal(3, Segment(steps, 50, new LabellingOptions()).Count);
    }

    [Fact]
    public void What_lasts_longer_than_a_window_is_not_smoothed_away()
    {
        (List<ProbabilityStep> steps, _) = Steps((200, [0.9f, 0.05f, 0.05f]), (40, [0.1f, 0.8f, 0.1f]), (20, [0.3f, 0.5f, 0.2f]), (200, [0.9f, 0.05f, 0.05f]));
        var options = new LabellingOptions { Smoothing = Smoothing.Viterbi, SwitchPenalty = 20 };
        Assert.Equal([(0, 8, "A"), (8, 10.4, "B"), (10.4, 18.4, "A")], Segment(steps, 50, options).Select(s => (s.Start, s.End, s.Class)));
        Assert.Single(Segment(steps, 60, options));
    }

    /// <summary>However likely a class is; but a part of a window is no more than flicker.</summary>
    [Fact]
    public void What_is_like_nothing_that_was_learnt_is_unknown()
    {
        (List<ProbabilityStep> steps, _) = Steps((100, [0.99f, 0.01f, 0]), (60, [0.99f, 0.01f, 0]), (100, [0.99f, 0.01f, 0]), (5, [0, 1, 0]), (100, [1, 0, 0]));
        steps[1] = steps[1] with { Novelty = 1.2 };
        steps[3] = steps[3] with { Novelty = 1.01 };
        steps[4] = steps[4] with { Novelty = 0.99 };
        (double, double, string)[] Of(LabellingOptions options) => [.. Segment(steps, 50, options).Select(s => (s.Start, s.End, s.Class))];
        Assert.Equal([(0, 4, "A"), (4, 6.4, "unknown"), (6.4, 10.4, "A"), (10.4, 10.6, "unknown"), (10.6, 14.6, "A")], Of(new LabellingOptions()));
        (double, double, string)[] smooth = [(0, 4, "A"), (4, 6.4, "unknown"), (6.4, 14.6, "A")];
        Assert.Equal(smooth, Of(new LabellingOptions { Smoothing = Smoothing.Viterbi }));
        Assert.Equal(smooth, Of(new LabellingOptions { MinimumSeconds = 1 }));
    }

    [Fact]
    public void Viterbi_finds_the_likeliest_of_all_sequences()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 60; trial++)
        {
            double threshold = trial % 3 * 0.2, penalty = random.NextDouble() * 0.15;
            (List<ProbabilityStep> steps, _) = Steps([.. Enumerable.Range(0, 6).Select(_ => (random.Next(1, 60), Draw(random)))]);
            int[] found = Segmenter.Label(steps, LongWindow, new LabellingOptions { Smoothing = Smoothing.Viterbi, SwitchPenalty = penalty, Threshold = threshold });
            int states = threshold > 0 ? 4 : 3;
            double best = Sequences(states, steps.Count).Max(s => Score(steps, s, penalty, threshold));
            // What is less likely than the threshold on the whole is named unknown afterwards.
            if (found.All(l => l < 3))
                Assert.Equal(best, Score(steps, found, penalty, threshold), 1e-9);
        }
    }

    [Fact]
    public void The_mean_is_that_of_the_frames_around()
    {
        var random = new Random(2);
        (List<ProbabilityStep> steps, float[][] frames) = Steps([.. Enumerable.Range(0, 9).Select(_ => (random.Next(1, 40), Draw(random)))]);
        List<ProbabilityStep> mean = Segmenter.Average(steps, 20, f => f / Rate);
        Assert.Equal(frames.Length, mean.Count);
        for (int n = 0; n < frames.Length; n++)
        {
            float[][] around = frames[Math.Max(0, n - 20)..Math.Min(frames.Length, n + 21)];
            Assert.Equal((n, n + 1, n / Rate, (n + 1) / Rate), (mean[n].FirstFrame, mean[n].EndFrame, mean[n].Start, mean[n].End));
            for (int c = 0; c < 3; c++)
                Assert.Equal(around.Average(f => (double)f[c]), mean[n].Probabilities[c], 1e-6);
        }
        // Longer windows are averaged piece by piece, and every frame is in one.
        List<ProbabilityStep> pieces = Segmenter.Average(steps, 350, f => f / Rate);
        Assert.All(pieces.Zip(pieces.Skip(1)), p => Assert.Equal(p.First.EndFrame, p.Second.FirstFrame));
        Assert.Equal((0, frames.Length), ((int)pieces[0].FirstFrame, (int)pieces[^1].EndFrame));
        Assert.All(pieces, p => Assert.InRange(p.Frames, 1, 3));
    }

    [Fact]
    public void What_no_class_fits_is_unknown()
    {
        (List<ProbabilityStep> steps, _) = Steps((50, [0.9f, 0.05f, 0.05f]), (50, [0.4f, 0.35f, 0.25f]), (50, [0.3f, 0.45f, 0.25f]), (50, [0.1f, 0.6f, 0.3f]));
        Assert.Equal(
            [new Segment(0, 2, "A", 0.9), new Segment(2, 6, "unknown", 0.425), new Segment(6, 8, "B", 0.6)],
            Segment(steps, 50, new LabellingOptions { Threshold = 0.5 }).Select(Rounded));
        // Exactly as likely as asked for is likely enough.
        Assert.DoesNotContain(Segment(steps, 50, new LabellingOptions { Threshold = 0.25 }), s => s.Class == "unknown");
        Assert.Equal("unknown", Assert.Single(Segment(steps, 50, new LabellingOptions { Threshold = 1 })).Class);
        foreach (Segment segment in Segment(steps, 50, new LabellingOptions { Threshold = 0.5, Smoothing = Smoothing.Viterbi }))
            Assert.True(segment.Class == "unknown" || segment.Probability >= 0.5);
    }

    [Fact]
    public void Short_segments_go_to_the_likelier_neighbour_the_shortest_first()
    {
        (List<ProbabilityStep> steps, _) = Steps(
            (100, [0.9f, 0.05f, 0.05f]), (20, [0.1f, 0.3f, 0.6f]), (100, [0.05f, 0.9f, 0.05f]), (10, [0.6f, 0.3f, 0.1f]), (100, [0.05f, 0.9f, 0.05f]), (24, [0.5f, 0.4f, 0.1f]));
        // C (0.8 s) becomes B, A (0.4 s) between B and B becomes B; the last, 0.96 s, is short too.
        Assert.Equal([(0.0, 4.0, "A"), (4.0, 14.16, "B")], Segment(steps, 50, new LabellingOptions { MinimumSeconds = 1 }).Select(s => (s.Start, s.End, s.Class)));
        Assert.Equal(4, Segment(steps, 50, new LabellingOptions { MinimumSeconds = 0.5 }).Count);
        Assert.Equal(6, Segment(steps, 50, new LabellingOptions { MinimumSeconds = 0.4 }).Count);
        Assert.Single(Segment(steps, 50, new LabellingOptions { MinimumSeconds = 100 }));
    }

    [Fact]
    public void Segments_have_no_gaps_and_no_two_neighbours_of_a_class_whatever_the_options()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 200; trial++)
        {
            (List<ProbabilityStep> steps, float[][] frames) = Steps([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (random.Next(1, 60), Draw(random)))]);
            var options = new LabellingOptions
            {
                Smoothing = (Smoothing)(trial % 3),
                Threshold = trial % 2 * random.NextDouble(),
                MinimumSeconds = trial % 4 * random.NextDouble(),
            };
            IReadOnlyList<Segment> segments = Segment(steps, 50, options);
            Assert.Equal((0, frames.Length / Rate), (segments[0].Start, segments[^1].End));
            Assert.All(segments.Zip(segments.Skip(1)), p => Assert.True(p.First.End == p.Second.Start));
            Assert.All(segments, s => Assert.InRange(s.Probability!.Value, s.Class == "unknown" ? 0 : options.Threshold - 1e-9, 1));
            Assert.All(segments.Zip(segments.Skip(1)), p => Assert.True(p.First.Class != p.Second.Class));
        }
    }

    private static IReadOnlyList<Segment> Segment(IReadOnlyList<ProbabilityStep> steps, long window, LabellingOptions options)
    {
        if (options.Smoothing == Smoothing.Mean)
            steps = Segmenter.Average(steps, window, f => f / Rate);
        return Segmenter.Segments(steps, Segmenter.Label(steps, window, options), Names);
    }

    private static Segment Rounded(Segment segment) => segment with { Probability = Math.Round(segment.Probability!.Value, 6) };

    private static (List<ProbabilityStep> Steps, float[][] Frames) Steps(params (int Frames, float[] Probabilities)[] lengths)
    {
        var steps = new List<ProbabilityStep>();
        long first = 0;
        foreach ((int frames, float[] probabilities) in lengths)
        {
            steps.Add(new ProbabilityStep(first, first + frames, first / Rate, (first + frames) / Rate, probabilities));
            first += frames;
        }
        return (steps, [.. lengths.SelectMany(l => Enumerable.Repeat(l.Probabilities, l.Frames))]);
    }

    private static float[] Draw(Random random)
    {
        float[] p = [random.NextSingle() + 0.01f, random.NextSingle() + 0.01f, random.NextSingle() + 0.01f];
        return Array.ConvertAll(p, x => x / p.Sum());
    }

    private static IEnumerable<int[]> Sequences(int states, int length)
    {
        for (int number = 0; number < Math.Pow(states, length); number++)
        {
            int rest = number;
            yield return [.. Enumerable.Range(0, length).Select(_ => { int state = rest % states; rest /= states; return state; })];
        }
    }

    private static double Score(List<ProbabilityStep> steps, int[] labels, double penalty, double threshold) =>
        steps.Select((s, i) => (double)s.Frames / LongWindow * Math.Log(labels[i] < 3 ? s.Probabilities[labels[i]] : threshold) - (i > 0 && labels[i] != labels[i - 1] ? penalty : 0)).Sum();
}
