using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Training;

/// <summary>How good a classifier is on clips whose classes are known.</summary>
public sealed class ClassificationMetrics
{
    /// <summary>Measures of predictions.</summary>
    /// <param name="classes">Class names, in the order of the classifier's outputs.</param>
    /// <param name="predictions">At least one.</param>
    public ClassificationMetrics(IReadOnlyList<string> classes, IReadOnlyList<ClipPrediction> predictions)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfZero(predictions.Count, nameof(predictions));
        Predictions = predictions;
        Confusion = new ConfusionMatrix(classes);
        foreach (ClipPrediction prediction in predictions)
            Confusion.Add(prediction.Label, prediction.Predicted);
        int[] all = [.. Enumerable.Range(0, classes.Count)];
        Classes = [.. all.Select(c => new ClassMetrics(
            classes[c], all.Sum(answer => Confusion[c, answer]), all.Sum(truth => Confusion[truth, c]), Confusion[c, c]))];
    }

    /// <summary>What was made of each clip.</summary>
    public IReadOnlyList<ClipPrediction> Predictions { get; }

    /// <summary>Which class was taken for which.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Each class, in the order of the classifier's outputs.</summary>
    public IReadOnlyList<ClassMetrics> Classes { get; }

    /// <summary>Share of the clips that were taken for what they are.</summary>
    public double Accuracy => Confusion.Accuracy;

    /// <summary>What the accuracy has to be compared with.</summary>
    public Baselines Baselines => Baselines.Of([.. Predictions.Select(p => p.Label)], Classes.Count);

    /// <summary>Mean cross-entropy.</summary>
    public double Loss => Predictions.Average(p => p.Loss);

    /// <inheritdoc cref="Calibration.ErrorOf"/>
    public double CalibrationError(double temperature) =>
        Calibration.ErrorOf(Predictions.Select(p => (p.Probabilities, p.Label)), temperature);

    /// <summary>
    /// Mean precision of the classes that have clips or answers, each class counted alike: scikit-learn's average="macro".
    /// </summary>
    public double MacroPrecision => Classes.Where(c => !c.IsAbsent).Average(c => c.Precision);

    /// <summary>Mean recall of the classes that have clips or answers.</summary>
    public double MacroRecall => Classes.Where(c => !c.IsAbsent).Average(c => c.Recall);

    /// <summary>Mean F1 of the classes that have clips or answers.</summary>
    public double MacroF1 => Classes.Where(c => !c.IsAbsent).Average(c => c.F1);

    /// <summary>One line for each measure that is 0 because there is nothing to divide by.</summary>
    public IEnumerable<string> Undefined => Classes.SelectMany(c => (string[])
    [
        .. c.Predicted == 0 && c.Clips > 0 ? [$"no clip was taken for {c.Name}: its precision counts as 0"] : Array.Empty<string>(),
        .. c.Predicted > 0 && c.Clips == 0 ? [$"there is no clip of {c.Name}: its recall counts as 0"] : Array.Empty<string>(),
        .. c.IsAbsent ? [$"there is no clip of {c.Name} and none was taken for it: the macro means leave it out"] : Array.Empty<string>(),
    ]);

    /// <summary>Share of the clips whose class is among the <paramref name="k"/> likeliest: Keras' top_k_categorical_accuracy.</summary>
    public double TopAccuracy(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return (double)Predictions.Count(p => p.Rank < k) / Predictions.Count;
    }

    /// <summary>The k that says something of so many classes: 5, but always fewer than all.</summary>
    public static int DefaultTop(int classes) => Math.Min(SoftmaxCrossEntropy.Top, classes - 1);
}
