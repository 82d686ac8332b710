using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Classification;

/// <summary>
/// Which frames the windows that slide over a video are predicted from. Evenly spread frames lie on one grid that spans the whole
/// video and of which each window takes as many as a sequence has, so that a frame goes through the network at most once and as
/// many frames do so at any stride; a window that begins at a multiple of its length has exactly the frames that a clip of that length
/// would have.
/// </summary>
/// <param name="window">Frames of video that a window spans.</param>
/// <param name="length">Frames that it is predicted from; at most <paramref name="window"/>.</param>
/// <param name="sampling">Which these are.</param>
/// <param name="stride">Frames from the start of a window to that of the next.</param>
internal sealed class WindowPlan(long window, int length, FrameSampling sampling, long stride)
{
    private readonly long[] _grid = FrameSampler.Indices(window, length, sampling);

    /// <summary>Frames of video that a window spans.</summary>
    public long Window => window;

    /// <summary>Frames that a window is predicted from.</summary>
    public int Length => length;

    /// <summary>Frames of video from the start of a window to that of the next.</summary>
    public long Stride => stride;

    /// <summary>Whether windows may begin anywhere: their frames are taken, or others at most half a step beside them.</summary>
    public bool MayBeginAnywhere => IsOnOneGrid;

    /// <summary>Numbers of the frames that a window is predicted from which begins at a frame, rising; all within it.</summary>
    public long[] FramesFrom(long start)
    {
        var frames = new long[length];
        Int128 first = (2 * (Int128)start * length + window - 1) / (2 * window);
        for (int i = 0; i < length; i++)
            frames[i] = IsOnOneGrid ? GridFrame(first + i) : start + _grid[i];
        return frames;
    }

    /// <summary>
    /// Numbers of the frames that a stretch shorter than a window is predicted from: as a clip of that length would be, and where it has
    /// fewer frames than a sequence, some more than once.
    /// </summary>
    /// <param name="start">Its first frame.</param>
    /// <param name="end">The frame after its last.</param>
    public long[] FramesOf(long start, long end)
    {
        long count = end - start;
        if (count >= window)
            return FramesFrom(start);
        return count >= length ? [.. FrameSampler.Indices(count, length, sampling).Select(i => start + i)]
            : [.. Enumerable.Range(0, length).Select(i => start + (2 * i + 1) * count / (2 * length))];
    }

    /// <summary>Whether some window is predicted from a frame.</summary>
    public bool IsNeeded(long frame)
    {
        if (!IsOnOneGrid)
            return Array.Exists(_grid, g => frame >= g && (frame - g) % stride == 0);
        Int128 near = (Int128)frame * length / window;
        return GridFrame(near) == frame || (near > 0 && GridFrame(near - 1) == frame) || GridFrame(near + 1) == frame;
    }

    private bool IsOnOneGrid => sampling is FrameSampling.Even or FrameSampling.Sliding;

    private long GridFrame(Int128 place) => (long)((2 * place + 1) * window / (2 * length));
}
