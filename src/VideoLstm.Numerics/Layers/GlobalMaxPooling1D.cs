namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The largest value of each feature over time: <c>[batch, time, features]</c> to <c>[batch, features]</c>. Masked steps
/// do not count (Keras' layer of that name counts them).
/// </summary>
/// <param name="time">Steps of a sequence.</param>
/// <param name="features">Features of a step.</param>
public sealed class GlobalMaxPooling1D(int time, int features) : Layer([time, features], [features])
{
    private int[] _argmax = [];

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        if (_argmax.Length < pass.Batch * features)
            _argmax = new int[pass.Batch * features];
        for (int b = 0; b < pass.Batch; b++)
        {
            Span<float> best = y.Span.Slice(b * features, features);
            Span<int> argmax = _argmax.AsSpan(b * features, features);
            best.Fill(float.NegativeInfinity);
            argmax.Fill(-1);
            for (int t = 0; t < time; t++)
            {
                if (!pass.IsReal(b * time + t))
                    continue;
                ReadOnlySpan<float> row = x.Span.Slice((b * time + t) * features, features);
                for (int f = 0; f < features; f++)
                {
                    // NaN is taken and stays.
                    if (row[f] > best[f] || float.IsNaN(row[f]) || argmax[f] < 0)
                        (best[f], argmax[f]) = (row[f], t);
                }
            }
            if (argmax[0] < 0)
                best.Clear();
        }
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is null)
            return;
        xGradient.Span[..(pass.Batch * InputSize)].Clear();
        for (int b = 0; b < pass.Batch; b++)
        {
            for (int f = 0; f < features; f++)
            {
                if (_argmax[b * features + f] is var t and >= 0)
                    xGradient.Span[(b * time + t) * features + f] = yGradient.Span[b * features + f];
            }
        }
    }
}
