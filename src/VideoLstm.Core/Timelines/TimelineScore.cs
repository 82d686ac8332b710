namespace VideoLstm.Core.Timelines;

/// <summary>How well labels agree with what is true: by time, by segments, and by where one class becomes another.</summary>
/// <remarks>
/// Segments count as found as in C. Lea et al., "Temporal Convolutional Networks for Action Segmentation and Detection" (2017): one of the
/// same class whose overlap with it, over what both span together, is at least <see cref="LeastOverlap"/>, and that counts for no other.
/// </remarks>
public sealed record TimelineScore
{
    /// <summary>Overlap of two segments, over what both span together, from which they are one that was found.</summary>
    public const double LeastOverlap = 0.5;

    // What programs round times to.
    private const double RoundingSeconds = 0.0015;

    /// <summary>Seconds of which the truth names a class.</summary>
    public required double KnownSeconds { get; init; }

    /// <summary>Those of them that are labelled with it.</summary>
    public required double CorrectSeconds { get; init; }

    /// <summary>Those of them that are labelled <see cref="Segment.Unknown"/>.</summary>
    public required double FalseUnknownSeconds { get; init; }

    /// <summary>Seconds of which the truth says that they are of no class.</summary>
    public required double UnknownSeconds { get; init; }

    /// <summary>Those of them that are labelled <see cref="Segment.Unknown"/>.</summary>
    public required double CorrectUnknownSeconds { get; init; }

    /// <summary>Each class of the truth or of the labels, by name.</summary>
    public required IReadOnlyList<ClassScore> Classes { get; init; }

    /// <summary>Segments of known classes in the truth, neighbours of one class taken together.</summary>
    public required int Segments { get; init; }

    /// <summary>Those of them that were found.</summary>
    public required int FoundSegments { get; init; }

    /// <summary>Segments of known classes among the labels.</summary>
    public required int PredictedSegments { get; init; }

    /// <summary>
    /// How far the nearest border of the labels is from each place where, by the truth, a class becomes another, seconds, in order of time;
    /// infinity where the labels have no border.
    /// </summary>
    public required IReadOnlyList<double> BorderErrors { get; init; }

    /// <summary>Share of the known time that is labelled rightly, 0 to 1; 0 without known time.</summary>
    public double Accuracy => KnownSeconds > 0 ? CorrectSeconds / KnownSeconds : 0;

    /// <summary>Whether a class of a truth says that no class is known there: <c>unknown</c>, also in brackets and with a reason.</summary>
    public static bool IsUnknown(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadOnlySpan<char> plain = name.AsSpan().TrimStart("([ ");
        return plain.StartsWith(Segment.Unknown, StringComparison.OrdinalIgnoreCase)
            && (plain.Length == Segment.Unknown.Length || !char.IsLetterOrDigit(plain[Segment.Unknown.Length]));
    }

    /// <summary>Compares labels with the truth. Time of which the truth says nothing does not count.</summary>
    /// <param name="labels">What was found.</param>
    /// <param name="truth">What is so; its last segment may end at infinity: it ends with the labels then.</param>
    public static TimelineScore Of(Timeline labels, Timeline truth)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        double end = labels.Segments.Concat(truth.Segments).Select(s => s.End).Where(double.IsFinite).DefaultIfEmpty().Max();
        List<Segment> found = Join(labels.Segments, end), known = Join(truth.Segments, end);
        var trueSeconds = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var predictedSeconds = new Dictionary<string, double>(StringComparer.Ordinal);
        var correctSeconds = new Dictionary<string, double>(StringComparer.Ordinal);
        double falseUnknown = 0, correctUnknown = 0;
        foreach (Segment segment in known)
            Add(trueSeconds, segment.Class, segment.End - segment.Start);
        foreach ((Segment predicted, Segment actual, double seconds) in Overlaps(found, known))
        {
            Add(predictedSeconds, predicted.Class, seconds);
            if (predicted.Class == actual.Class)
                Add(correctSeconds, actual.Class, seconds);
            if (predicted.Class != Segment.Unknown)
                continue;
            if (actual.Class == Segment.Unknown)
                correctUnknown += seconds;
            else
                falseUnknown += seconds;
        }
        ClassScore[] classes =
        [
            .. trueSeconds.Keys.Union(predictedSeconds.Keys).Where(c => c != Segment.Unknown).Order(StringComparer.Ordinal).Select(c =>
                new ClassScore(c, trueSeconds.GetValueOrDefault(c), predictedSeconds.GetValueOrDefault(c),
                    correctSeconds.GetValueOrDefault(c))),
        ];
        double[] borders = [.. Borders(found).Select(b => b.Seconds)];
        return new TimelineScore
        {
            KnownSeconds = classes.Sum(c => c.TrueSeconds),
            CorrectSeconds = classes.Sum(c => c.CorrectSeconds),
            FalseUnknownSeconds = falseUnknown,
            UnknownSeconds = trueSeconds.GetValueOrDefault(Segment.Unknown),
            CorrectUnknownSeconds = correctUnknown,
            Classes = classes,
            Segments = known.Count(s => s.Class != Segment.Unknown),
            FoundSegments = CountFound(found, known),
            PredictedSegments = found.Count(s => s.Class != Segment.Unknown),
            BorderErrors =
            [
                .. Borders(known).Where(b => b is { Before: not Segment.Unknown, After: not Segment.Unknown }).Select(b =>
                    borders.Select(p => Math.Abs(p - b.Seconds)).DefaultIfEmpty(double.PositiveInfinity).Min()),
            ],
        };
    }

    /// <summary>The score of several videos together: by the sums of their times, segments and borders.</summary>
    public static TimelineScore Sum(IReadOnlyCollection<TimelineScore> scores) => new()
    {
        KnownSeconds = scores.Sum(s => s.KnownSeconds),
        CorrectSeconds = scores.Sum(s => s.CorrectSeconds),
        FalseUnknownSeconds = scores.Sum(s => s.FalseUnknownSeconds),
        UnknownSeconds = scores.Sum(s => s.UnknownSeconds),
        CorrectUnknownSeconds = scores.Sum(s => s.CorrectUnknownSeconds),
        Classes =
        [
            .. scores.SelectMany(s => s.Classes).GroupBy(c => c.Class, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new ClassScore(
                    g.Key, g.Sum(c => c.TrueSeconds), g.Sum(c => c.PredictedSeconds), g.Sum(c => c.CorrectSeconds))),
        ],
        Segments = scores.Sum(s => s.Segments),
        FoundSegments = scores.Sum(s => s.FoundSegments),
        PredictedSegments = scores.Sum(s => s.PredictedSegments),
        BorderErrors = [.. scores.SelectMany(s => s.BorderErrors)],
    };

    private static void Add(IDictionary<string, double> sums, string name, double seconds)
    {
        sums.TryGetValue(name, out double before);
        sums[name] = before + seconds;
    }

    // Neighbours of one class are one segment; all that is unknown has one name.
    private static List<Segment> Join(IEnumerable<Segment> segments, double end)
    {
        var joined = new List<Segment>();
        foreach (Segment segment in segments)
        {
            Segment next = segment with
            {
                End = Math.Min(segment.End, end),
                Class = IsUnknown(segment.Class) ? Segment.Unknown : segment.Class,
            };
            if (joined.Count > 0 && joined[^1].Class == next.Class && next.Start - joined[^1].End <= RoundingSeconds)
                joined[^1] = joined[^1] with { End = next.End };
            else if (next.End > next.Start)
                joined.Add(next);
        }
        return joined;
    }

    private static IEnumerable<(Segment Predicted, Segment Actual, double Seconds)> Overlaps(List<Segment> found, List<Segment> known)
    {
        int f = 0, k = 0;
        while (f < found.Count && k < known.Count)
        {
            double seconds = Math.Min(found[f].End, known[k].End) - Math.Max(found[f].Start, known[k].Start);
            if (seconds > 0)
                yield return (found[f], known[k], seconds);
            if (found[f].End < known[k].End)
                f++;
            else
                k++;
        }
    }

    // Where segments touch; by labels that leave gaps, both ends of a gap.
    private static IEnumerable<(double Seconds, string Before, string After)> Borders(List<Segment> segments)
    {
        for (int i = 1; i < segments.Count; i++)
        {
            (Segment before, Segment after) = (segments[i - 1], segments[i]);
            if (after.Start - before.End <= RoundingSeconds)
            {
                yield return (after.Start, before.Class, after.Class);
                continue;
            }
            yield return (before.End, before.Class, Segment.Unknown);
            yield return (after.Start, Segment.Unknown, after.Class);
        }
    }

    // The best pairs first.
    private static int CountFound(List<Segment> found, List<Segment> known)
    {
        var taken = new HashSet<(Segment, bool)>();
        return Overlaps(found, known)
            .Where(o => o.Predicted.Class == o.Actual.Class && o.Actual.Class != Segment.Unknown)
            .Select(o => (o.Predicted, o.Actual, Share: o.Seconds
                / (Math.Max(o.Predicted.End, o.Actual.End) - Math.Min(o.Predicted.Start, o.Actual.Start))))
            .Where(o => o.Share >= LeastOverlap)
            .OrderByDescending(o => o.Share)
            .Count(o => !taken.Contains((o.Predicted, true)) && !taken.Contains((o.Actual, false))
                && taken.Add((o.Predicted, true)) && taken.Add((o.Actual, false)));
    }
}
