namespace VideoLstm.Core.Timelines;

/// <summary>What a column or a field of a timeline says.</summary>
internal enum TimelineField
{
    /// <summary>Where a segment begins.</summary>
    Start,

    /// <summary>Where it ends.</summary>
    End,

    /// <summary>What it is.</summary>
    Class,

    /// <summary>How sure that is.</summary>
    Probability,

    /// <summary>How long it is, where no end is said.</summary>
    Duration,

    /// <summary>Which video it is in.</summary>
    Video,
}
