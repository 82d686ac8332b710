namespace VideoLstm.Core.Classification;

/// <summary>Frames that follow each other and of which a classifier says the same.</summary>
/// <param name="FirstFrame">Number of the first, from 0.</param>
/// <param name="EndFrame">Number of the frame after the last.</param>
/// <param name="Start">Time of the first from the start of the video, seconds.</param>
/// <param name="End">Time of the frame after the last, or of the end of the video, seconds.</param>
/// <param name="Probabilities">The probability of each class, in the order of the classifier's outputs; they add up to 1.</param>
public sealed record ProbabilityStep(long FirstFrame, long EndFrame, double Start, double End, IReadOnlyList<float> Probabilities)
{
    /// <summary>How unlike all that was learnt they are, above 1 is unknown; 0: not asked.</summary>
    public double Novelty { get; init; }

    /// <summary>Number of frames.</summary>
    public long Frames => EndFrame - FirstFrame;
}
