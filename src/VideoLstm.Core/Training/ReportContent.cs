namespace VideoLstm.Core.Training;

/// <summary>What a page tells of a training run or an evaluation.</summary>
public sealed record ReportContent
{
    /// <summary>Its heading.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence below the heading.</summary>
    public required string Summary { get; init; }

    /// <summary>The epochs of training; none: no curves.</summary>
    public IReadOnlyList<EpochResult> Epochs { get; init; } = [];

    /// <summary>How the clips were classified; null: not yet.</summary>
    public ClassificationMetrics? Metrics { get; init; }

    /// <summary>Options, versions and the like: lists of names and values, each under a heading.</summary>
    public IReadOnlyList<(string Heading, IReadOnlyList<(string Name, string Value)> Values)> Facts { get; init; } = [];
}
