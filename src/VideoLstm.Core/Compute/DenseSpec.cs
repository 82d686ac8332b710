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
