using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Samples;

/// <summary>One sequence to learn from or to evaluate on: a clip, or a window of one.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Window">Number of the window in the clip, from 0; 0 where the sequence stands for the whole clip.</param>
/// <param name="Label">Number of its class, from 0.</param>
/// <param name="Frames">Frames of the video that it stands for.</param>
/// <param name="RealFrames">How many of the sequence's frames are from the clip; those behind them are zeros.</param>
public sealed record Sample(Clip Clip, int Window, int Label, long Frames, int RealFrames)
{
    /// <summary>What makes it a sample of a copy of the clip, changed at random; null: it is of the clip itself.</summary>
    public ClipCopy? Copy { get; init; }

    /// <summary>What it is taken from.</summary>
    public ClipVariant Variant => new(Clip, Copy);
}
