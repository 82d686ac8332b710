namespace VideoLstm.Core.Classification;

/// <summary>From windows that overlap to steps: the probabilities of a frame are the mean of those of all windows over it.</summary>
/// <param name="classes">Number of classes.</param>
internal sealed class StepBuilder(int classes)
{
    private readonly List<PredictedWindow> _windows = [];
    private long _position;

    /// <summary>Adds a window.</summary>
    /// <param name="window">
    /// It begins not before any that was added before, and not after the end of the last; it ends not before any that was added before.
    /// </param>
    public void Add(PredictedWindow window) => _windows.Add(window);

    /// <summary>The steps that end at or before a frame and were not yet returned.</summary>
    /// <param name="limit">No window will be added that begins before it.</param>
    public IEnumerable<(long First, long End, float[] Probabilities, double Novelty)> Take(long limit)
    {
        while (_windows.Count > 0)
        {
            long next = long.MaxValue;
            foreach (PredictedWindow window in _windows)
                next = Math.Min(next, window.Start > _position ? window.Start : window.End);
            if (next > limit)
                yield break;
            (float[] probabilities, double novelty) = Mean();
            yield return (_position, next, probabilities, novelty);
            _position = next;
            _windows.RemoveAll(w => w.End <= next);
        }
    }

    private (float[] Probabilities, double Novelty) Mean()
    {
        double[] sums = new double[classes];
        double novelty = 0;
        int count = 0;
        foreach (PredictedWindow window in _windows)
        {
            if (window.Start > _position)
                break;
            for (int c = 0; c < classes; c++)
                sums[c] += window.Probabilities[c];
            novelty += window.Novelty;
            count++;
        }
        return (Array.ConvertAll(sums, s => (float)(s / count)), novelty / count);
    }
}
