namespace VideoLstm.Core.Classification;

/// <summary>A window and what a classifier makes of it.</summary>
/// <param name="Shot">Number of the first frame of its shot.</param>
/// <param name="Start">Number of its first frame.</param>
/// <param name="End">Number of the frame after its last.</param>
/// <param name="LastFrame">Number of the last frame that it is predicted from.</param>
/// <param name="Probabilities">The probability of each class.</param>
internal sealed record PredictedWindow(long Shot, long Start, long End, long LastFrame, float[] Probabilities)
{
    /// <summary>How unlike all that was learnt it is, above 1 is unknown; 0: not asked.</summary>
    public double Novelty { get; init; }

    /// <summary>Number of the likeliest class, of equals the first.</summary>
    public int Likeliest => Array.IndexOf(Probabilities, Probabilities.Max());
}
