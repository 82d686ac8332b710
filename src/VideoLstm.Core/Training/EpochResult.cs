using CsvHelper;

namespace VideoLstm.Core.Training;

/// <summary>An epoch as logged.</summary>
/// <param name="Epoch">Number, from 1.</param>
/// <param name="Loss">Mean cross-entropy of the training batches, with dropout.</param>
/// <param name="Accuracy">Share of training clips right, with dropout.</param>
/// <param name="ValidationLoss">Mean cross-entropy of the test clips.</param>
/// <param name="ValidationAccuracy">Share of test clips right.</param>
public readonly record struct EpochResult(int Epoch, double Loss, double Accuracy, double ValidationLoss, double ValidationAccuracy)
{
    /// <summary>The optimizer's learning rate in this epoch; null where it is not known.</summary>
    public double? LearningRate { get; init; }
}
