namespace VideoLstm.Core.Timelines;

/// <summary>A label as a file says it.</summary>
/// <param name="Start">Its start, seconds.</param>
/// <param name="End">Its end, seconds; null for a mark, which lasts until the next one.</param>
/// <param name="Class">Its class.</param>
/// <param name="Probability">How sure that is, 0 to 1; null if nobody has said.</param>
/// <param name="Line">Index of the place that says it, from 0.</param>
internal readonly record struct TimelineEntry(double Start, double? End, string Class, double? Probability, int Line)
{
    /// <summary>Which of several tiers it is in; null where the format has none.</summary>
    public string? Tier { get; init; }

    /// <summary>Which video it is of; null where the file is of one.</summary>
    public string? Video { get; init; }
}
