using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// A classifier: layers one after the other, from samples to a logit for each class, and softmax behind them.
/// Not for several threads at once.
/// </summary>
public sealed class Network
{
    /// <summary>Samples that <see cref="Predict"/> computes together: more would take memory and gain no speed.</summary>
    private const int PredictBatch = 32;

    /// <summary>Floats between layers that <see cref="Predict"/> may take, beyond those of one sample: 1 GB.</summary>
    private const int PredictFloats = 256 * 1024 * 1024;

    private readonly LayerChain _chain;
    private readonly SoftmaxCrossEntropy _plainLoss;
    private AlignedBuffer? _input;

    /// <summary>Puts layers together.</summary>
    /// <param name="layers">From the first to the last, whose output is <c>[classes]</c>.</param>
    /// <param name="workspace">The one that the layers share.</param>
    /// <exception cref="ArgumentException">A layer does not take what the one before gives, or two parameters share a name.</exception>
    public Network(IReadOnlyList<Layer> layers, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(workspace);
        _chain = new LayerChain(layers);
        if (layers is not [.., { OutputShape: [var classes] }] || classes < 2)
            throw new ArgumentException("the last layer must give a number for each of at least 2 classes", nameof(layers));
        Classes = classes;
        Workspace = workspace;
        if (Parameters.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() != Parameters.Count)
            throw new ArgumentException("two parameters have the same name", nameof(layers));
        _plainLoss = new SoftmaxCrossEntropy(classes, workspace);
    }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<Layer> Layers => _chain.Layers;

    /// <summary>What the layers share.</summary>
    public Workspace Workspace { get; }

    /// <summary>Shape of a sample, without the batch.</summary>
    public IReadOnlyList<int> InputShape => Layers[0].InputShape;

    /// <summary>Floats of a sample.</summary>
    public int InputSize => Layers[0].InputSize;

    /// <summary>Classes to tell apart.</summary>
    public int Classes { get; }

    /// <summary>All weights, in the order of the layers.</summary>
    public IReadOnlyList<Parameter> Parameters => _chain.Parameters;

    /// <summary>Keras' first values.</summary>
    public void Initialize(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _chain.Initialize(random);
    }

    /// <summary>The probability of each class for each sample, without dropout.</summary>
    /// <param name="x"><c>[batch, ...InputShape]</c>.</param>
    /// <param name="batch">Samples, any number.</param>
    /// <param name="probabilities"><c>[batch, classes]</c>: in each row they add up to 1.</param>
    /// <param name="mask"><c>[batch, time]</c>: which steps are real; null: all.</param>
    public void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null) =>
        Run(x, batch, probabilities, mask, softmax: true);

    /// <summary>What the last layer gives for each sample, without softmax and without dropout.</summary>
    /// <param name="x"><c>[batch, ...InputShape]</c>.</param>
    /// <param name="batch">Samples, any number.</param>
    /// <param name="y"><c>[batch, classes]</c>.</param>
    public void Compute(ReadOnlySpan<float> x, int batch, Span<float> y) => Run(x, batch, y, mask: null, softmax: false);

    private void Run(ReadOnlySpan<float> x, int batch, Span<float> y, bool[]? mask, bool softmax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(batch * InputSize), nameof(x));
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, checked(batch * Classes), nameof(y));
        int together = (int)Math.Clamp(PredictFloats / _chain.PassFloats, 1, PredictBatch);
        for (int first = 0; first < batch; first += together)
        {
            int count = Math.Min(together, batch - first);
            AlignedBuffer input = Workspace.EnsureCapacity(ref _input, count * InputSize);
            x.Slice(first * InputSize, count * InputSize).CopyTo(input.Span);
            bool[]? part = mask is null ? null : mask[(first * InputShape[0])..((first + count) * InputShape[0])];
            AlignedBuffer output = _chain.Forward(input, new Pass(count, Mask: part));
            if (softmax)
                _plainLoss.Forward(output, count);
            output.Span[..(count * Classes)].CopyTo(y[(first * Classes)..]);
        }
    }

    /// <summary>The mean cross-entropy of predictions, and how many are right: what validation reports.</summary>
    /// <param name="probabilities"><c>[batch, classes]</c>, as <see cref="Predict"/> gives them.</param>
    /// <param name="labels"><c>[batch]</c>: right classes, from 0.</param>
    /// <param name="correct">Rows whose likeliest class is the right one.</param>
    public float Loss(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> labels, out int correct) =>
        _plainLoss.Loss(probabilities, labels, out correct);

    /// <summary>
    /// Leaves the gradient of the mean loss, and of what <see cref="Parameter.L2"/> adds to it, in all trainable parameters; changes no
    /// weight but moving statistics.
    /// </summary>
    /// <param name="x"><c>[batch, ...InputShape]</c>.</param>
    /// <param name="labels"><c>[batch]</c>: right classes, from 0.</param>
    /// <param name="loss">What is to become small; null: the plain cross-entropy.</param>
    /// <param name="correct">How many of the batch came out right.</param>
    /// <param name="dropout">Where dropout draws from; null: no dropout, and no training mode of any layer.</param>
    /// <param name="mask"><c>[batch, time]</c>: which steps are real; null: all.</param>
    /// <param name="xGradient"><c>[batch, ...InputShape]</c>, or null when it is not needed.</param>
    /// <param name="step">Steps that were taken before.</param>
    /// <returns>The mean loss of the batch, before any change, without what weights add to it.</returns>
    public float ComputeGradients(
        AlignedBuffer x, ReadOnlySpan<int> labels, SoftmaxCrossEntropy? loss, out int correct, RandomSource? dropout, bool[]? mask = null,
            AlignedBuffer? xGradient = null, long step = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfLessThan(x.Length, checked(labels.Length * InputSize), nameof(x));
        foreach (int label in labels)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(label, nameof(labels));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Classes, nameof(labels));
        }
        loss ??= _plainLoss;
        var pass = new Pass(labels.Length, dropout, mask, step);
        AlignedBuffer probabilities = _chain.Forward(x, pass);
        _plainLoss.Forward(probabilities, pass.Batch);
        float result = loss.Loss(probabilities.Span[..(labels.Length * Classes)], labels, out correct);
        loss.Backward(probabilities, labels);
        _chain.Backward(x, probabilities, xGradient, pass);
        foreach (Parameter p in Parameters.Where(p => p.Trainable && p.L2 > 0))
        {
            Span<float> value = p.Value.Span, gradient = p.Gradient.Span;
            for (int i = 0; i < value.Length; i++)
                gradient[i] += 2 * p.L2 * value[i];
        }
        return result;
    }
}
