using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// A linear classifier (multinomial logistic regression) on the mean of a clip's features: what any network that looks at the order of
/// the frames has to beat.
/// <code>
/// layer                                            output              parameters (75 frames, 2048 features, N classes)
/// features, mask                                   [batch, 75, 2048]
/// global_average_pooling1d  over time              [batch, 2048]
/// dense                     Dense, softmax         [batch, N]          kernel [2048, N], bias [N]
/// </code>
/// Adam 1e-3, batches of 32, at most 200 epochs, early stopping with patience 20. It is convex: any start and any optimizer that gets there
/// ends at the same weights.
/// </summary>
public static class LinearModel
{
    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "linear", "a linear classifier on the mean of the features, the baseline",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, Epochs = 200, Patience = 20 }, spec => Layers(spec.Classes), []);

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes) => [new GlobalAveragePooling1DSpec(), new DenseSpec(classes)];
}
