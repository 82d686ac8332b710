namespace VideoLstm.Numerics.Layers;

/// <summary>
/// A border of zeros, one pixel wide, around each picture: <c>[..., height, width, channels]</c> to <c>[..., height + 2, width +
/// 2, channels]</c>.
/// </summary>
/// <param name="shape">Of one sample: 3 dimensions, or 4 of which the first is time.</param>
public sealed class ZeroPadding2D(ReadOnlySpan<int> shape)
    : Layer(shape, [.. shape[..^3], checked(shape[^3] + 2), checked(shape[^2] + 2), shape[^1]])
{
    /// <inheritdoc/>
    public override bool PropagatesMask => InputShape.Count == 4;

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass)
    {
        y.Span[..(pass.Batch * OutputSize)].Clear();
        ForEachRow(pass.Batch, (inner, outer, length) => x.Span.Slice(inner, length).CopyTo(y.Span[outer..]));
    }

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is null)
            return;
        ForEachRow(pass.Batch, (inner, outer, length) => yGradient.Span.Slice(outer, length).CopyTo(xGradient.Span[inner..]));
    }

    private void ForEachRow(int batch, Action<int, int, int> copy)
    {
        (int height, int width, int channels) = (InputShape[^3], InputShape[^2], InputShape[^1]);
        int rows = batch * InputSize / (width * channels), wide = (width + 2) * channels;
        for (int row = 0; row < rows; row++)
            copy(row * width * channels, (row / height * (height + 2) + row % height + 1) * wide + channels, width * channels);
    }
}
