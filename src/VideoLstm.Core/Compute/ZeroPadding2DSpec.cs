namespace VideoLstm.Core.Compute;

/// <summary>
/// A border of one pixel of zeros around pictures: <c>[height, width, channels]</c> to <c>[height + 2, width + 2, channels]</c>.
/// </summary>
public sealed record ZeroPadding2DSpec : LayerSpec
{
    /// <inheritdoc/>
    public override string Kind => "zero_padding2d";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return [.. input.SkipLast(3), checked(input[^3] + 2), checked(input[^2] + 2), input[^1]];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Count == 4;
    }
}
