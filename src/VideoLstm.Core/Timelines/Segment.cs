namespace VideoLstm.Core.Timelines;

/// <summary>A stretch of a video that is of one class.</summary>
/// <param name="Start">Time of its first frame from the start of the video, seconds.</param>
/// <param name="End">Time of the frame after its last, or of the end of the video, seconds; after <paramref name="Start"/>.</param>
/// <param name="Class">The class, or <see cref="Unknown"/>.</param>
/// <param name="Probability">Mean probability of the class over the frames, 0 to 1; null if nobody has said.</param>
public sealed record Segment(double Start, double End, string Class, double? Probability = null)
{
    /// <summary>The class of a stretch that none of the classes fits well enough.</summary>
    public const string Unknown = "unknown";
}
