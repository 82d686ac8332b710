using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// The classifier of "Applying Long Short-Term Memory for Video Classification": which class a sequence of frame features belongs to.
/// <code>
/// layer                              output              parameters (article: 75 frames, 2048 features, N classes)
/// features                           [batch, 75, 2048]
/// lstm      LSTM, dropout 0.5        [batch, 2048]       kernel [2048, 8192], recurrent_kernel [2048, 8192], bias [8192]
/// dense     Dense, ReLU              [batch, 512]        kernel [2048, 512], bias [512]
/// dropout   Dropout 0.5              [batch, 512]
/// dense_1   Dense, softmax           [batch, N]          kernel [512, N], bias [N]
/// </code>
/// Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with patience 5. Names are Keras'.
/// With more layers each but the last gives its whole sequence to the next; in both directions the outputs stand side by side.
/// </summary>
public static class LstmModel
{
    private const int Units = 2048, Hidden = 512;
    private const float DropoutRate = 0.5f;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "lstm", "the article's: LSTM(2048) - Dense 512 - softmax", new TrainingOptions(),
        spec => Layers(spec.Classes, spec.Units ?? Units, hardSigmoid: spec.HardSigmoid, layers: spec.Layers,
            bidirectional: spec.Bidirectional),
        [nameof(ModelSpec.Units), nameof(ModelSpec.Layers), nameof(ModelSpec.Bidirectional)]);

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of each LSTM.</param>
    /// <param name="hidden">Width of the layer between.</param>
    /// <param name="dropout">Share of the inputs of each LSTM, and of the hidden values, that training sets to zero.</param>
    /// <param name="hardSigmoid">Gates are Keras' hard_sigmoid, as in Keras before 2.3.</param>
    /// <param name="layers">LSTMs, one above the other.</param>
    /// <param name="bidirectional">Each of them in both directions.</param>
    public static IReadOnlyList<LayerSpec> Layers(
        int classes, int units = Units, int hidden = Hidden, float dropout = DropoutRate, bool hardSigmoid = false, int layers = 1,
            bool bidirectional = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        var last = new LstmSpec(units)
        {
            Dropout = dropout,
            Bidirectional = bidirectional,
            RecurrentActivation = hardSigmoid ? GateActivation.HardSigmoid : GateActivation.Sigmoid,
        };
        return
        [
            .. Enumerable.Repeat(last with { ReturnSequences = true }, layers - 1), last,
            new DenseSpec(hidden), ActivationSpec.Relu, new DropoutSpec(dropout),
            new DenseSpec(classes),
        ];
    }
}
