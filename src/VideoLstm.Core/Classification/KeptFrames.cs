using VideoLstm.Core.Media;

namespace VideoLstm.Core.Classification;

/// <summary>What is kept of frames, by their numbers.</summary>
internal sealed class KeptFrames<T>(int size)
{
    private readonly List<(long Number, T[] Values)> _frames = [];
    private readonly Stack<T[]> _free = [];

    /// <summary>Keeps a frame, whose number is higher than that of any before.</summary>
    public void Add(long number, ReadOnlySpan<T> values)
    {
        if (!_free.TryPop(out T[]? kept))
            kept = new T[size];
        values.CopyTo(kept);
        _frames.Add((number, kept));
    }

    /// <summary>Forgets frames, but never the last.</summary>
    public void Forget(long before)
    {
        int count = 0;
        while (count < _frames.Count - 1 && _frames[count].Number < before)
            _free.Push(_frames[count++].Values);
        _frames.RemoveRange(0, count);
    }

    /// <summary>The frame of a number, or the nearest to it of those of a stretch, if there is any, else of all.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="first">Number of the first frame of the stretch.</param>
    /// <param name="end">Number of the frame after its last.</param>
    public T[] Nearest(long number, long first, long end)
    {
        int from = IndexOf(first), to = IndexOf(end);
        if (from == to)
            (from, to) = (0, _frames.Count);
        int at = Math.Clamp(IndexOf(number), from, to - 1);
        return (at > from && number - _frames[at - 1].Number <= _frames[at].Number - number ? _frames[at - 1] : _frames[at]).Values;
    }

    // Of the first frame that has the number or a higher one.
    private int IndexOf(long number) => FrameTimes.FirstFrom(_frames.Count, i => _frames[i].Number, number);
}
