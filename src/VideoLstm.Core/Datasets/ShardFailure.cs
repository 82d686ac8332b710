namespace VideoLstm.Core.Datasets;

/// <summary>What a shard could not do.</summary>
/// <param name="Input">The clip as <c>train/Football/match 1</c>, or the video as it was found.</param>
/// <param name="Reason">Why, in one line.</param>
public sealed record ShardFailure(string Input, string Reason);
