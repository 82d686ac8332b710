namespace VideoLstm.Core.Compute;

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
