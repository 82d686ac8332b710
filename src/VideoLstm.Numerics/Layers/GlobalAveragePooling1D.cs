namespace VideoLstm.Numerics.Layers;

/// <summary>
/// The mean of each feature over time: <c>[batch, time, features]</c> to <c>[batch, features]</c>. Masked steps do not count, as in Keras'
/// layer of that name; of a sequence without any step it is 0.
/// </summary>
/// <param name="time">Steps of a sequence.</param>
/// <param name="features">Features of a step.</param>
public sealed class GlobalAveragePooling1D(int time, int features) : Layer([time, features], [features])
{
    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        for (int b = 0; b < pass.Batch; b++)
        {
            Span<float> mean = y.Span.Slice(b * features, features);
            mean.Clear();
            for (int t = 0; t < time; t++)
            {
                ReadOnlySpan<float> step = x.Span.Slice((b * time + t) * features, features);
                for (int f = 0; f < step.Length && pass.IsReal(b * time + t); f++)
                    mean[f] += step[f];
            }
            float share = Share(pass, b);
            foreach (ref float value in mean)
                value *= share;
        }
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is null)
            return;
        for (int b = 0; b < pass.Batch; b++)
        {
            ReadOnlySpan<float> upstream = yGradient.Span.Slice(b * features, features);
            float share = Share(pass, b);
            for (int t = 0; t < time; t++)
            {
                Span<float> step = xGradient.Span.Slice((b * time + t) * features, features);
                float factor = pass.IsReal(b * time + t) ? share : 0;
                for (int f = 0; f < step.Length; f++)
                    step[f] = factor * upstream[f];
            }
        }
    }

    // What each step that counts contributes.
    private float Share(in Pass pass, int b) => 1f / Math.Max(pass.CountReal(b, time), 1);
}
