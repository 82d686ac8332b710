using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Classification;

/// <summary>From probabilities over time to segments.</summary>
internal static class Segmenter
{
    private const int SmoothedWindows = 2;
    private const int PiecesPerWindow = 100;
    private const double LeastProbability = 1e-7;
    private const double RoundingSeconds = 1e-6;

    /// <summary>
    /// Averages over <see cref="SmoothedWindows"/> windows' length around each frame, less at the ends. Steps come out as short as a frame,
    /// or as a hundredth of a window where that is longer.
    /// </summary>
    /// <param name="steps">What the windows say.</param>
    /// <param name="window">Frames of a window.</param>
    /// <param name="timeOf">Time of a frame, or of the end of the video, seconds.</param>
    public static List<ProbabilityStep> Average(IReadOnlyList<ProbabilityStep> steps, long window, Func<long, double> timeOf)
    {
        int classes = steps[0].Probabilities.Count;
        long reach = Math.Max(1, SmoothedWindows * window / 2), piece = Math.Max(1, window / PiecesPerWindow), end = steps[^1].EndFrame;
        // Sums from the start of the video to the start of each step, and to any frame in it by what the step says.
        double[][] sums = Sums(steps, threshold: 0);
        var found = new List<ProbabilityStep>();
        int lower = 0, upper = 0;
        foreach (ProbabilityStep step in steps)
        {
            for (long first = step.FirstFrame; first < step.EndFrame; first += piece)
            {
                long next = Math.Min(first + piece, step.EndFrame), middle = (first + next - 1) / 2;
                long from = Math.Max(0, middle - reach), to = Math.Min(end, middle + reach + 1);
                while (steps[lower].EndFrame <= from)
                    lower++;
                while (steps[upper].EndFrame < to)
                    upper++;
                float[] mean = new float[classes];
                for (int c = 0; c < classes; c++)
                    mean[c] = (float)Mean(c);
                found.Add(new ProbabilityStep(first, next, timeOf(first), timeOf(next), mean) { Novelty = Mean(classes + 1) });

                double Mean(int c) => (SumTo(upper, to, c) - SumTo(lower, from, c)) / (to - from);
            }
        }
        return found;

        double SumTo(int step, long frame, int c) => sums[step][c]
            + (sums[step + 1][c] - sums[step][c]) * (frame - steps[step].FirstFrame) / steps[step].Frames;
    }

    /// <summary>The label of each step: number of a class, or that of the classes where none is likely enough.</summary>
    /// <param name="steps">The probabilities.</param>
    /// <param name="window">Frames of a window: what counts as one observation.</param>
    /// <param name="options">How.</param>
    public static int[] Label(IReadOnlyList<ProbabilityStep> steps, long window, LabellingOptions options)
    {
        int classes = steps[0].Probabilities.Count;
        int[] labels =
        [
            .. steps.Select(s => Likeliest(Enumerable.Range(0, classes + 1).Select(c => Probability(s, c, options.Threshold)))),
        ];
        if (options.Smoothing == Smoothing.Viterbi)
            labels = KeepLong(steps, labels, Viterbi(steps, classes, window, options), window);
        List<Stretch> stretches = Merge(steps, labels);
        AbsorbShort(stretches, Sums(steps, options.Threshold), steps, options);
        foreach (Stretch stretch in stretches)
        {
            // A sequence that is likely as a whole may have parts that are not.
            int label = stretch.Label < classes && Mean(steps, stretch) < options.Threshold ? classes : stretch.Label;
            labels.AsSpan(stretch.First, stretch.End - stretch.First).Fill(label);
        }
        return labels;
    }

    /// <summary>
    /// Labelled steps as segments with their mean probability: that of their class, or where it is unknown, that of the likeliest class.
    /// </summary>
    public static IReadOnlyList<Segment> Segments(IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels,
        IReadOnlyList<string> classes) =>
    [
        .. Merge(steps, labels).Select(s => new Segment(steps[s.First].Start, steps[s.End - 1].End, s.Label < classes.Count
            ? classes[s.Label] : Segment.Unknown, Mean(steps, s))),
    ];

    // What no class fits is a class of its own, as likely as the threshold; what is like nothing that was learnt is surely of it.
    private static double Probability(ProbabilityStep step, int label, double threshold) =>
        (label < step.Probabilities.Count, IsNovel(step)) switch
        {
            (true, false) => step.Probabilities[label],
            (false, false) => threshold,
            (true, true) => 0,
            (false, true) => 1,
        };

    private static bool IsNovel(ProbabilityStep step) => step.Novelty > 1;

    // The first of equals: a class before unknown.
    private static int Likeliest(IEnumerable<double> probabilities) => probabilities.Select((p, c) => (p, c)).MaxBy(x => x.p).c;

    // What is of one class for longer than a window is no flicker: it is there, whatever a change of class costs.
    private static int[] KeepLong(IReadOnlyList<ProbabilityStep> steps, int[] plain, int[] smoothed, long window)
    {
        foreach (Stretch stretch in Merge(steps, plain))
        {
            Span<int> found = smoothed.AsSpan(stretch.First, stretch.End - stretch.First);
            if (steps[stretch.End - 1].EndFrame - steps[stretch.First].FirstFrame > window && !found.Contains(stretch.Label))
                found.Fill(stretch.Label);
        }
        return smoothed;
    }

    private static int[] Viterbi(IReadOnlyList<ProbabilityStep> steps, int classes, long window, LabellingOptions options)
    {
        int states = options.Threshold > 0 || steps.Any(IsNovel) ? classes + 1 : classes;
        double[] scores = new double[states], next = new double[states];
        int[] bestBefore = new int[steps.Count];
        var changed = new System.Collections.BitArray(checked(steps.Count * states));
        for (int s = 0; s < steps.Count; s++)
        {
            int best = Likeliest(scores);
            bestBefore[s] = best;
            double weight = (double)steps[s].Frames / window;
            for (int c = 0; c < states; c++)
            {
                bool change = s > 0 && scores[best] - options.SwitchPenalty > scores[c];
                changed[s * states + c] = change;
                next[c] = (change ? scores[best] - options.SwitchPenalty
                    : scores[c]) + weight * Math.Log(Math.Max(LeastProbability, Probability(steps[s], c, options.Threshold)));
            }
            (scores, next) = (next, scores);
        }
        int[] labels = new int[steps.Count];
        int label = Likeliest(scores);
        for (int s = steps.Count - 1; s >= 0; s--)
        {
            labels[s] = label;
            if (changed[s * states + label])
                label = bestBefore[s];
        }
        return labels;
    }

    /// <summary>Steps of one label that follow each other: from the first to before the end.</summary>
    private sealed record Stretch(int First, int End, int Label);

    private static List<Stretch> Merge(IReadOnlyList<ProbabilityStep> steps, IReadOnlyList<int> labels)
    {
        var stretches = new List<Stretch>();
        for (int s = 0; s < steps.Count; s++)
        {
            if (stretches.Count > 0 && stretches[^1].Label == labels[s])
                stretches[^1] = stretches[^1] with { End = s + 1 };
            else
                stretches.Add(new Stretch(s, s + 1, labels[s]));
        }
        return stretches;
    }

    private static double Mean(IReadOnlyList<ProbabilityStep> steps, Stretch stretch)
    {
        double sum = 0;
        long frames = 0;
        for (int s = stretch.First; s < stretch.End; s++)
        {
            ProbabilityStep step = steps[s];
            sum += step.Frames * (double)(stretch.Label < step.Probabilities.Count ? step.Probabilities[stretch.Label]
                : step.Probabilities.Max());
            frames += step.Frames;
        }
        return sum / frames;
    }

    // The shortest first: it goes to the neighbour that is likelier there.
    private static void AbsorbShort(List<Stretch> stretches, double[][] sums, IReadOnlyList<ProbabilityStep> steps,
        LabellingOptions options)
    {
        var order = new PriorityQueue<LinkedListNode<Stretch>, double>();
        var list = new LinkedList<Stretch>(stretches);
        for (LinkedListNode<Stretch>? node = list.First; node is not null; node = node.Next)
            Enqueue(node);
        while (list.Count > 1 && order.TryDequeue(out LinkedListNode<Stretch>? node, out double seconds))
        {
            // One that has grown or is gone has been queued anew, or need not be.
            if (node.List is null || seconds != Seconds(node.Value))
                continue;
            Stretch found = node.Value;
            LinkedListNode<Stretch>? before = node.Previous, after = node.Next;
            bool toBefore = after is null || (before is not null && Sum(found, before.Value.Label) >= Sum(found, after.Value.Label));
            LinkedListNode<Stretch> heir = toBefore ? before! : after!;
            heir.Value = heir.Value with { First = Math.Min(heir.Value.First, found.First), End = Math.Max(heir.Value.End, found.End) };
            list.Remove(node);
            if ((toBefore ? heir.Next : heir.Previous) is { } other && other.Value.Label == heir.Value.Label)
            {
                heir.Value = heir.Value with { First = Math.Min(heir.Value.First, other.Value.First),
                    End = Math.Max(heir.Value.End, other.Value.End) };
                list.Remove(other);
            }
            Enqueue(heir);
        }
        stretches.Clear();
        stretches.AddRange(list);

        double Seconds(Stretch stretch) => steps[stretch.End - 1].End - steps[stretch.First].Start;

        void Enqueue(LinkedListNode<Stretch> node)
        {
            if (Seconds(node.Value) < options.MinimumSeconds - RoundingSeconds)
                order.Enqueue(node, Seconds(node.Value));
        }

        double Sum(Stretch stretch, int label) => sums[stretch.End][label] - sums[stretch.First][label];
    }

    /// <summary>
    /// For each step and behind the last, the sum over all frames before it of the probability of each class, of that of none, and of the
    /// novelty.
    /// </summary>
    private static double[][] Sums(IReadOnlyList<ProbabilityStep> steps, double threshold)
    {
        int classes = steps[0].Probabilities.Count;
        double[][] sums = new double[steps.Count + 1][];
        sums[0] = new double[classes + 2];
        for (int s = 0; s < steps.Count; s++)
        {
            ProbabilityStep step = steps[s];
            sums[s + 1] = [.. sums[s]];
            for (int c = 0; c < classes; c++)
                sums[s + 1][c] += step.Frames * (double)step.Probabilities[c];
            sums[s + 1][classes] += step.Frames * Probability(step, classes, threshold);
            sums[s + 1][classes + 1] += step.Frames * step.Novelty;
        }
        return sums;
    }
}
