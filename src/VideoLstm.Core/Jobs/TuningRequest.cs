using VideoLstm.Core.Models;

namespace VideoLstm.Core.Jobs;

/// <summary>What is to be searched before a training.</summary>
/// <param name="Budget">How long at most.</param>
public sealed record TuningRequest(TimeSpan Budget)
{
    /// <summary>The learning rate that is not searched; null: it is.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The patience that is not searched; null: it is.</summary>
    public int? Patience { get; init; }

    /// <summary>At most so many epochs, in the search and in the training with what it finds.</summary>
    public required int Epochs { get; init; }

    /// <summary>What judges the epochs of the training with what it finds: <see cref="TrainingOptions.ValidationSplit"/>.</summary>
    public double? ValidationSplit { get; init; }

    /// <summary>Whether the number of units is searched.</summary>
    public bool SearchesUnits { get; init; }
}
