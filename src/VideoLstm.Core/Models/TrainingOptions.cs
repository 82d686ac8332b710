using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>How to train; the defaults are the article's.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// At most so many times over all training clips. Not part of what makes a run the same: a longer one begins like a shorter one.
    /// </summary>
    [JsonIgnore]
    public int Epochs { get; init; } = 1000;

    /// <summary>Training ends after so many epochs in a row without a lower validation loss; null: it does not.</summary>
    [JsonIgnore]
    public int? Patience { get; init; } = 5;

    /// <summary>How many of the best classifiers stay, at least 1; the others are deleted as better ones come.</summary>
    [JsonIgnore]
    public int Keep { get; init; } = 3;

    /// <summary>Whether each epoch leaves a classifier, and all stay: Keras' save_best_only=False.</summary>
    [JsonIgnore]
    public bool KeepsEachEpoch { get; init; }

    /// <summary>Clips in a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What changes the weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>The optimizer's learning rate.</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>How fast the rate falls: after 1 / decay steps it is half.</summary>
    public double Decay { get; init; } = 1e-6;

    /// <summary>Momentum of <see cref="OptimizerKind.Sgd"/> and <see cref="OptimizerKind.RmsProp"/>, 0 to 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Nesterov's momentum, for <see cref="OptimizerKind.Sgd"/>.</summary>
    public bool Nesterov { get; init; }

    /// <summary>What the rate is multiplied by when the validation loss stands still; null: never.</summary>
    public double? PlateauFactor { get; init; }

    /// <summary>Epochs that the validation loss may stand still.</summary>
    public int PlateauPatience { get; init; } = 10;

    /// <summary>What a right class gives to all classes, 0 to less than 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Rare classes count more: each as if it had as many clips as the others.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>What the samples of each class count; classes that are not named count 1. Null: all do.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>
    /// Share of the training clips that validates the epochs, so that the test clips are seen only at the end; null: the test clips do.
    /// </summary>
    public double? ValidationSplit { get; init; }

    /// <summary>A checkpoint whose weights training begins with; null: random ones.</summary>
    public string? From { get; init; }

    /// <summary>Digest of the weights that a part of the network begins with; null: random ones.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Where the random numbers start: initial weights, order of clips, dropout. Equal seeds give equal runs.</summary>
    public int Seed { get; init; }

    /// <summary>Clips are learnt from in the same order in each epoch, that of their names: Keras' shuffle=False.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepsOrder { get; init; }

    /// <summary>The optimizer.</summary>
    internal OptimizerSpec OptimizerSpec => new(Optimizer, LearningRate, Decay, Momentum, Nesterov);
}
