using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>The end of a classifier: softmax over [batch, classes] and the cross-entropy with the right classes, meaned over the batch.</summary>
public sealed unsafe class SoftmaxCrossEntropy(int classes, Workspace workspace)
{
    /// <summary>Keras' epsilon: no probability counts as less, so that a loss is never infinite.</summary>
    public const float LeastProbability = 1e-7f;

    /// <summary>Logits become probabilities, in place: e^x over the sum of its row.</summary>
    public void Forward(AlignedBuffer logits, int batch)
    {
        ArgumentNullException.ThrowIfNull(logits);
        for (int b = 0; b < batch; b++)
        {
            Span<float> row = logits.Span.Slice(b * classes, classes);
            float largest = row[0];
            foreach (float x in row)
                largest = MathF.Max(largest, x);

            float* p = logits.Pointer + (nint)b * classes;
            Elementwise.RunRange(new ExpKernel(p, largest, p), 0, classes, workspace.Level);
            float sum = 0;
            foreach (float x in row)
                sum += x;
            foreach (ref float x in row)
                x /= sum;
        }
        GC.KeepAlive(logits);
    }

    /// <summary>Probabilities become the gradient of the logits, in place: (p - [is the right class]) / batch.</summary>
    public void Backward(AlignedBuffer probabilities, ReadOnlySpan<int> labels)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        for (int b = 0; b < labels.Length; b++)
        {
            Span<float> row = probabilities.Span.Slice(b * classes, classes);
            row[labels[b]] -= 1f;
            foreach (ref float x in row)
                x /= labels.Length;
        }
    }

    /// <summary>The mean of -ln p over the right classes' probabilities p, and how many of the batch are right: their class is the likeliest.</summary>
    /// <param name="probabilities">[batch, classes].</param>
    /// <param name="labels">[batch]: the right classes, from 0.</param>
    /// <param name="classes">Classes in a row.</param>
    /// <param name="correct">Rows whose largest probability, the first of equals, is that of the right class.</param>
    /// <returns>The mean loss; NaN if a probability is.</returns>
    public static float Loss(ReadOnlySpan<float> probabilities, ReadOnlySpan<int> labels, int classes, out int correct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, checked(labels.Length * classes), nameof(probabilities));
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        correct = 0;
        double sum = 0;
        for (int b = 0; b < labels.Length; b++)
        {
            ReadOnlySpan<float> row = probabilities.Slice(b * classes, classes);
            float p = row[labels[b]];
            int likeliest = 0;
            for (int c = 1; c < classes; c++)
                likeliest = row[c] > row[likeliest] ? c : likeliest;
            if (likeliest == labels[b] && !float.IsNaN(p))
                correct++;
            sum -= Math.Log(Math.Clamp(p, LeastProbability, 1f - LeastProbability));
        }
        return (float)(sum / labels.Length);
    }
}
