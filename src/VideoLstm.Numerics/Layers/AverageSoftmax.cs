namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The mean over time of the softmax of each step, as its logarithm: <c>[batch, time, classes]</c> to <c>[batch, classes]</c>, so that the
/// softmax behind it gives the mean itself. Masked steps do not count; where all are masked, it is zeros.
/// </summary>
/// <param name="time">Steps of a sequence.</param>
/// <param name="classes">Classes.</param>
public sealed class AverageSoftmax(int time, int classes) : Layer([time, classes], [classes])
{
    // Logarithms of each step's softmax, and of their means: what comes out, the loss behind works on in its place.
    private float[] _answers = [], _means = [];

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        if (_answers.Length < pass.Batch * InputSize)
            (_answers, _means) = (new float[pass.Batch * InputSize], new float[pass.Batch * OutputSize]);
        for (int b = 0; b < pass.Batch; b++)
        {
            int[] steps = Steps(pass, b);
            foreach (int step in steps)
                LogSoftmax(x.Span.Slice(step * classes, classes), _answers.AsSpan(step * classes, classes));
            Span<float> mean = _means.AsSpan(b * classes, classes);
            mean.Clear();
            for (int c = 0; c < classes && steps.Length > 0; c++)
            {
                float most = float.NegativeInfinity;
                foreach (int step in steps)
                    most = Math.Max(most, _answers[step * classes + c]);
                double sum = 0;
                foreach (int step in steps)
                    sum += Math.Exp(_answers[step * classes + c] - most);
                mean[c] = most + (float)Math.Log(sum / steps.Length);
            }
        }
        _means.AsSpan(0, pass.Batch * classes).CopyTo(y.Span);
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is null)
            return;
        xGradient.Span[..(pass.Batch * InputSize)].Clear();
        for (int b = 0; b < pass.Batch; b++)
        {
            int[] steps = Steps(pass, b);
            ReadOnlySpan<float> mean = _means.AsSpan(b * classes, classes), dy = yGradient.Span.Slice(b * classes, classes);
            foreach (int step in steps)
            {
                // dx = share - softmax · sum of shares, where a share is dy times the step's part in the mean.
                Span<float> dx = xGradient.Span.Slice(step * classes, classes);
                float sum = 0;
                for (int c = 0; c < classes; c++)
                    sum += dx[c] = dy[c] * MathF.Exp(_answers[step * classes + c] - mean[c]) / steps.Length;
                for (int c = 0; c < classes; c++)
                    dx[c] -= MathF.Exp(_answers[step * classes + c]) * sum;
            }
        }
    }

    // Those of a sample that count, by their places in the batch.
    private int[] Steps(in Pass pass, int sample)
    {
        bool[]? mask = pass.Mask;
        return [.. Enumerable.Range(sample * time, time).Where(step => mask is null || mask[step])];
    }

    private static void LogSoftmax(ReadOnlySpan<float> x, Span<float> y)
    {
        float most = float.NegativeInfinity;
        foreach (float value in x)
            most = Math.Max(most, value);
        double sum = 0;
        foreach (float value in x)
            sum += Math.Exp(value - most);
        float logarithm = (float)Math.Log(sum);
        for (int i = 0; i < x.Length; i++)
            y[i] = x[i] - most - logarithm;
    }
}
