namespace VideoLstm.Core.Clips;

/// <summary>What became of the clips.</summary>
/// <param name="Plan">All of them.</param>
/// <param name="Cut">How many were cut this time.</param>
/// <param name="AlreadyDone">How many were found done.</param>
/// <param name="Removed">How many of an earlier run were removed, since the labels have no place for them any more.</param>
/// <param name="Remarks">One line for each thing that a user should know.</param>
public sealed record ClipCutResult(ClipPlan Plan, int Cut, int AlreadyDone, int Removed, IReadOnlyList<Finding> Remarks);
