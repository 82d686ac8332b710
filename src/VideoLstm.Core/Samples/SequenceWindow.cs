namespace VideoLstm.Core.Samples;

/// <summary>A stretch of a clip that a sequence stands for.</summary>
/// <param name="First">Number of its first frame, from 0.</param>
/// <param name="Frames">How many frames it has.</param>
/// <param name="RealFrames">How many of them are in the sequence; zeros are behind them.</param>
public sealed record SequenceWindow(long First, long Frames, int RealFrames);
