using VideoLstm.Core.Compute;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>
/// The sequence model of the Keras example "Video Classification with a CNN-RNN Architecture" (S. Paul, 2021), whose clips have
/// up to 20 frames and are padded and masked.
/// <code>
/// layer                              output              parameters (example: 20 frames, 2048 features, N classes)
/// features, mask                     [batch, 20, 2048]
/// gru       GRU                      [batch, 20, 16]     kernel [2048, 48], recurrent_kernel [16, 48], bias [2, 48]
/// gru_1     GRU                      [batch, 8]          kernel [16, 24], recurrent_kernel [8, 24], bias [2, 24]
/// dropout   Dropout 0.4              [batch, 8]
/// dense     Dense, ReLU              [batch, 8]          kernel [8, 8], bias [8]
/// dense_1   Dense, softmax           [batch, N]          kernel [8, N], bias [N]
/// </code>
/// Frames are the first ones, the centre square of each, and a clip may have fewer. Adam 1e-3, batches of 32, 10 epochs; 30% of the
/// training clips validate the epochs, and the best weights are kept.
/// </summary>
public static class GruModel
{
    private const int Units = 16;
    private const float DropoutRate = 0.4f;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "gru", "Keras' CNN-RNN example: GRU(16) - GRU(8) - Dense 8 - softmax",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, Epochs = 10, Patience = null, ValidationSplit = 0.3 },
        spec => Layers(spec.Classes, spec.Units ?? Units, spec.Bidirectional), [nameof(ModelSpec.Units), nameof(ModelSpec.Bidirectional)])
    {
        Sequences = new SequenceDefaults(FrameSampling.Head, FrameFit.CenterCrop, Pad: true),
    };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Units of the first GRU; the second one has half as many.</param>
    /// <param name="bidirectional">Each GRU in both directions.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units, bool bidirectional = false)
    {
        int half = Math.Max(1, units / 2);
        return
        [
            new GruSpec(units) { ReturnSequences = true, Bidirectional = bidirectional },
            new GruSpec(half) { Bidirectional = bidirectional },
            new DropoutSpec(DropoutRate),
            new DenseSpec(half), ActivationSpec.Relu,
            new DenseSpec(classes),
        ];
    }
}
