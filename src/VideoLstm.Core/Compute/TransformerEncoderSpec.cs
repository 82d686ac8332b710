namespace VideoLstm.Core.Compute;

/// <summary>
/// Self-attention with one head and a small network at each step, each added to what went in and normalized: z = norm(x + attention(x)),
/// y = norm(z + W₂ gelu(W₁ z)); <c>[time, features]</c> to the same. Parameters: of query, key, value and attention_output kernel
/// <c>[features, features]</c> and bias <c>[features]</c>; gamma and beta <c>[features]</c>; dense <c>[features, hidden]</c>,
/// <c>[hidden]</c>; dense_1
/// <c>[hidden, features]</c>, <c>[features]</c>; gamma and beta <c>[features]</c>.
/// </summary>
/// <param name="Hidden">Width of the small network.</param>
/// <remarks>A. Vaswani et al., "Attention Is All You Need" (2017); gelu after D. Hendrycks, K. Gimpel (2016), the exact one.</remarks>
public sealed record TransformerEncoderSpec(int Hidden) : LayerSpec
{
    /// <summary>What is added to variances.</summary>
    public const double Epsilon = 1e-3;

    /// <summary>Share of the attention that training sets to zero.</summary>
    public float Dropout { get; init; }

    /// <inheritdoc/>
    public override string Kind => "transformer_encoder";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Hidden);
        CheckSequence(input);
        return input;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int features = input[1];
        return
        [
            .. Dense("multi_head_attention/query", features, features), .. Dense("multi_head_attention/key", features, features),
            .. Dense("multi_head_attention/value", features, features),
            .. Dense("multi_head_attention/attention_output", features, features),
            .. Normalization("layer_normalization"), .. Dense("dense", features, Hidden), .. Dense("dense_1", Hidden, features),
            .. Normalization("layer_normalization_1"),
        ];

        static ParameterSpec[] Dense(string name, int inputs, int outputs) =>
            [new(name + "/kernel", [inputs, outputs]), new(name + "/bias", [outputs])];
        ParameterSpec[] Normalization(string name) => [new(name + "/gamma", [features]), new(name + "/beta", [features])];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;
}
