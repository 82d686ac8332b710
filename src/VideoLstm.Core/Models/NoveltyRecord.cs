namespace VideoLstm.Core.Models;

/// <summary>What a <see cref="NoveltyDetector"/> says of itself.</summary>
/// <param name="References">Training clips that distances are taken to.</param>
/// <param name="Components">Directions in which these are compared.</param>
/// <param name="Threshold">The distance above which something is unknown.</param>
/// <param name="ValidationClips">By how many clips of known classes it was chosen.</param>
public sealed record NoveltyRecord(int References, int Components, double Threshold, int ValidationClips)
{
    private const double MostFalseAlarms = 0.05;

    /// <summary>The share of clips like those of the validation that are expected to be called unknown, at most.</summary>
    public double FalseAlarmRate => 1 - RankOf(ValidationClips) / (ValidationClips + 1.0);

    /// <summary>
    /// Which of so many distances, from 1, a distance more exceeds with a chance of at most 1 in 20; of too few to say so, the largest.
    /// </summary>
    internal static int RankOf(int distances) => Math.Min(distances, (int)Math.Ceiling((distances + 1) * (1 - MostFalseAlarms)));
}
