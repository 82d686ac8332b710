namespace VideoLstm.Core.Classification;

/// <summary>From windows that overlap to steps: the probabilities of a frame are the mean of those of all windows over it.</summary>
/// <param name="classes">Number of classes.</param>
internal sealed class StepBuilder(int classes)
{
    private readonly List<(long Start, long End, float[] Probabilities)> _windows = [];
    private long _position;

    /// <summary>Adds a window.</summary>
    /// <param name="start">Its first frame; not before that of any window added before, and not after the end of the last.</param>
    /// <param name="end">The frame after its last; not before that of any window added before.</param>
    /// <param name="probabilities"><c>[classes]</c>.</param>
    public void Add(long start, long end, float[] probabilities) => _windows.Add((start, end, probabilities));

    /// <summary>The steps that end at or before a frame and were not yet returned.</summary>
    /// <param name="limit">No window will be added that begins before it.</param>
    public IEnumerable<(long First, long End, float[] Probabilities)> Take(long limit)
    {
        while (_windows.Count > 0)
        {
            long next = long.MaxValue;
            foreach ((long start, long end, _) in _windows)
                next = Math.Min(next, start > _position ? start : end);
            if (next > limit)
                yield break;
            yield return (_position, next, Mean());
            _position = next;
            _windows.RemoveAll(w => w.End <= next);
        }
    }

    private float[] Mean()
    {
        double[] sums = new double[classes];
        int count = 0;
        foreach ((long start, _, float[] probabilities) in _windows)
        {
            if (start > _position)
                break;
            for (int c = 0; c < classes; c++)
                sums[c] += probabilities[c];
            count++;
        }
        return Array.ConvertAll(sums, s => (float)(s / count));
    }
}
