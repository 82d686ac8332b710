namespace VideoLstm.Core.Compute;

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
