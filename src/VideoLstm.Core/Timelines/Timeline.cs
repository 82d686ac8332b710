namespace VideoLstm.Core.Timelines;

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

    /// <summary>The shots of the video, without gaps; empty where nobody has looked for them.</summary>
    public IReadOnlyList<Shot> Shots { get; init; } = [];
}
