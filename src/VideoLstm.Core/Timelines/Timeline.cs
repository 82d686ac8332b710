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

/// <summary>What is when in a video.</summary>
public sealed record Timeline
{
    /// <summary>Path or name of the video; null if it is not said.</summary>
    public string? Video { get; init; }

    /// <summary>Its average rate, frames/s; null if it is not known.</summary>
    public double? Fps { get; init; }

    /// <summary>Number of its frames; null if it is not known.</summary>
    public long? Frames { get; init; }

    /// <summary>One line for each thing that was assumed of the file it was read from, or left out.</summary>
    public IReadOnlyList<Finding> Notes { get; init; } = [];

    /// <summary>
    /// Stretches in order of time. They do not overlap; between them there may be gaps. The last one read may end at infinity, for the end
    /// of the video.
    /// </summary>
    public required IReadOnlyList<Segment> Segments { get; init; }
}
