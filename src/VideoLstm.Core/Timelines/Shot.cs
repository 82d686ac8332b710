namespace VideoLstm.Core.Timelines;

/// <summary>A stretch of a video that a camera took in one go.</summary>
/// <param name="Start">Time of its first frame from the start of the video, seconds.</param>
/// <param name="End">Time of the frame after its last, or of the end of the video, seconds.</param>
public sealed record Shot(double Start, double End);
