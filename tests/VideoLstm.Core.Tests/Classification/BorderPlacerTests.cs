using VideoLstm.Core.Classification;

namespace VideoLstm.Core.Tests.Classification;

public sealed class BorderPlacerTests
{
    [Fact]
    public void Borders_on_cuts_stay_and_others_go_where_classes_change_or_to_a_cut_within_reach()
    {
        // Borders at 20 (a cut), 40 (found at 47), 60 (a cut at 63), 80 (nothing near).
        var placer = new BorderPlacer([20, 63, 95], [new FoundBorder(30, 55, 0, 1, 47), new FoundBorder(30, 55, 1, 0, 35)], reach: 5);
        (IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels) = placer.Place(Steps(10, 100), [1, 1, 0, 0, 1, 1, 0, 0, 1, 1], f => f / 10.0);
        Assert.Equal([(0, 20, 1), (20, 47, 0), (47, 63, 1), (63, 80, 0), (80, 100, 1)], Stretches(steps, labels));
        Assert.All(steps, s => Assert.Equal((s.FirstFrame / 10.0, s.EndFrame / 10.0), (s.Start, s.End)));
        // The probabilities are those of the frames as before.
        Assert.All(steps, s => Assert.Equal(s.FirstFrame / 10, (long)s.Probabilities[0]));
    }

    /// <summary>Of borders at 20 (a cut), 40 and 60, those near 18 and 44 go there; that at 60 is too far from 50.</summary>
    [Fact]
    public void Black_and_silence_draw_borders_that_are_within_reach_even_from_cuts()
    {
        var placer = new BorderPlacer([20], [], reach: 0) { Preferred = ([18, 44, 50], 5) };
        (IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels) = placer.Place(Steps(10, 80), [1, 1, 0, 0, 1, 1, 0, 0], f => f / 10.0);
        Assert.Equal([(0, 18, 1), (18, 44, 0), (44, 60, 1), (60, 80, 0)], Stretches(steps, labels));
    }

    [Fact]
    public void No_border_passes_another()
    {
        var placer = new BorderPlacer([], [new FoundBorder(0, 60, 0, 1, 55), new FoundBorder(0, 60, 1, 0, 25)], reach: 0);
        (IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels) = placer.Place(Steps(10, 60), [0, 0, 1, 1, 0, 0], f => f);
        Assert.Equal([(0, 20, 0), (20, 25, 1), (25, 60, 0)], Stretches(steps, labels));
    }

    private static ProbabilityStep[] Steps(int length, int frames) =>
        [.. Enumerable.Range(0, frames / length).Select(i => new ProbabilityStep(i * length, (i + 1) * length, i, i + 1, [i]))];

    private static List<(long First, long End, int Label)> Stretches(IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels)
    {
        var stretches = new List<(long First, long End, int Label)>();
        foreach ((ProbabilityStep step, int label) in steps.Zip(labels))
        {
            if (stretches.Count > 0 && stretches[^1].Label == label)
                stretches[^1] = stretches[^1] with { End = step.EndFrame };
            else
                stretches.Add((step.FirstFrame, step.EndFrame, label));
        }
        return stretches;
    }
}
