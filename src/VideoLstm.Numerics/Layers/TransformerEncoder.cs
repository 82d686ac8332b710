using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Self-attention and a small network at each step, each added to what went in and normalized:
/// z = norm(x + attention(x)), y = norm(z + W₂ gelu(W₁ z)). <c>[batch, time, features]</c> to the same.
/// </summary>
/// <remarks>A. Vaswani et al., "Attention Is All You Need" (2017); gelu after D. Hendrycks, K. Gimpel (2016), the exact one.</remarks>
public sealed unsafe class TransformerEncoder : Layer
{
    private readonly SelfAttention _attention;
    private readonly LayerNormalization _norm1, _norm2;
    private readonly Dense _narrow, _wide;
    private readonly Workspace _workspace;

    private AlignedBuffer? _sum, _normalized, _hidden, _activated, _hiddenGradient, _gradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="time">Steps of a sequence.</param>
    /// <param name="features">Features of a step.</param>
    /// <param name="hidden">Width of the small network.</param>
    /// <param name="dropout">Share of the attention that training sets to zero.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public TransformerEncoder(string name, int time, int features, int hidden, float dropout, Workspace workspace)
        : base([time, features], [time, features])
    {
        ArgumentNullException.ThrowIfNull(workspace);
        _workspace = workspace;
        _attention = new SelfAttention(name + "/multi_head_attention", time, features, dropout, workspace);
        _norm1 = new LayerNormalization(name + "/layer_normalization", [time, features]);
        _narrow = new Dense(name + "/dense", [time, features], hidden, workspace);
        _wide = new Dense(name + "/dense_1", [time, hidden], features, workspace);
        _norm2 = new LayerNormalization(name + "/layer_normalization_1", [time, features]);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [.. Parts.SelectMany(p => p.Parameters)];

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    private Layer[] Parts => [_attention, _norm1, _narrow, _wide, _norm2];

    /// <inheritdoc/>
    public override void Initialize(RandomSource random)
    {
        foreach (Layer part in Parts)
            part.Initialize(random);
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int size = pass.Batch * InputSize, narrow = pass.Batch * _narrow.OutputSize;
        AlignedBuffer sum = Workspace.EnsureCapacity(ref _sum, size), normalized = Workspace.EnsureCapacity(ref _normalized, size);
        AlignedBuffer hidden = Workspace.EnsureCapacity(ref _hidden, narrow), activated = Workspace.EnsureCapacity(ref _activated, narrow);
        _attention.Forward(x, sum, pass);
        Add(x, sum, size);
        _norm1.Forward(sum, normalized, pass);
        _narrow.Forward(normalized, hidden, pass);
        for (int i = 0; i < narrow; i++)
            activated.Span[i] = (float)(hidden.Span[i] * Normal(hidden.Span[i]));
        _wide.Forward(activated, sum, pass);
        Add(normalized, sum, size);
        _norm2.Forward(sum, y, pass);
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        AlignedBuffer sum = _sum!, normalized = _normalized!, hidden = _hidden!, activated = _activated!;
        int size = pass.Batch * InputSize, narrow = pass.Batch * _narrow.OutputSize;
        AlignedBuffer hiddenGradient = Workspace.EnsureCapacity(ref _hiddenGradient, narrow),
            gradient = Workspace.EnsureCapacity(ref _gradient, size);
        _norm2.Backward(sum, y, yGradient, gradient, pass);
        _wide.Backward(activated, sum, gradient, hiddenGradient, pass);
        for (int i = 0; i < narrow; i++)
        {
            double h = hidden.Span[i];
            hiddenGradient.Span[i] = (float)(hiddenGradient.Span[i] * (Normal(h) + h * Math.Exp(-h * h / 2) / Math.Sqrt(2 * Math.PI)));
        }
        _narrow.Backward(normalized, hidden, hiddenGradient, sum, pass);
        Add(sum, gradient, size);
        _norm1.Backward(sum, normalized, gradient, sum, pass);
        _attention.Backward(x, normalized, sum, xGradient, pass);
        if (xGradient is not null)
            Add(sum, xGradient, size);
    }

    /// <summary>The probability that a normal number is below x: (1 + erf(x / √2)) / 2, by a series that converges everywhere.</summary>
    internal static double Normal(double x)
    {
        if (double.IsNaN(x) || Math.Abs(x) > 9)
            return double.IsNaN(x) ? x : x < 0 ? 0 : 1;
        double term = x, sum = x;
        for (int n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
        {
            term *= x * x / n;
            sum += term;
        }
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }

    private void Add(AlignedBuffer part, AlignedBuffer sum, int size) =>
        Elementwise.Run(new SumKernel(sum.Pointer, part.Pointer, sum.Pointer), size, _workspace.Level);
}
