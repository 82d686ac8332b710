namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The largest value of each feature over time: <c>[batch, time, features]</c> to <c>[batch, features]</c>. Steps that the mask
/// hides do not count (Keras' layer of that name counts them).
/// </summary>
/// <param name="time">Steps of a sequence.</param>
/// <param name="features">Features of a step.</param>
public sealed class GlobalMaxPooling1D(int time, int features) : Layer([time, features], [features])
{
    private int[] _winners = [];

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        CheckInput(x, pass);
        CheckOutput(y, pass);
        if (_winners.Length < pass.Batch * features)
            _winners = new int[pass.Batch * features];
        for (int b = 0; b < pass.Batch; b++)
        {
            Span<float> best = y.Span.Slice(b * features, features);
            Span<int> winners = _winners.AsSpan(b * features, features);
            best.Fill(float.NegativeInfinity);
            winners.Fill(-1);
            for (int t = 0; t < time; t++)
            {
                if (pass.Mask is { } mask && !mask[b * time + t])
                    continue;
                ReadOnlySpan<float> row = x.Span.Slice((b * time + t) * features, features);
                for (int f = 0; f < features; f++)
                {
                    // NaN wins and stays.
                    if (row[f] > best[f] || float.IsNaN(row[f]) || winners[f] < 0)
                        (best[f], winners[f]) = (row[f], t);
                }
            }
            if (winners[0] < 0)
                best.Clear();
        }
    }

    /// <inheritdoc/>
    public override void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(yGradient);
        CheckOutput(yGradient, pass);
        if (xGradient is null)
            return;
        CheckInput(xGradient, pass);
        xGradient.Span[..(pass.Batch * InputSize)].Clear();
        for (int b = 0; b < pass.Batch; b++)
        {
            for (int f = 0; f < features; f++)
            {
                if (_winners[b * features + f] is var t and >= 0)
                    xGradient.Span[(b * time + t) * features + f] = yGradient.Span[b * features + f];
            }
        }
    }
}
