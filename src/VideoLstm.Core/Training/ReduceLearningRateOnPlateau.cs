using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Training;

/// <summary>
/// A schedule, Keras' ReduceLROnPlateau: when the validation loss has not fallen by more than <paramref name="minimumDelta"/>
/// for <paramref name="patience"/> epochs, the learning rate is multiplied by <paramref name="factor"/>.
/// </summary>
/// <param name="factor">Above 0, less than 1.</param>
/// <param name="patience">Epochs without progress, at least 1.</param>
/// <param name="minimumDelta">What counts as progress.</param>
/// <param name="minimumRate">The rate is never made smaller.</param>
internal sealed class ReduceLearningRateOnPlateau(double factor = 0.1, int patience = 10, double minimumDelta = 1e-4,
    double minimumRate = 0)
{
    /// <summary>The lowest loss so far.</summary>
    public double Best { get; set; } = double.PositiveInfinity;

    /// <summary>Epochs without progress since then, or since the last reduction.</summary>
    public int Wait { get; set; }

    /// <summary>Told of an epoch; changes the rate when it is time.</summary>
    public void Report(double loss, ITrainingSession session)
    {
        if (loss < Best - minimumDelta)
        {
            (Best, Wait) = (loss, 0);
        }
        else if (++Wait >= patience)
        {
            Wait = 0;
            session.LearningRate = Math.Max(session.LearningRate * factor, minimumRate);
        }
    }
}
