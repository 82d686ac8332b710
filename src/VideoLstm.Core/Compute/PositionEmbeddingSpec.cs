namespace VideoLstm.Core.Compute;

/// <summary>
/// Adds to each step of <c>[time, features]</c> what is learnt of its place. Parameter: embeddings <c>[time, features]</c>.
/// </summary>
public sealed record PositionEmbeddingSpec : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "position_embedding";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckSequence(input);
        return input;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input) => [new("embeddings", input)];

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;
}
