using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Classification;

/// <summary>
/// What a classifier makes of the windows that slide over frames. Frames are taken as they come, and kept as long as windows need them.
/// </summary>
internal abstract class WindowPredictor
{
    private const long MostBatchBytes = 64 << 20;
    private const int MostWindows = 32;

    // What is kept to look for borders: windows on both sides of two.
    private const int KeptWindows = 5;
    private const long MostKeptBytes = 256 << 20;

    // Places at which a border is looked for at a time, how far around the last one, in windows, and what counts as no worse.
    private const int Places = 9;
    private const double ReachShare = 0.6, AsGood = 0.5, LeastProbability = 1e-6;

    private readonly ITrainableNetwork _network;
    private readonly double _temperature;
    private readonly NoveltyDetector? _novelty;
    private readonly float[] _sequences;
    private readonly int _batch, _inputSize;
    private readonly List<(ChosenWindow Window, long LastFrame)> _chosen = [];
    private readonly Queue<(PredictedWindow Before, PredictedWindow After)> _pending = [];
    private readonly List<FoundBorder> _borders = [];

    /// <summary>One without frames.</summary>
    /// <param name="classifier">The classifier.</param>
    /// <param name="oneByOne">Whether windows are predicted as soon as they can be; several together go faster.</param>
    protected WindowPredictor(Classifier classifier, bool oneByOne)
    {
        (_network, _temperature, _novelty) = (classifier.Network, classifier.Info.Temperature, classifier.Novelty);
        _inputSize = _network.Spec.InputShape.Aggregate(1, (a, b) => checked(a * b));
        _batch = oneByOne ? 1 : (int)Math.Clamp(MostBatchBytes / (sizeof(float) * (long)_inputSize), 1, MostWindows);
        _sequences = new float[_batch * _inputSize];
    }

    /// <inheritdoc cref="WindowPredictor(Classifier, bool)"/>
    public static WindowPredictor Create(Classifier classifier, bool oneByOne) => classifier.Input switch
    {
        FeatureClassifierInput input => new FeaturePredictor(classifier, input.Extractor, oneByOne),
        FrameClassifierInput input => new FramePredictor(classifier, input.Spec, oneByOne),
        _ => throw new ArgumentException($"nothing predicts by {classifier.Input}", nameof(classifier)),
    };

    /// <summary>
    /// Where, within shots, one class becomes another, as far as it was looked for: by windows that end there and windows that begin there.
    /// </summary>
    public IReadOnlyList<FoundBorder> Borders => _borders;

    /// <summary>The windows over all frames of a feed, in their order; see <see cref="ShotWindows"/>.</summary>
    /// <param name="feed">Where the frames come from.</param>
    /// <param name="plan">How long windows are, how far apart, and which of their frames they are predicted from.</param>
    /// <param name="early">
    /// Whether windows count whose last frames have not come, if those have that they are predicted from.
    /// </param>
    /// <param name="locates">Whether <see cref="Borders"/> are looked for, where the frames around them can be kept.</param>
    /// <param name="ct">Stops the work.</param>
    public IEnumerable<PredictedWindow> Over(IFrameFeed feed, WindowPlan plan, bool early, bool locates, CancellationToken ct)
    {
        var windows = new ShotWindows(plan, feed, early);
        locates &= (long)plan.Length * KeptWindows * FrameBytes <= MostKeptBytes;
        PredictedWindow? last = null;
        foreach (long frame in Take(feed.Next, ct))
        {
            while (windows.Next(frame, isOver: false) is { } window)
            {
                foreach (PredictedWindow predicted in Choose(plan, feed, window))
                    yield return Follow(predicted);
            }
            Locate(feed, plan, frame, isOver: false);
            long needed = _pending.Count > 0 ? _pending.Peek().Before.Start : last?.Start ?? 0;
            Forget(Math.Min(windows.Earliest(frame), locates ? needed - plan.Window : long.MaxValue));
        }
        bool labelsRest = feed.Finish();
        while (labelsRest && windows.Next(0, isOver: true) is { } window)
        {
            foreach (PredictedWindow predicted in Choose(plan, feed, window))
                yield return Follow(predicted);
        }
        foreach (PredictedWindow predicted in Predict())
            yield return Follow(predicted);
        Locate(feed, plan, 0, isOver: true);

        PredictedWindow Follow(PredictedWindow window)
        {
            if (locates && last?.Shot == window.Shot && last.Likeliest != window.Likeliest)
                _pending.Enqueue((last, window));
            return last = window;
        }
    }

    /// <summary>Takes frames until there are no more.</summary>
    /// <returns>The number of each frame that was taken, in order.</returns>
    protected abstract IEnumerable<long> Take(FrameSource<long> source, CancellationToken ct);

    /// <summary>Forgets frames that no window will need.</summary>
    /// <param name="before">Number of the first that is kept.</param>
    protected abstract void Forget(long before);

    /// <summary>Makes a sample of frames; of one that was not taken, the nearest of its shot that was stands in for it.</summary>
    /// <param name="sequence">Filled.</param>
    /// <param name="frames">Numbers of the frames.</param>
    /// <param name="first">Number of the first frame of the shot.</param>
    /// <param name="end">Number of the frame after its last, as far as it is known.</param>
    protected abstract void Fill(Memory<float> sequence, ReadOnlySpan<long> frames, long first, long end);

    /// <summary>Bytes that are kept of a frame.</summary>
    protected abstract long FrameBytes { get; }

    private PredictedWindow[] Choose(WindowPlan plan, IFrameFeed feed, ChosenWindow window)
    {
        _chosen.Add((window, Fill(_sequences, _chosen.Count, plan, feed, window)));
        return _chosen.Count == _batch ? Predict() : [];
    }

    private PredictedWindow[] Predict()
    {
        float[][] probabilities = Predict(_sequences, _chosen.Count);
        var windows = new PredictedWindow[_chosen.Count];
        for (int i = 0; i < windows.Length; i++)
        {
            (ChosenWindow window, long lastFrame) = _chosen[i];
            var predicted = new PredictedWindow(window.Shot, window.Start, window.End, lastFrame, probabilities[i]);
            windows[i] = _novelty is null ? predicted
                : predicted with { Novelty = _novelty.NoveltyOf(_sequences.AsSpan(i * _inputSize, _inputSize)) };
        }
        _chosen.Clear();
        return windows;
    }

    private float[][] Predict(float[] sequences, int count)
    {
        int classes = _network.Spec.OutputShape[0];
        var probabilities = new float[count * classes];
        _network.Predict(sequences.AsSpan(0, count * _inputSize), count, probabilities);
        for (int i = 0; i < probabilities.Length; i += classes)
            Calibration.Apply(probabilities.AsSpan(i, classes), _temperature);
        return [.. probabilities.Chunk(classes)];
    }

    // The number of the last frame that it is of.
    private long Fill(float[] sequences, int place, WindowPlan plan, IFrameFeed feed, ChosenWindow window)
    {
        long[] frames = plan.FramesOf(window.Start, window.End);
        Fill(sequences.AsMemory(place * _inputSize, _inputSize), frames, window.Shot, feed.NextCut(window.Shot) ?? long.MaxValue);
        return frames[^1];
    }

    // Those borders around which all frames have been taken that windows beside them may have.
    private void Locate(IFrameFeed feed, WindowPlan plan, long taken, bool isOver)
    {
        while (_pending.TryPeek(out (PredictedWindow Before, PredictedWindow After) pair))
        {
            long? shotEnd = feed.NextCut(pair.Before.Shot) ?? (isOver ? feed.Frames : null);
            long needed = pair.After.End + plan.Window;
            if (!isOver && taken < Math.Min(needed, shotEnd ?? needed) - 1)
                return;
            _borders.Add(Locate(feed, plan, pair.Before, pair.After, shotEnd ?? needed));
            _pending.Dequeue();
        }
    }

    // A classifier may go by the beginning of a window or by its end. Where windows of some length that end there are of the one class, and
    // windows that begin there are of the other, is as wide as these are: the border is in there, and shorter windows find it more exactly.
    private FoundBorder Locate(IFrameFeed feed, WindowPlan plan, PredictedWindow before, PredictedWindow after, long shotEnd)
    {
        (int from, int to) = (before.Likeliest, after.Likeliest);
        (long lowest, long highest, long middle) = (before.Start + 1, after.End - 1, 0);
        foreach (int part in (int[])[1, 2, 4])
        {
            long size = Math.Max(1, plan.Window / part);
            long[] places = [.. Enumerable.Range(0, Places).Select(i => lowest + i * (highest - lowest) / (Places - 1)).Distinct()];
            double[] scores = Score(places, size);
            int best = Array.IndexOf(scores, scores.Max()), first = best, end = best;
            while (first > 0 && scores[first - 1] > scores[best] - AsGood)
                first--;
            while (end < scores.Length - 1 && scores[end + 1] > scores[best] - AsGood)
                end++;
            middle = (places[first] + places[end]) / 2;
            long reach = (long)(ReachShare * size);
            lowest = Math.Max(before.Start + 1, middle - reach);
            highest = Math.Min(after.End - 1, middle + reach);
        }
        return new FoundBorder(before.Start, after.End, from, to, middle);

        double[] Score(long[] places, long size)
        {
            ChosenWindow[] windows =
            [
                .. places.Select(p => new ChosenWindow(before.Shot, Math.Max(before.Shot, p - size), p)),
                .. places.Select(p => new ChosenWindow(before.Shot, p, Math.Min(shotEnd, p + size))),
            ];
            int together = Math.Clamp((int)(MostBatchBytes / (sizeof(float) * (long)_inputSize)), 1, windows.Length);
            var sequences = new float[together * _inputSize];
            var found = new List<float[]>();
            foreach (ChosenWindow[] chunk in windows.Chunk(together))
            {
                foreach ((int place, ChosenWindow window) in chunk.Index())
                    Fill(sequences, place, plan, feed, window);
                found.AddRange(Predict(sequences, chunk.Length));
            }
            return [.. places.Select((_, i) => Log(found[i][from]) + Log(found[places.Length + i][to]))];
        }

        static double Log(float probability) => Math.Log(Math.Max(LeastProbability, probability));
    }
}
