namespace VideoLstm.Core.Classification;

/// <summary>What a classifier says of a window of what happens now.</summary>
/// <param name="Start">When the window's first frame arrived.</param>
/// <param name="End">When the last frame arrived that it is predicted from.</param>
/// <param name="StartSeconds">Time of its first frame by the stream's own clock, from the start of the connection, seconds.</param>
/// <param name="EndSeconds">Time of that last frame by the stream's own clock, seconds.</param>
/// <param name="Probabilities">The probability of each class, in the order of the classifier's outputs.</param>
/// <param name="Delay">From the arrival of that last frame to this label.</param>
public sealed record LiveLabel(
    DateTimeOffset Start, DateTimeOffset End, double StartSeconds, double EndSeconds, IReadOnlyList<float> Probabilities, TimeSpan Delay)
{
    /// <inheritdoc cref="PredictedWindow.Novelty"/>
    public double Novelty { get; init; }
}
