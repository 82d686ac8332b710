using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;

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
/// Loss: cross-entropy, the mean of a batch. Layouts and names are Keras'. Not for several threads at once.
/// </summary>
public sealed class LstmClassifier
{
    /// <summary>Sequences that <see cref="Predict"/> computes together: more would take memory and gain no speed.</summary>
    private const int PredictBatch = 32;

    private readonly Lstm _lstm;
    private readonly Linear _dense, _dense1;
    private readonly Relu _relu;
    private readonly Dropout _dropout;
    private readonly SoftmaxCrossEntropy _softmax;
    private Activations _values = new(0, 0, 0, 0), _gradients = new(0, 0, 0, 0);

    /// <summary>A classifier with zero weights: <see cref="Initialize"/> it, or fill <see cref="Parameters"/> from a file.</summary>
    /// <param name="sequenceLength">Frames of a sequence.</param>
    /// <param name="features">Features of a frame.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of the LSTM.</param>
    /// <param name="hidden">Width of the layer between.</param>
    /// <param name="dropout">Share of the features, and of the hidden values, that training sets to zero.</param>
    /// <param name="hardSigmoid">The LSTM's gates are Keras' hard_sigmoid, as in Keras before 2.3.</param>
    public LstmClassifier(int sequenceLength, int features, int classes, int units = 2048, int hidden = 512, float dropout = 0.5f, bool hardSigmoid = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        (SequenceLength, Features, Classes, Units, Hidden, DropoutRate, HardSigmoid) = (sequenceLength, features, classes, units, hidden, dropout, hardSigmoid);
        var workspace = new Workspace();
        _lstm = new Lstm("lstm", sequenceLength, features, units, dropout, hardSigmoid, workspace);
        _dense = new Linear("dense", units, hidden, workspace);
        _relu = new Relu(workspace);
        _dropout = new Dropout(dropout, workspace);
        _dense1 = new Linear("dense_1", hidden, classes, workspace);
        _softmax = new SoftmaxCrossEntropy(classes, workspace);
        Parameters = [_lstm.Kernel, _lstm.RecurrentKernel, _lstm.Bias, _dense.Kernel, _dense.Bias, _dense1.Kernel, _dense1.Bias];
    }

    /// <summary>Frames of a sequence.</summary>
    public int SequenceLength { get; }

    /// <summary>Features of a frame.</summary>
    public int Features { get; }

    /// <summary>Classes to tell apart.</summary>
    public int Classes { get; }

    /// <summary>Cells of the LSTM.</summary>
    public int Units { get; }

    /// <summary>Width of the dense layer between.</summary>
    public int Hidden { get; }

    /// <summary>Share of the features, and of the hidden values, that training sets to zero.</summary>
    public float DropoutRate { get; }

    /// <summary>The LSTM's gates are Keras' hard_sigmoid, not sigmoids.</summary>
    public bool HardSigmoid { get; }

    /// <summary>All weights, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Keras' first values: kernels Glorot uniform, the recurrent one orthogonal, biases 0, those of the forget gates 1.</summary>
    public void Initialize(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _lstm.Initialize(random);
        _dense.Initialize(random);
        _dense1.Initialize(random);
    }

    /// <summary>One step of training: forward, backward, and the optimizer's change of the weights.</summary>
    /// <param name="x">[batch, time, features].</param>
    /// <param name="labels">[batch]: right classes, from 0.</param>
    /// <param name="dropout">Where the dropout masks come from.</param>
    /// <param name="optimizer">The same one for all steps.</param>
    /// <param name="correct">How many of the batch came out right, under dropout and before the change.</param>
    /// <returns>The mean loss of the batch, under dropout and before the change.</returns>
    public float TrainBatch(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, RandomSource dropout, Adam optimizer, out int correct)
    {
        ArgumentNullException.ThrowIfNull(dropout);
        ArgumentNullException.ThrowIfNull(optimizer);
        float loss = ComputeGradients(x, labels, dropout, out correct);
        optimizer.Step(Parameters);
        return loss;
    }

    /// <summary>The probability of each class for each sequence, without dropout.</summary>
    /// <param name="x">[batch, time, features].</param>
    /// <param name="batch">Sequences, any number.</param>
    /// <param name="probabilities">[batch, classes]: in each row they add up to 1.</param>
    public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        int sequence = checked(SequenceLength * Features);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(batch * sequence), nameof(x));
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, checked(batch * Classes), nameof(probabilities));
        for (int first = 0; first < batch; first += PredictBatch)
        {
            int count = Math.Min(PredictBatch, batch - first);
            Forward(x.Slice(first * sequence, count * sequence), count, dropout: null);
            _values.Classes.Span[..(count * Classes)].CopyTo(probabilities[(first * Classes)..]);
        }
    }

    /// <summary>The mean loss of the predictions for a batch, and how many are right: what validation reports.</summary>
    /// <param name="probabilities">[batch, classes], as <see cref="Predict"/> gives them.</param>
    /// <param name="labels">[batch]: right classes, from 0.</param>
    /// <param name="correct">Rows whose likeliest class is the right one.</param>
    public float Loss(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> labels, out int correct) =>
        SoftmaxCrossEntropy.Loss(probabilities, labels, Classes, out correct);

    /// <summary>Leaves the gradient of the mean loss in all parameters; changes no weight.</summary>
    /// <param name="x">[batch, time, features].</param>
    /// <param name="labels">[batch].</param>
    /// <param name="dropout">Null: none.</param>
    /// <param name="correct">How many came out right.</param>
    /// <param name="inputGradient">[batch, time, features], or empty when it is not needed.</param>
    internal float ComputeGradients(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, RandomSource? dropout, out int correct, Span<float> inputGradient = default)
    {
        int batch = labels.Length;
        ArgumentOutOfRangeException.ThrowIfZero(batch, nameof(labels));
        foreach (int label in labels)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(label, nameof(labels));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Classes, nameof(labels));
        }
        Forward(x, batch, dropout);
        float loss = Loss(_values.Classes.Span[..(batch * Classes)], labels, out correct);

        _softmax.Backward(_values.Classes, labels);
        _dense1.Backward(_values.Hidden, _values.Classes, _gradients.Hidden, batch);
        if (dropout is not null)
            _dropout.Backward(_gradients.Hidden, batch * Hidden);
        _relu.Backward(_values.Hidden, _gradients.Hidden, batch * Hidden);
        _dense.Backward(_values.Units, _gradients.Hidden, _gradients.Units, batch);
        _lstm.Backward(_gradients.Units, batch, inputGradient);
        return loss;
    }

    private void Forward(ReadOnlySpan<float> x, int batch, RandomSource? dropout)
    {
        if (_values.Batch < batch)
        {
            _values = new Activations(batch, Units, Hidden, Classes);
            _gradients = new Activations(batch, Units, Hidden, 0);
        }
        _lstm.Forward(x, _values.Units, batch, dropout);
        _dense.Forward(_values.Units, _values.Hidden, batch);
        _relu.Forward(_values.Hidden, batch * Hidden);
        if (dropout is not null)
            _dropout.Forward(_values.Hidden, batch * Hidden, dropout);
        _dense1.Forward(_values.Hidden, _values.Classes, batch);
        _softmax.Forward(_values.Classes, batch);
    }

    /// <summary>What the layers hand on, [batch, ...], for up to so many sequences.</summary>
    private sealed class Activations(int batch, int units, int hidden, int classes)
    {
        public int Batch => batch;

        public AlignedBuffer Units { get; } = new(checked(batch * units));

        public AlignedBuffer Hidden { get; } = new(checked(batch * hidden));

        public AlignedBuffer Classes { get; } = new(checked(batch * classes));
    }
}
