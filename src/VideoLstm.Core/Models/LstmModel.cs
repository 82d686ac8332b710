using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
    private const int Units = 2048;
    internal const int Hidden = 512;
    private const float DropoutRate = 0.5f;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "lstm", "the article's: LSTM(2048) - Dense 512 - softmax", new TrainingOptions(),
        spec => Build(spec.SequenceLength, spec.Features, spec.Classes, spec.Units ?? Units, hardSigmoid: spec.HardSigmoid, layers: spec.Layers, bidirectional: spec.Bidirectional),
        ModelChoices.Units | ModelChoices.Layers | ModelChoices.Bidirectional);

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="features">Features of a frame.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of each LSTM.</param>
    /// <param name="hidden">Width of the layer between.</param>
    /// <param name="dropout">Share of the inputs of each LSTM, and of the hidden values, that training sets to zero.</param>
    /// <param name="hardSigmoid">Gates are Keras' hard_sigmoid, as in Keras before 2.3.</param>
    /// <param name="layers">LSTMs, one above the other.</param>
    /// <param name="bidirectional">Each of them in both directions.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(
        int time, int features, int classes, int units = Units, int hidden = Hidden, float dropout = DropoutRate, bool hardSigmoid = false, int layers = 1, bool bidirectional = false,
        Workspace? workspace = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        workspace ??= new Workspace();
        var network = new List<Layer>();
        int inputs = features;
        for (int i = 0; i < layers; i++)
        {
            network.Add(Recurrent.Stack(i, bidirectional, "lstm", name => new Lstm(name, time, inputs, units, dropout, hardSigmoid ? GateActivation.HardSigmoid : GateActivation.Sigmoid, workspace, returnSequences: i < layers - 1)));
            inputs = network[^1].OutputShape[^1];
        }
        network.AddRange(
        [
            new Linear("dense", inputs, hidden, workspace),
            new Relu([hidden], workspace),
            new Dropout([hidden], dropout, workspace),
            new Linear("dense_1", hidden, classes, workspace),
        ]);
        return new Network(network, workspace);
    }
}

/// <summary>Recurrent layers under Keras' names.</summary>
internal static class Recurrent
{
    /// <summary>A layer <c>lstm</c>, <c>lstm_1</c>, ... or, in both directions, <c>bidirectional/forward_lstm</c> and <c>bidirectional/backward_lstm</c>, ...</summary>
    public static Layer Stack(int number, bool bidirectional, string name, Func<string, RecurrentLayer> create)
    {
        string suffix = number == 0 ? "" : $"_{number}";
        return bidirectional
            ? new Bidirectional(create($"bidirectional{suffix}/forward_{name}{suffix}"), create($"bidirectional{suffix}/backward_{name}{suffix}"))
            : create(name + suffix);
    }
}
