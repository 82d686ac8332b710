namespace VideoLstm.Core.Samples;

/// <summary>A copy of a clip that more can be learnt from.</summary>
/// <param name="Number">Number of the copy, from 1.</param>
/// <param name="Transform">How its frames differ from the clip's.</param>
public sealed record ClipCopy(int Number, FrameTransform Transform);
