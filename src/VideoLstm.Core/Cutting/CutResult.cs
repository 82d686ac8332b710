namespace VideoLstm.Core.Cutting;

/// <summary>A video that was written.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Stretches">Number of stretches; those that touch are one.</param>
/// <param name="Frames">Number of its frames.</param>
/// <param name="Seconds">Its length.</param>
/// <param name="How">How it was made, in words.</param>
/// <param name="Missing">What else is in the source and not in it, in words; empty if all is.</param>
public sealed record CutResult(string Path, int Stretches, long Frames, double Seconds, string How, string Missing);
