namespace VideoLstm.Core.Datasets;

/// <summary>What became of the clips.</summary>
/// <param name="Clips">Every usable clip, as in data_file.csv.</param>
/// <param name="Extracted">How many of them were worked on this time.</param>
/// <param name="AlreadyDone">How many were found done.</param>
/// <param name="Failures">One line for each clip or class that could not be used.</param>
/// <param name="Remarks">One line for each thing that a user should know and that is no failure.</param>
public sealed record FrameExtractionResult(
    IReadOnlyList<Clip> Clips, int Extracted, int AlreadyDone, IReadOnlyList<Finding> Failures, IReadOnlyList<Finding> Remarks);
