using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// The "mlp" of the five video classification methods by M. Harvey (2017): no notion of time, all features of all frames at once;
/// there are no activations between its layers.
/// <code>
/// layer                              output              parameters (75 frames, 2048 features, N classes)
/// features                           [batch, 75, 2048]
/// flatten   Flatten                  [batch, 153600]
/// dense     Dense                    [batch, 512]        kernel [153600, 512], bias [512]
/// dropout   Dropout 0.5              [batch, 512]
/// dense_1   Dense                    [batch, 512]        kernel [512, 512], bias [512]
/// dropout_1 Dropout 0.5              [batch, 512]
/// dense_2   Dense, softmax           [batch, N]          kernel [512, N], bias [N]
/// </code>
/// Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with patience 5.
/// </summary>
public static class MlpModel
{
    private const int Units = 512;
    private const float DropoutRate = 0.5f;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "mlp", "features flattened - Dense 512 - Dense 512 - softmax", new TrainingOptions(),
        spec => Layers(spec.Classes, spec.Units ?? Units), [nameof(ModelSpec.Units)]);

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both hidden layers.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        new FlattenSpec(),
        new DenseSpec(units), new DropoutSpec(DropoutRate),
        new DenseSpec(units), new DropoutSpec(DropoutRate),
        new DenseSpec(classes),
    ];
}
