using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
        spec => Build(spec.SequenceLength, spec.Features, spec.Classes, spec.Units ?? Units), ModelChoices.Units);

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="features">Features of a frame.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both hidden layers.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int features, int classes, int units = Units, Workspace? workspace = null)
    {
        workspace ??= new Workspace();
        var flatten = new Flatten([time, features]);
        return new Network(
            [
                flatten,
                new Linear("dense", flatten.OutputSize, units, workspace),
                new Dropout([units], DropoutRate, workspace),
                new Linear("dense_1", units, units, workspace),
                new Dropout([units], DropoutRate, workspace),
                new Linear("dense_2", units, classes, workspace),
            ],
            workspace);
    }
}
