namespace VideoLstm.Core.Classification;

/// <summary>How a video is labelled.</summary>
public sealed record LabellingOptions
{
    /// <summary>
    /// Frames from the start of a window to that of the next, at most a window's length; null: that length, so that windows do not overlap.
    /// </summary>
    public long? Stride { get; init; }

    /// <summary>
    /// Whether windows stay within shots, and borders between labels fall on the cuts between these, or within a shot where windows that
    /// end there and windows that begin there say so; else windows lie one behind the other whatever they show, and borders between them.
    /// </summary>
    public bool FollowsShots { get; init; } = true;

    /// <summary>Whether borders between labels rather fall on black pictures, where there are some within half a window.</summary>
    public bool SnapsToBlack { get; init; }

    /// <summary>The same of silences, and there on a cut if there is one.</summary>
    public bool SnapsToSilence { get; init; }

    /// <summary>How probabilities become labels.</summary>
    public Smoothing Smoothing { get; init; }

    /// <summary>
    /// For <see cref="Smoothing.Viterbi"/>, the price of a change of class, in units of the logarithm of a probability of one window: a
    /// stretch as long as a window is of another class than what is around it if it is that at least e^(2 · price) times as likely.
    /// </summary>
    public double SwitchPenalty { get; init; } = 2;

    /// <summary>Shorter segments are given to a neighbour, seconds.</summary>
    public double MinimumSeconds { get; init; }

    /// <summary>
    /// Whether what is like nothing that the classifier learnt is <see cref="Timelines.Segment.Unknown"/>, however likely a class is
    /// (<see cref="Models.NoveltyDetector"/>).
    /// </summary>
    public bool FindsUnknown { get; init; }

    /// <summary>Frames that no class fits with at least this probability are <see cref="Timelines.Segment.Unknown"/>, 0 to 1.</summary>
    public double Threshold { get; init; }
}
