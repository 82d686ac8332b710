namespace VideoLstm.Core.Classification;

/// <summary>A window that is to be predicted.</summary>
/// <param name="Shot">Number of the first frame of its shot.</param>
/// <param name="Start">Number of its first frame.</param>
/// <param name="End">Number of the frame after its last; where frames come early, it may be that of one that has not come.</param>
internal readonly record struct ChosenWindow(long Shot, long Start, long End);
