namespace VideoLstm.Core.Classification;

/// <summary>
/// Which windows lie over the frames of a feed. Each shot begins with a window and ends with one, and is one if it is no longer; so none
/// is of two shots, and every frame has one.
/// </summary>
/// <param name="plan">How long windows are, and how far apart.</param>
/// <param name="feed">How many frames there are, and where shots begin.</param>
/// <param name="early">Whether windows count whose last frames have not come, if those have that they are predicted from.</param>
internal sealed class ShotWindows(WindowPlan plan, IFrameFeed feed, bool early)
{
    private long _shot, _next, _end, _known;

    /// <summary>No window that is still to come begins before this frame.</summary>
    /// <param name="taken">Number of the last frame that was taken.</param>
    public long Earliest(long taken) => Math.Min(_next, Math.Min(taken, _known) - plan.Window);

    /// <summary>The next window, in their order; null: it is not known yet, or there is none.</summary>
    /// <param name="taken">Number of the last frame that was taken.</param>
    /// <param name="isOver">Whether there will be no more frames.</param>
    public ChosenWindow? Next(long taken, bool isOver)
    {
        while (!isOver || _shot < feed.Frames)
        {
            // First: what becomes known in between has no cut among what was known before.
            _known = early ? long.MaxValue : Math.Min(feed.Frames, feed.Decided);
            long? cut = feed.NextCut(_shot) ?? (isOver ? feed.Frames : null);
            if (_next + plan.Window <= (cut ?? _known) && (isOver || plan.FramesFrom(_next)[^1] <= taken))
            {
                (long start, _next, _end) = (_next, _next + plan.Stride, _next + plan.Window);
                return new ChosenWindow(_shot, start, _end);
            }
            if (cut is not { } end || (!isOver && taken < end))
                return null;
            (long shot, long covered) = (_shot, _end);
            _shot = _next = _end = end;
            if (covered < end)
                return new ChosenWindow(shot, Math.Max(shot, end - plan.Window), end);
        }
        return null;
    }
}
