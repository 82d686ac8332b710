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
            int first = b * time, count = pass.CountReal(b, time);
            for (int step = first; step < first + time; step++)
                LogSoftmax(x.Span.Slice(step * classes, classes), _answers.AsSpan(step * classes, classes));
            Span<float> mean = _means.AsSpan(b * classes, classes);
            mean.Clear();
            for (int c = 0; c < classes && count > 0; c++)
            {
                float most = float.NegativeInfinity;
                for (int step = first; step < first + time; step++)
                    most = pass.IsReal(step) ? Math.Max(most, _answers[step * classes + c]) : most;
                double sum = 0;
                for (int step = first; step < first + time; step++)
                    sum += pass.IsReal(step) ? Math.Exp(_answers[step * classes + c] - most) : 0;
                mean[c] = most + (float)Math.Log(sum / count);
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
            int first = b * time, count = pass.CountReal(b, time);
            ReadOnlySpan<float> mean = _means.AsSpan(b * classes, classes), dy = yGradient.Span.Slice(b * classes, classes);
            for (int step = first; step < first + time; step++)
            {
                if (!pass.IsReal(step))
                    continue;
                // dx = share - softmax · sum of shares, where a share is dy times the step's part in the mean.
                Span<float> dx = xGradient.Span.Slice(step * classes, classes);
                float sum = 0;
                for (int c = 0; c < classes; c++)
                    sum += dx[c] = dy[c] * MathF.Exp(_answers[step * classes + c] - mean[c]) / count;
                for (int c = 0; c < classes; c++)
                    dx[c] -= MathF.Exp(_answers[step * classes + c]) * sum;
            }
        }
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
