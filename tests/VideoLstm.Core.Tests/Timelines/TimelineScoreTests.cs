using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Tests.Timelines;

public sealed class TimelineScoreTests
{
    private static readonly Timeline Truth = Line((0, 10, "A"), (10, 20, "B"), (20, 30, "(unknown: an office)"), (30, 40, "A"), (50, double.PositiveInfinity, "B"));

    [Fact]
    public void What_is_right_has_no_errors()
    {
        TimelineScore score = TimelineScore.Of(Line((0, 10, "A"), (10, 20, "B"), (20, 30, "unknown"), (30, 40, "A"), (40, 60, "B")), Truth);
        Assert.Equal((1, 40, 40), (score.Accuracy, score.KnownSeconds, score.CorrectSeconds));
        Assert.Equal((10, 10, 0), (score.UnknownSeconds, score.CorrectUnknownSeconds, score.FalseUnknownSeconds));
        Assert.Equal((4, 4, 4), (score.Segments, score.FoundSegments, score.PredictedSegments));
        // Only one class becomes another; beside the office and the gap there is nothing known.
        Assert.Equal([0.0], score.BorderErrors);
        Assert.All(score.Classes, c => Assert.Equal((1, 1, 1), (c.Precision, c.Recall, c.F1)));
    }

    [Fact]
    public void Time_segments_and_borders_are_counted()
    {
        // A border 2 s late, the office taken for A, half of the last A called unknown, the end cut off.
        TimelineScore score = TimelineScore.Of(Line((0, 12, "A"), (12, 20, "B"), (20, 35, "A"), (35, 40, "unknown"), (50, 52, "B"), (52, 60, "A")), Truth);
        Assert.Equal((40, 25), (score.KnownSeconds, score.CorrectSeconds));
        Assert.Equal((0, 5), (score.CorrectUnknownSeconds, score.FalseUnknownSeconds));
        Assert.Equal([2.0], score.BorderErrors);
        ClassScore a = score.Classes[0], b = score.Classes[1];
        Assert.Equal(("A", 20, 35, 15), (a.Class, a.TrueSeconds, a.PredictedSeconds, a.CorrectSeconds));
        Assert.Equal((15 / 35.0, 0.75, 30 / 55.0), (a.Precision, a.Recall, a.F1));
        Assert.Equal(("B", 20, 10, 10), (b.Class, b.TrueSeconds, b.PredictedSeconds, b.CorrectSeconds));
        // Overlaps: 10 of 12, 8 of 10; the third spans 20 s of which 5 are A; 2 of 10.
        Assert.Equal((4, 2, 5), (score.Segments, score.FoundSegments, score.PredictedSegments));
    }

    [Fact]
    public void A_segment_counts_for_one_other_and_neighbours_of_a_class_are_one()
    {
        TimelineScore score = TimelineScore.Of(Line((0, 5, "A"), (5, 10, "A")), Line((0, 6, "A"), (6.001, 10, "A")));
        Assert.Equal((1, 1, 1), (score.Segments, score.FoundSegments, score.PredictedSegments));
        score = TimelineScore.Of(Line((0, 10, "A")), Line((0, 5, "A"), (5, 5.2, "B"), (5.2, 10, "A")));
        Assert.Equal((3, 1, 1), (score.Segments, score.FoundSegments, score.PredictedSegments));
        Assert.Equal([double.PositiveInfinity, double.PositiveInfinity], score.BorderErrors);
    }

    [Fact]
    public void Several_videos_are_summed()
    {
        TimelineScore one = TimelineScore.Of(Line((0, 10, "A"), (10, 20, "B")), Truth), other = TimelineScore.Of(Line((0, 8, "A"), (8, 20, "C")), Truth);
        TimelineScore sum = TimelineScore.Sum([one, other]);
        Assert.Equal(one.CorrectSeconds + other.CorrectSeconds, sum.CorrectSeconds);
        Assert.Equal(["A", "B", "C"], sum.Classes.Select(c => c.Class));
        Assert.Equal([0.0, 2.0], sum.BorderErrors);
        Assert.Equal(one.Segments + other.Segments, sum.Segments);
    }

    [Theory]
    [InlineData("unknown", true)]
    [InlineData("(unknown: indoor office)", true)]
    [InlineData("Unknown?", true)]
    [InlineData("unknowns", false)]
    [InlineData("Wall", false)]
    public void A_truth_may_say_unknown_with_a_reason(string name, bool isUnknown) => Assert.Equal(isUnknown, TimelineScore.IsUnknown(name));

    private static Timeline Line(params (double Start, double End, string Class)[] segments) =>
        new() { Segments = [.. segments.Select(s => new Segment(s.Start, s.End, s.Class))] };
}
