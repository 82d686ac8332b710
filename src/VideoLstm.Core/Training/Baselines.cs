namespace VideoLstm.Core.Training;

/// <summary>Accuracies without learning anything, with which that of a classifier has to be compared.</summary>
/// <param name="Majority">Share of the most frequent class among the clips: that of always predicting it.</param>
/// <param name="Random">1 / classes: that of a random prediction, each class as often as the others.</param>
public sealed record Baselines(double Majority, double Random)
{
    /// <summary>Those of clips.</summary>
    /// <param name="labels">The class of each clip, from 0; at least one.</param>
    /// <param name="classes">How many classes a classifier tells apart.</param>
    public static Baselines Of(IReadOnlyCollection<int> labels, int classes)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfZero(labels.Count, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        return new Baselines((double)labels.CountBy(label => label).Max(c => c.Value) / labels.Count, 1.0 / classes);
    }
}
