using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The end of a classifier: softmax over <c>[batch, classes]</c> and the cross-entropy with the right classes, meaned over the
/// batch. As in Keras, label smoothing s makes a right class count 1 - s + s / classes and any other s / classes, and a class'
/// weight multiplies what its samples add to the sum that is divided by the number of samples.
/// </summary>
public sealed unsafe class SoftmaxCrossEntropy
{
    /// <summary>Keras' epsilon: no probability counts as less, so that a loss is never infinite.</summary>
    public const float LeastProbability = 1e-7f;

    /// <summary>Keras' k of top_k_categorical_accuracy.</summary>
    public const int Top = 5;

    private readonly int _classes;
    private readonly Workspace _workspace;
    private readonly float _smoothing;
    private readonly float[]? _weights;

    /// <summary>A loss.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    /// <param name="labelSmoothing">What a right class gives to all, 0 to less than 1.</param>
    /// <param name="classWeights">What the samples of each class count; null: 1.</param>
    public SoftmaxCrossEntropy(int classes, Workspace workspace, float labelSmoothing = 0, IReadOnlyList<float>? classWeights = null)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfNegative(labelSmoothing);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(labelSmoothing, 1f);
        if (classWeights is not null)
            ArgumentOutOfRangeException.ThrowIfNotEqual(classWeights.Count, classes, nameof(classWeights));
        (_classes, _workspace, _smoothing, _weights) =
            (classes, workspace, labelSmoothing, classWeights is null ? null : [.. classWeights]);
    }

    /// <summary>
    /// Rows of the last <see cref="Loss"/> whose right class is among the <see cref="Top"/> likeliest, the first of equals.
    /// </summary>
    public int CorrectInTop { get; private set; }

    /// <summary>Logits become probabilities, in place: e^x over the sum of its row.</summary>
    public void Forward(AlignedBuffer logits, int batch)
    {
        ArgumentNullException.ThrowIfNull(logits);
        for (int b = 0; b < batch; b++)
        {
            Span<float> row = logits.Span.Slice(b * _classes, _classes);
            float largest = row[0];
            foreach (float x in row)
                largest = MathF.Max(largest, x);
            fixed (float* p = row)
                Elementwise.RunRange(new ExpKernel(p, largest, p), 0, _classes, _workspace.Level);
            float sum = 0;
            foreach (float x in row)
                sum += x;
            foreach (ref float x in row)
                x /= sum;
        }
    }

    /// <summary>Probabilities become the gradient of the logits, in place: weight (p - target) / batch.</summary>
    public void Backward(AlignedBuffer probabilities, ReadOnlySpan<int> labels)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        for (int b = 0; b < labels.Length; b++)
        {
            Span<float> row = probabilities.Span.Slice(b * _classes, _classes);
            float weight = Weight(labels[b]);
            for (int c = 0; c < row.Length; c++)
                row[c] = weight * (row[c] - Target(c, labels[b])) / labels.Length;
        }
    }

    /// <summary>The mean of -weight · target · ln p over the batch, and how many of it are right: their class is the likeliest.</summary>
    /// <param name="probabilities"><c>[batch, classes]</c>.</param>
    /// <param name="labels"><c>[batch]</c>: the right classes, from 0.</param>
    /// <param name="correct">Rows whose largest probability, the first of equals, is that of the right class.</param>
    /// <returns>The mean loss; NaN if a probability is.</returns>
    public float Loss(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> labels, out int correct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, checked(labels.Length * _classes), nameof(probabilities));
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        correct = CorrectInTop = 0;
        double sum = 0;
        for (int b = 0; b < labels.Length; b++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(b * _classes, _classes);
            int likeliest = 0, rank = 0;
            double loss = 0;
            for (int c = 0; c < row.Length; c++)
            {
                likeliest = row[c] > row[likeliest] ? c : likeliest;
                rank += row[c] > row[labels[b]] || (c < labels[b] && row[c] == row[labels[b]]) ? 1 : 0;
                float target = Target(c, labels[b]);
                if (target > 0)
                    loss -= target * Math.Log(Math.Clamp(row[c], LeastProbability, 1f - LeastProbability));
            }
            if (likeliest == labels[b] && !float.IsNaN(row[labels[b]]))
                correct++;
            CorrectInTop += rank < Top && !float.IsNaN(row[labels[b]]) ? 1 : 0;
            sum += Weight(labels[b]) * loss;
        }
        return (float)(sum / labels.Length);
    }

    private float Target(int c, int label) => (c == label ? 1f - _smoothing : 0f) + _smoothing / _classes;

    private float Weight(int label) => _weights is null ? 1f : _weights[label];
}
