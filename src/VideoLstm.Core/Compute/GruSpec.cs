using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// Gated recurrent unit; gates z, r, h; bias <c>[2, 3 · units]</c>, or <c>[3 · units]</c> without <see cref="ResetAfter"/>.
/// </summary>
/// <param name="Units">Width of the state, of each direction.</param>
/// <remarks>K. Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation"
/// (2014).</remarks>
public sealed record GruSpec(int Units) : RecurrentSpec(Units)
{
    /// <summary>
    /// The reset gate acts behind the product with the recurrent kernel, as by default in TensorFlow 2 and in cuDNN; else before it.
    /// </summary>
    public bool ResetAfter { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "gru";

    /// <inheritdoc/>
    public override int Gates => 3;

    private protected override int[] BiasShape => ResetAfter ? [2, checked(3 * Units)] : [checked(3 * Units)];
}
