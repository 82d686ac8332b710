namespace VideoLstm.Core.Classification;

/// <summary>Moves borders between labels from where windows happen to begin to where the video changes.</summary>
/// <param name="cuts">Numbers of the first frames of shots, rising.</param>
/// <param name="found">Where classes change within shots.</param>
/// <param name="reach">How far cuts draw borders that lie on none, frames.</param>
internal sealed class BorderPlacer(long[] cuts, IReadOnlyList<FoundBorder> found, long reach)
{
    /// <summary>
    /// Places that borders rather fall on, wherever they were, and how far these draw them, frames: numbers of first frames, rising.
    /// </summary>
    public (long[] Places, long Reach) Preferred { get; init; } = ([], 0);

    /// <summary>Steps and their labels with the borders where they belong.</summary>
    /// <param name="steps">The probabilities.</param>
    /// <param name="labels">The label of each step.</param>
    /// <param name="timeOf">Time of a frame, or of the end of the video, seconds.</param>
    public (IReadOnlyList<ProbabilityStep> Steps, IReadOnlyList<int> Labels) Place(
        IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels, Func<long, double> timeOf)
    {
        // Where stretches of one label begin; each is moved no further than to its neighbours.
        var starts = new List<(long Frame, int Label)>();
        long end = steps[^1].EndFrame;
        for (int i = 0; i < steps.Count; i++)
        {
            if (i == 0)
                starts.Add((0, labels[0]));
            else if (labels[i] != labels[i - 1])
                starts.Add((steps[i].FirstFrame, labels[i]));
        }
        for (int i = 1; i < starts.Count; i++)
        {
            long next = i + 1 < starts.Count ? starts[i + 1].Frame : end;
            long place = Place(starts[i].Frame, starts[i - 1].Label, starts[i].Label);
            if (place > starts[i - 1].Frame && place < next)
                starts[i] = starts[i] with { Frame = place };
        }

        var placed = new List<ProbabilityStep>();
        var placedLabels = new List<int>();
        int at = 0;
        foreach (ProbabilityStep step in steps)
        {
            for (long first = step.FirstFrame; first < step.EndFrame; first = placed[^1].EndFrame)
            {
                while (at + 1 < starts.Count && starts[at + 1].Frame <= first)
                    at++;
                long last = at + 1 < starts.Count ? Math.Min(step.EndFrame, starts[at + 1].Frame) : step.EndFrame;
                placed.Add(step with { FirstFrame = first, EndFrame = last, Start = timeOf(first), End = timeOf(last) });
                placedLabels.Add(starts[at].Label);
            }
        }
        return (placed, placedLabels);
    }

    private long Place(long border, int before, int after)
    {
        long place = PlaceByCuts(border, before, after);
        return Nearest(Preferred.Places, place, Preferred.Reach) ?? place;
    }

    private long PlaceByCuts(long border, int before, int after)
    {
        if (Array.BinarySearch(cuts, border) >= 0)
            return border;
        long place = found.Where(f => f.Before == before && f.After == after && f.From < border && border < f.To)
            .MinBy(f => Math.Abs(f.Frame - border))?.Frame ?? border;
        return Nearest(cuts, place, reach) ?? place;
    }

    private static long? Nearest(long[] places, long place, long reach)
    {
        int index = Array.BinarySearch(places, place);
        if (index >= 0)
            return place;
        long[] beside = [.. places[Math.Max(0, ~index - 1)..Math.Min(places.Length, ~index + 1)].Where(p => Math.Abs(p - place) <= reach)];
        return beside.Length > 0 ? beside.MinBy(p => Math.Abs(p - place)) : null;
    }
}
