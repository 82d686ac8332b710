using System.Text.Json.Serialization;

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

    /// <summary>
    /// Share of training clips whose class is among the <see cref="Numerics.Layers.SoftmaxCrossEntropy.Top"/> likeliest, with dropout;
    /// null where there are no more classes than that, or it is not known.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TopAccuracy { get; init; }

    /// <summary>The same of the clips that validate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationTopAccuracy { get; init; }
}
