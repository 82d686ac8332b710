namespace VideoLstm.Core.Timelines;

/// <summary>How well the time of a class was found.</summary>
/// <param name="Class">The class.</param>
/// <param name="TrueSeconds">How long it is by the truth.</param>
/// <param name="PredictedSeconds">How long it is by the labels, of the time that the truth speaks of.</param>
/// <param name="CorrectSeconds">How long it is by both.</param>
public sealed record ClassScore(string Class, double TrueSeconds, double PredictedSeconds, double CorrectSeconds)
{
    /// <summary>Share of what was labelled so that is so, 0 to 1; 0 where nothing was.</summary>
    public double Precision => PredictedSeconds > 0 ? CorrectSeconds / PredictedSeconds : 0;

    /// <summary>Share of what is so that was labelled so, 0 to 1; 0 where nothing is.</summary>
    public double Recall => TrueSeconds > 0 ? CorrectSeconds / TrueSeconds : 0;

    /// <summary>The harmonic mean of both; 0 where nothing is right.</summary>
    public double F1 => CorrectSeconds > 0 ? 2 * CorrectSeconds / (TrueSeconds + PredictedSeconds) : 0;
}
