namespace VideoLstm.Core.Cutting;

/// <summary>A stretch of a video.</summary>
/// <param name="Start">Its beginning, seconds from the start of the file.</param>
/// <param name="End">Its end, seconds; the frame that begins there is not in it. Infinity for the end of the video.</param>
public readonly record struct Stretch(double Start, double End);
