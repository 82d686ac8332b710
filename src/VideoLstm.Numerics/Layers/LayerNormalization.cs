using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Each step's features, minus their mean, over their deviation, times gamma, plus beta: <c>[batch, ..., features]</c>. Keras'
/// layer: the variance is the biased one, epsilon 1e-3 is added to it.
/// </summary>
/// <remarks>J. Ba et al., "Layer Normalization" (2016).</remarks>
public sealed class LayerNormalization : Layer
{
    /// <summary>Added to the variance.</summary>
    public const double Epsilon = 1e-3;

    private readonly int _features, _rows;
    private AlignedBuffer? _normalized, _scales;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="shape">Of a sample: <c>[..., features]</c>.</param>
    public LayerNormalization(string name, ReadOnlySpan<int> shape)
        : base(shape, shape)
    {
        _features = shape[^1];
        _rows = InputSize / _features;
        Gamma = new Parameter(name + "/gamma", _features);
        Beta = new Parameter(name + "/beta", _features);
    }

    /// <summary><c>[features]</c>.</summary>
    public Parameter Gamma { get; }

    /// <summary><c>[features]</c>.</summary>
    public Parameter Beta { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [Gamma, Beta];

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <summary>Gamma 1, beta 0.</summary>
    public override void Initialize(RandomSource random)
    {
        Gamma.Value.Span.Fill(1f);
        Beta.Value.Span.Clear();
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int rows = pass.Batch * _rows;
        AlignedBuffer normalized = Workspace.EnsureCapacity(ref _normalized, rows * _features),
            scales = Workspace.EnsureCapacity(ref _scales, rows);
        Workers.For(rows, row =>
        {
            ReadOnlySpan<float> from = x.Span.Slice(row * _features, _features), gamma = Gamma.Value.Span, beta = Beta.Value.Span;
            Span<float> unit = normalized.Span.Slice(row * _features, _features), to = y.Span.Slice(row * _features, _features);
            double sum = 0, squares = 0;
            foreach (float v in from)
                sum += v;
            double mean = sum / _features;
            foreach (float v in from)
                squares += (v - mean) * (v - mean);
            double scale = 1 / Math.Sqrt(squares / _features + Epsilon);
            scales.Span[row] = (float)scale;
            for (int i = 0; i < _features; i++)
            {
                unit[i] = (float)((from[i] - mean) * scale);
                to[i] = unit[i] * gamma[i] + beta[i];
            }
        });
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        AlignedBuffer normalized = _normalized!, scales = _scales!;
        int rows = pass.Batch * _rows;
        Span<float> gammaGradient = Gamma.Gradient.Span, betaGradient = Beta.Gradient.Span;
        gammaGradient.Clear();
        betaGradient.Clear();
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> unit = normalized.Span.Slice(row * _features, _features),
                gradient = yGradient.Span.Slice(row * _features, _features);
            for (int i = 0; i < _features; i++)
            {
                gammaGradient[i] += gradient[i] * unit[i];
                betaGradient[i] += gradient[i];
            }
        }
        if (xGradient is null)
            return;
        Workers.For(rows, row =>
        {
            ReadOnlySpan<float> unit = normalized.Span.Slice(row * _features, _features),
                gradient = yGradient.Span.Slice(row * _features, _features), gamma = Gamma.Value.Span;
            Span<float> to = xGradient.Span.Slice(row * _features, _features);
            double sum = 0, along = 0;
            for (int i = 0; i < _features; i++)
            {
                double g = (double)gradient[i] * gamma[i];
                sum += g;
                along += g * unit[i];
            }
            (double mean, double slope, double scale) = (sum / _features, along / _features, scales.Span[row]);
            for (int i = 0; i < _features; i++)
                to[i] = (float)(scale * ((double)gradient[i] * gamma[i] - mean - unit[i] * slope));
        });
    }
}
