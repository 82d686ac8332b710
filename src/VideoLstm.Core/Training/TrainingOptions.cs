namespace VideoLstm.Core.Training;

/// <summary>How to train; the defaults are the article's.</summary>
public sealed record TrainingOptions
{
    /// <summary>At most so many times over all training clips.</summary>
    public int Epochs { get; init; } = 1000;

    /// <summary>Clips in a step.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 1e-5;

    /// <summary>Training ends after so many epochs in a row without a lower validation loss.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>Where the random numbers start: initial weights, order of clips, dropout. Equal seeds give equal runs.</summary>
    public int Seed { get; init; }
}
