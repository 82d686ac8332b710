using System.Runtime.InteropServices;

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
        ReadOnlySpan<(long Number, T[] Values)> frames = CollectionsMarshal.AsSpan(_frames);
        int low = 0, high = frames.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (frames[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && number - frames[low - 1].Number <= frames[low].Number - number ? frames[low - 1].Values : frames[low].Values;
    }
}
