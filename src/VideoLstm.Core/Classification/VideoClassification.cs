using VideoLstm.Core.Media;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Classification;

/// <summary>A video, labelled.</summary>
public sealed record VideoClassification
{
    /// <summary>The class names, in the order of the probabilities.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Windows that were predicted, by both classifiers where there are two.</summary>
    public required int Windows { get; init; }

    /// <summary>What the windows over each frame say on average: from the first frame to the last, without gap.</summary>
    public required IReadOnlyList<ProbabilityStep> Steps { get; init; }

    /// <summary>The class of each step, after smoothing, or <see cref="Segment.Unknown"/>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The labels as segments, from the first frame to the last, without gap.</summary>
    public required Timeline Timeline { get; init; }

    /// <summary>What is known of the frames' times.</summary>
    public required FrameTiming Timing { get; init; }

    /// <summary>What a viewer of the video misses: what could be decoded is labelled. Null: nothing.</summary>
    public VideoDamage? Damage { get; init; }
}
