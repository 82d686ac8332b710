namespace VideoLstm.Core.Jobs;

/// <summary>Which video a page is made for, on which a person labels it or sets labels right.</summary>
public sealed record ReviewRequest
{
    /// <summary>The video.</summary>
    public required string Video { get; init; }

    /// <summary>The labels that there are, in any format of timelines; null: none.</summary>
    public string? Timeline { get; init; }

    /// <summary>Which of several label tracks in a file of Audacity's, from 1; null for all.</summary>
    public int? Track { get; init; }

    /// <summary>Which of several tiers of a file that has some, by its name; null for all.</summary>
    public string? Tier { get; init; }

    /// <summary>Names of classes, in the order of their colours and keys; those of the timeline follow.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>
    /// Whether borders that a person drags fall on cuts, for which all frames are decoded unless the timeline knows the shots.
    /// </summary>
    public bool FollowsShots { get; init; } = true;

    /// <summary>The page.</summary>
    public required string Page { get; init; }
}
