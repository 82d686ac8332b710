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

    private readonly ITrainableNetwork _network;
    private readonly float[] _sequences;
    private readonly int _batch, _inputSize;
    private readonly List<(long Start, long End, long LastFrame)> _chosen = [];

    /// <summary>One without frames.</summary>
    /// <param name="network">The classifier's network.</param>
    /// <param name="oneByOne">Whether windows are predicted as soon as they can be; several together go faster.</param>
    protected WindowPredictor(ITrainableNetwork network, bool oneByOne)
    {
        _network = network;
        _inputSize = network.Spec.InputShape.Aggregate(1, (a, b) => checked(a * b));
        _batch = oneByOne ? 1 : (int)Math.Clamp(MostBatchBytes / (sizeof(float) * (long)_inputSize), 1, MostWindows);
        _sequences = new float[_batch * _inputSize];
    }

    /// <inheritdoc cref="WindowPredictor(ITrainableNetwork, bool)"/>
    public static WindowPredictor Create(Classifier classifier, bool oneByOne) => classifier.Input switch
    {
        FeatureClassifierInput input => new FeaturePredictor(classifier.Network, input.Extractor, oneByOne),
        FrameClassifierInput input => new FramePredictor(classifier.Network, input.Spec, oneByOne),
        _ => throw new ArgumentException($"nothing predicts by {classifier.Input}", nameof(classifier)),
    };

    /// <summary>The windows over all frames of a feed, in their order.</summary>
    /// <param name="feed">Where the frames come from.</param>
    /// <param name="plan">Where windows begin, and which of their frames they are predicted from.</param>
    /// <param name="early">Whether windows count whose last frames have not come, if those have that they are predicted from.</param>
    /// <param name="ct">Stops the work.</param>
    public IEnumerable<PredictedWindow> Over(IFrameFeed feed, WindowPlan plan, bool early, CancellationToken ct)
    {
        long next = 0;
        foreach (long frame in Take(feed.Next, ct))
        {
            while ((early || plan.Start(next) + plan.Window <= feed.Frames) && plan.FramesFrom(plan.Start(next))[^1] <= frame)
            {
                foreach (PredictedWindow window in Choose(plan, plan.Start(next++), feed))
                    yield return window;
            }
            Forget(Math.Min(plan.Start(next), frame - plan.Window));
        }
        foreach ((WindowPlan last, long start) in feed.Finish() ? Last(plan, next, feed.Frames) : [])
        {
            foreach (PredictedWindow window in Choose(last, start, feed))
                yield return window;
        }
        foreach (PredictedWindow window in Predict())
            yield return window;
    }

    /// <summary>Takes frames until there are no more.</summary>
    /// <returns>The number of each frame that was taken, in order.</returns>
    protected abstract IEnumerable<long> Take(FrameSource<long> source, CancellationToken ct);

    /// <summary>Forgets frames that no window will need.</summary>
    /// <param name="before">Number of the first that is kept.</param>
    protected abstract void Forget(long before);

    /// <summary>Makes a sample of frames; of one that was not taken, the nearest that was stands in for it.</summary>
    protected abstract void Fill(Memory<float> sequence, ReadOnlySpan<long> frames);

    // Every frame has a label: the last window ends with the last frame.
    private static IEnumerable<(WindowPlan Plan, long Start)> Last(WindowPlan plan, long next, long frames)
    {
        while (plan.Start(next) + plan.Window <= frames)
            yield return (plan, plan.Start(next++));
        // One that is cut off may be shorter than it says, and than a window.
        if (frames < plan.Window && next == 0)
            yield return (plan.Shortened(frames), 0);
        else if (frames >= plan.Window && (next == 0 || plan.Start(next - 1) + plan.Window < frames))
            yield return (plan, frames - plan.Window);
    }

    private PredictedWindow[] Choose(WindowPlan plan, long start, IFrameFeed feed)
    {
        long[] frames = plan.FramesFrom(start);
        Fill(_sequences.AsMemory(_chosen.Count * _inputSize, _inputSize), frames);
        _chosen.Add((start, Math.Min(start + plan.Window, feed.Frames), frames[^1]));
        return _chosen.Count == _batch ? Predict() : [];
    }

    private PredictedWindow[] Predict()
    {
        int classes = _network.Spec.OutputShape[0];
        var probabilities = new float[_chosen.Count * classes];
        _network.Predict(_sequences.AsSpan(0, _chosen.Count * _inputSize), _chosen.Count, probabilities);
        PredictedWindow[] windows =
            [.. _chosen.Zip(probabilities.Chunk(classes), (w, p) => new PredictedWindow(w.Start, w.End, w.LastFrame, p))];
        _chosen.Clear();
        return windows;
    }
}
