namespace VideoLstm.Numerics.Layers;

/// <summary>Samples of any shape as one row of numbers, in their order.</summary>
/// <param name="shape">Of a sample.</param>
/// <param name="keepsTime">Each step of <c>[time, ...]</c> by itself, as Keras' TimeDistributed(Flatten).</param>
public sealed class Flatten(ReadOnlySpan<int> shape, bool keepsTime = false)
    : Layer(shape, keepsTime ? [shape[0], Product(shape[1..])] : [Product(shape)])
{
    /// <inheritdoc/>
    public override bool PropagatesMask => keepsTime;

    /// <inheritdoc/>
    public override bool InPlace => true;

    private protected override void ForwardCore(AlignedBuffer x, AlignedBuffer y, in Pass pass) => Copy(x, y, pass);

    private protected override void BackwardCore(AlignedBuffer x, AlignedBuffer y, AlignedBuffer yGradient, AlignedBuffer? xGradient,
        in Pass pass)
    {
        if (xGradient is not null)
            Copy(yGradient, xGradient, pass);
    }

    private void Copy(AlignedBuffer from, AlignedBuffer to, in Pass pass)
    {
        if (from != to)
            from.Span[..(pass.Batch * InputSize)].CopyTo(to.Span);
    }

    private static int Product(ReadOnlySpan<int> shape)
    {
        int product = 1;
        foreach (int size in shape)
            product = checked(product * size);
        return product;
    }
}
