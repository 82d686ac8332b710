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

    /// <summary>The frame of a number, or the nearest to it.</summary>
    public T[] Nearest(long number)
    {
        int next = Math.Min(FrameTimes.FirstFrom(_frames.Count, i => _frames[i].Number, number), _frames.Count - 1);
        return _frames[next > 0 && number - _frames[next - 1].Number <= _frames[next].Number - number ? next - 1 : next].Values;
    }
}
