using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>
/// Scaled dot-product attention of a sequence to itself, with one head as wide as the features:
/// <c>[batch, time, features]</c> to the same. softmax(Q Kᵀ / √features) V, projected. Keras' MultiHeadAttention(num_heads=1,
/// key_dim=features); masked steps are attended by none. In training, dropout acts on the softmax.
/// </summary>
/// <remarks>A. Vaswani et al., "Attention Is All You Need" (2017).</remarks>
public sealed unsafe class SelfAttention : Layer
{
    private readonly int _time, _features;
    private readonly Dense _query, _key, _value, _output;
    private readonly Dropout _dropout;
    private readonly Workspace _workspace;

    // [batch, time, features]; the weights [batch, time, time], before and after dropout.
    private AlignedBuffer? _queries, _keys, _values, _mixed, _weights, _dropped;
    private AlignedBuffer? _mixedGradient, _weightGradient, _inputGradient;

    /// <summary>A layer with zero weights.</summary>
    /// <param name="name">What its parameters' names begin with.</param>
    /// <param name="time">Steps of a sequence.</param>
    /// <param name="features">Features of a step.</param>
    /// <param name="dropout">Share of the attention that training sets to zero.</param>
    /// <param name="workspace">Shared by the layers of a network.</param>
    public SelfAttention(string name, int time, int features, float dropout, Workspace workspace)
        : base([time, features], [time, features])
    {
        ArgumentNullException.ThrowIfNull(workspace);
        (_time, _features, _workspace) = (time, features, workspace);
        _query = new Dense(name + "/query", [time, features], features, workspace);
        _key = new Dense(name + "/key", [time, features], features, workspace);
        _value = new Dense(name + "/value", [time, features], features, workspace);
        _output = new Dense(name + "/attention_output", [time, features], features, workspace);
        _dropout = new Dropout([time, time], dropout, workspace);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters =>
        [.. _query.Parameters, .. _key.Parameters, .. _value.Parameters, .. _output.Parameters];

    /// <inheritdoc/>
    public override bool PropagatesMask => true;

    /// <summary>
    /// Keras' defaults: Glorot uniform, biases 0. Keras counts the three first kernels' shapes as [features, heads, features]
    /// and takes the first size for that of a receptive field, so that their values are smaller than those of a Dense layer.
    /// </summary>
    public override void Initialize(RandomSource random)
    {
        foreach (Dense projection in (Dense[])[_query, _key, _value, _output])
        {
            projection.Initialize(random);
            if (projection == _output)
                break;
            float factor = (float)Math.Sqrt(2.0 / (1.0 + _features));
            foreach (ref float weight in projection.Kernel.Value.Span)
                weight *= factor;
        }
    }

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        int batch = pass.Batch, size = batch * InputSize;
        AlignedBuffer queries = Workspace.EnsureCapacity(ref _queries, size), keys = Workspace.EnsureCapacity(ref _keys, size);
        AlignedBuffer values = Workspace.EnsureCapacity(ref _values, size), mixed = Workspace.EnsureCapacity(ref _mixed, size);
        AlignedBuffer weights = Workspace.EnsureCapacity(ref _weights, batch * _time * _time);
        AlignedBuffer dropped = Workspace.EnsureCapacity(ref _dropped, batch * _time * _time);
        _query.Forward(x, queries, pass);
        _key.Forward(x, keys, pass);
        _value.Forward(x, values, pass);
        for (int b = 0; b < batch; b++)
        {
            _workspace.Multiply(Sample(queries, b), Sample(keys, b).Transposed, Square(weights, b));
            for (int t = 0; t < _time; t++)
                Softmax(weights.Span.Slice((b * _time + t) * _time, _time),
                    pass.Mask is { } mask ? mask.AsSpan(b * _time, _time) : default);
        }
        _dropout.Forward(weights, dropped, pass);
        for (int b = 0; b < batch; b++)
            _workspace.Multiply(Square(dropped, b), Sample(values, b), Sample(mixed, b));
        _output.Forward(mixed, y, pass);
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        AlignedBuffer queries = _queries!, keys = _keys!, values = _values!, mixed = _mixed!, weights = _weights!, dropped = _dropped!;
        int batch = pass.Batch, size = batch * InputSize;
        AlignedBuffer mixedGradient = Workspace.EnsureCapacity(ref _mixedGradient, size);
        AlignedBuffer weightGradient = Workspace.EnsureCapacity(ref _weightGradient, batch * _time * _time);
        _output.Backward(mixed, y, yGradient, mixedGradient, pass);
        for (int b = 0; b < batch; b++)
            _workspace.Multiply(Sample(mixedGradient, b), Sample(values, b).Transposed, Square(weightGradient, b));
        // The values have done their part: their memory takes their gradient. Likewise below.
        for (int b = 0; b < batch; b++)
            _workspace.Multiply(Square(dropped, b).Transposed, Sample(mixedGradient, b), Sample(values, b));
        _dropout.Backward(weights, dropped, weightGradient, weightGradient, pass);

        float scale = 1 / MathF.Sqrt(_features);
        for (int row = 0; row < batch * _time; row++)
        {
            ReadOnlySpan<float> p = weights.Span.Slice(row * _time, _time);
            Span<float> gradient = weightGradient.Span.Slice(row * _time, _time);
            double sum = 0;
            for (int i = 0; i < p.Length; i++)
                sum += (double)p[i] * gradient[i];
            for (int i = 0; i < p.Length; i++)
                gradient[i] = p[i] * (gradient[i] - (float)sum) * scale;
        }
        for (int b = 0; b < batch; b++)
        {
            _workspace.Multiply(Square(weightGradient, b).Transposed, Sample(queries, b), Sample(mixed, b));
            _workspace.Multiply(Square(weightGradient, b), Sample(keys, b), Sample(queries, b));
        }
        AlignedBuffer? part = xGradient is null ? null : Workspace.EnsureCapacity(ref _inputGradient, size);
        _query.Backward(x, queries, queries, xGradient, pass);
        _key.Backward(x, mixed, mixed, part, pass);
        Add(part, xGradient, size);
        _value.Backward(x, values, values, part, pass);
        Add(part, xGradient, size);
    }

    /// <summary>Scores become weights that add up to 1; those of masked steps 0.</summary>
    private void Softmax(Span<float> scores, ReadOnlySpan<bool> mask)
    {
        float scale = 1 / MathF.Sqrt(_features), largest = float.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = mask.IsEmpty || mask[i] ? scores[i] * scale : float.NegativeInfinity;
            largest = MathF.Max(largest, scores[i]);
        }
        if (float.IsNegativeInfinity(largest))
        {
            // Nothing real to look at.
            scores.Clear();
            return;
        }
        double sum = 0;
        foreach (ref float score in scores)
            sum += score = MathF.Exp(score - largest);
        foreach (ref float score in scores)
            score = (float)(score / sum);
    }

    private void Add(AlignedBuffer? part, AlignedBuffer? sum, int size)
    {
        if (part is not null && sum is not null)
            Elementwise.Run(new SumKernel(sum.Pointer, part.Pointer, sum.Pointer), size, _workspace.Level);
    }

    private MatrixView Sample(AlignedBuffer buffer, int b) => new(buffer.Pointer + (nint)b * _time * _features, _time, _features);

    private MatrixView Square(AlignedBuffer buffer, int b) => new(buffer.Pointer + (nint)b * _time * _time, _time, _time);
}
