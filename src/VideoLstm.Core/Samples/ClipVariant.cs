using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Samples;

/// <summary>What samples are taken from: a clip as it is, or a copy of it, changed at random, that more can be learnt from.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Copy">What makes it a copy; null for the clip itself.</param>
public sealed record ClipVariant(Clip Clip, ClipCopy? Copy = null)
{
    /// <summary>The clip as a person would point to it: <c>train/Football/match 1</c>.</summary>
    public string Label => Clip.Label;

    /// <summary>The clip itself.</summary>
    public static implicit operator ClipVariant(Clip clip) => new(clip);

    /// <summary>The clip itself.</summary>
    public static ClipVariant FromClip(Clip clip) => clip;
}
