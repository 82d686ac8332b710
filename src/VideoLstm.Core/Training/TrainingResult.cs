using VideoLstm.Core.Models;

namespace VideoLstm.Core.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Best">The epoch with the lowest validation loss.</param>
/// <param name="Checkpoint">Where its weights are.</param>
/// <param name="Metrics">The test clips as it sees them.</param>
/// <param name="Temperature">What its probabilities are calibrated by.</param>
/// <param name="Epochs">Epochs run, those before a resumption included.</param>
/// <param name="StoppedEarly">Whether patience ran out before the epochs did.</param>
/// <param name="Report">The run as a page; null if none was asked for.</param>
public sealed record TrainingResult(EpochResult Best, string Checkpoint, ClassificationMetrics Metrics, double Temperature, int Epochs,
    bool StoppedEarly, string? Report);
