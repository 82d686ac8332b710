using System.Globalization;

namespace VideoLstm.Core.Compute;

/// <summary>
/// <c>[..., features]</c> to <c>[..., units]</c>, linear. Parameters: kernel <c>[features, units]</c>, bias <c>[units]</c>.
/// </summary>
/// <param name="Units">Values that go out.</param>
public sealed record DenseSpec(int Units) : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "dense";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Units);
        return [.. input.SkipLast(1), Units];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return [new("kernel", [input[^1], Units]), new("bias", [Units])];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Count > 1;
    }

    private protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Units}");
}

/// <summary>What is done to each value.</summary>
public enum ActivationKind
{
    /// <summary>x.</summary>
    Linear,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0), at most 6.</summary>
    Relu6,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,
}

/// <summary>Each value by itself, of any shape.</summary>
/// <param name="Function">What is done to it.</param>
public sealed record ActivationSpec(ActivationKind Function) : LayerSpec
{
    /// <summary>max(x, 0).</summary>
    public static ActivationSpec Relu { get; } = new(ActivationKind.Relu);

    /// <summary>The hyperbolic tangent.</summary>
    public static ActivationSpec Tanh { get; } = new(ActivationKind.Tanh);

    /// <summary>1 / (1 + e^-x).</summary>
    public static ActivationSpec Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <inheritdoc/>
    public override string Kind => "activation";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input) => input;

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;

    private protected override string Describe() => Function.ToString().ToLowerInvariant();
}

/// <summary>Sets a share of the values to zero in training and makes the others larger; does nothing else.</summary>
/// <param name="Rate">The share, 0 to less than 1.</param>
/// <remarks>N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).</remarks>
public sealed record DropoutSpec(float Rate) : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "dropout";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input) => input;

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;
}

/// <summary>
/// All values of a sample as one row, <c>[...]</c> to <c>[values]</c>, or those of each step, <c>[time, ...]</c> to <c>[time, values]</c>.
/// </summary>
public sealed record FlattenSpec : LayerSpec
{
    /// <summary>Each step by itself.</summary>
    public bool TimeDistributed { get; init; }

    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return TimeDistributed ? [input[0], Product(input.Skip(1))] : [Product(input)];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => TimeDistributed;
}
