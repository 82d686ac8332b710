namespace VideoLstm.Core.Compute;

/// <summary>
/// The mean of each feature over time, <c>[time, features]</c> to <c>[features]</c>. Steps that a mask hides do not count.
/// </summary>
public sealed record GlobalAveragePooling1DSpec : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "global_average_pooling1d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckSequence(input);
        return [input[1]];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => false;

    private protected override string Describe() => "mean over time";
}
