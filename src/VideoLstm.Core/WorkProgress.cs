namespace VideoLstm.Core;

/// <summary>How far a long piece of work is.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 while nobody knows.</param>
public readonly record struct WorkProgress(long Done, long Total);
