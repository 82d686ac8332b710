namespace VideoLstm.Core.Jobs;

/// <summary>How labelling many videos ended.</summary>
/// <param name="Found">Videos that were found.</param>
/// <param name="Labelled">Those of them that are labelled now.</param>
/// <param name="Done">Those that were labelled before.</param>
/// <param name="Failed">Those that cannot be, or are damaged, and folders that cannot be read.</param>
public sealed record ClassificationCounts(int Found, int Labelled, int Done, int Failed);
