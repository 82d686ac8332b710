namespace VideoLstm.Core.Compute;

/// <summary>
/// Branches side by side, each from the same pictures; what comes out of them stands one after the other in the channels:
/// <c>[height, width, channels]</c> to <c>[height, width, all channels]</c>.
/// </summary>
/// <param name="Branches">The layers of each branch, one behind the other.</param>
public sealed record ParallelSpec(params IReadOnlyList<IReadOnlyList<LayerSpec>> Branches) : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "concatenate";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        IReadOnlyList<int>[] outputs = [.. Branches.Select(b => b.Aggregate(input, (shape, layer) => layer.OutputShape(shape)))];
        return outputs.All(o => o.SkipLast(1).SequenceEqual(outputs[0].SkipLast(1)))
            ? [.. outputs[0].SkipLast(1), outputs.Sum(o => o[^1])]
            : throw new ArgumentException("branches give pictures of different sizes", nameof(input));
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => Branches.All(b => b.All(l => l.PropagatesMask(input)));
}
