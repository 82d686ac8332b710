using VideoLstm.Core.Datasets;
using VideoLstm.Core.Training;

namespace VideoLstm.Core.Tests.Training;

/// <summary>Expected values are those of scikit-learn's documentation, or computed by hand from its formulas.</summary>
public class ClassificationMetricsTests
{
    // The example of sklearn.metrics.precision_recall_fscore_support, whose macro means its page states.
    private static readonly int[] Truths = [0, 1, 2, 0, 1, 2], Answers = [0, 2, 1, 0, 0, 1];

    [Fact]
    public void Equals_scikit_learn()
    {
        ClassificationMetrics metrics = Of(3, Truths, Answers);
        Assert.Equal(2.0 / 6, metrics.Accuracy, 12);
        Assert.Equal([2.0 / 3, 0, 0], metrics.Classes.Select(c => c.Precision));
        Assert.Equal([1.0, 0, 0], metrics.Classes.Select(c => c.Recall));
        Assert.Equal([0.8, 0, 0], metrics.Classes.Select(c => c.F1));
        Assert.Equal([2, 2, 2], metrics.Classes.Select(c => c.Clips));
        Assert.Equal(0.2222222222222222, metrics.MacroPrecision, 12);
        Assert.Equal(0.3333333333333333, metrics.MacroRecall, 12);
        Assert.Equal(0.26666666666666666, metrics.MacroF1, 12);
        Assert.Equal([[2, 0, 0], [1, 0, 1], [0, 2, 0]], Rows(metrics.Confusion));
        Assert.Empty(metrics.Undefined);
    }

    [Fact]
    public void Baselines_are_the_most_frequent_class_and_an_even_draw()
    {
        Assert.Equal(new Baselines(0.75, 0.25), Of(4, [2, 2, 0, 2], [0, 1, 2, 3]).Baselines);
        Assert.Equal(new Baselines(1.0 / 3, 1.0 / 3), Of(3, Truths, Answers).Baselines);
        Assert.Throws<ArgumentOutOfRangeException>(() => Baselines.Of([], 2));
    }

    [Fact]
    public void What_cannot_be_divided_is_zero_and_said()
    {
        // Class 1 is never answered, class 2 has no clip, class 3 has neither: scikit-learn's macro means are over 0, 1 and 2.
        ClassificationMetrics metrics = Of(4, [0, 0, 1, 1], [0, 2, 0, 0]);
        Assert.Equal([1.0 / 3, 0, 0, 0], metrics.Classes.Select(c => c.Precision));
        Assert.Equal([0.5, 0, 0, 0], metrics.Classes.Select(c => c.Recall));
        Assert.Equal([0.4, 0, 0, 0], metrics.Classes.Select(c => c.F1));
        Assert.Equal(1.0 / 9, metrics.MacroPrecision, 12);
        Assert.Equal(0.5 / 3, metrics.MacroRecall, 12);
        Assert.Equal(0.4 / 3, metrics.MacroF1, 12);
        Assert.Equal(
            ["no clip was taken for c1: its precision counts as 0", "there is no clip of c2: its recall counts as 0", "there is no clip of c3 and none was taken for it: the macro means leave it out"],
            metrics.Undefined);
    }

    [Fact]
    public void Top_k_equals_scikit_learn()
    {
        // The example of sklearn.metrics.top_k_accuracy_score: 0.75 for k = 2.
        float[][] scores = [[0.5f, 0.2f, 0.2f], [0.3f, 0.4f, 0.2f], [0.2f, 0.4f, 0.3f], [0.7f, 0.2f, 0.1f]];
        var metrics = new ClassificationMetrics(Names(3), [.. scores.Select((s, i) => new ClipPrediction(Clip(i), ((int[])[0, 1, 2, 2])[i], s))]);
        Assert.Equal(0.5, metrics.TopAccuracy(1));
        Assert.Equal(metrics.Accuracy, metrics.TopAccuracy(1));
        Assert.Equal(0.75, metrics.TopAccuracy(2));
        Assert.Equal(1, metrics.TopAccuracy(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.TopAccuracy(0));
        Assert.Equal([1, 2, 5, 5], ((int[])[2, 3, 6, 400]).Select(ClassificationMetrics.DefaultTop));
    }

    [Fact]
    public void Of_equal_probabilities_the_first_is_the_answer()
    {
        Assert.Equal((0, 0), Of(0));
        Assert.Equal((0, 1), Of(1));
        Assert.Equal((0, 2), Of(2));

        static (int, int) Of(int truth) => new ClipPrediction(Clip(0), truth, [0.4f, 0.4f, 0.2f]) is var p ? (p.Predicted, p.Rank) : default;
    }

    [Fact]
    public void Loss_is_the_mean_cross_entropy()
    {
        ClipPrediction[] predictions = [new(Clip(0), 0, [0.5f, 0.5f]), new(Clip(1), 1, [0.75f, 0.25f]), new(Clip(2), 1, [1, 0])];
        // Keras counts no probability as less than 1e-7.
        double[] losses = [Math.Log(2), Math.Log(4), -Math.Log(1e-7)];
        Assert.Equal(losses, predictions.Select(p => p.Loss), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(losses.Average(), new ClassificationMetrics(Names(2), predictions).Loss, 5);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassificationMetrics(Names(2), []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipPrediction(Clip(0), 2, [0.5f, 0.5f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClipPrediction(Clip(0), -1, [0.5f, 0.5f]));
    }

    private static ClassificationMetrics Of(int classes, int[] truths, int[] answers) => new(Names(classes), [.. truths.Zip(answers, (truth, answer) =>
    {
        float[] probabilities = new float[classes];
        probabilities[answer] = 1;
        return new ClipPrediction(Clip(truth), truth, probabilities);
    })]);

    private static string[] Names(int classes) => [.. Enumerable.Range(0, classes).Select(c => $"c{c}")];

    private static Clip Clip(int number) => new(ClipSet.Test, "c", $"{number}", 10);

    private static int[][] Rows(ConfusionMatrix table) =>
        [.. Enumerable.Range(0, table.Classes.Count).Select(t => Enumerable.Range(0, table.Classes.Count).Select(a => table[t, a]).ToArray())];
}
