using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>Long short-term memory; gates i, f, c, o; bias <c>[4 · units]</c>.</summary>
/// <param name="Units">Cells, of each direction.</param>
/// <remarks>S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory" (1997); F. Gers et al., "Learning to Forget" (2000).</remarks>
public sealed record LstmSpec(int Units) : RecurrentSpec(Units)
{
    /// <inheritdoc/>
    public override string Kind => "lstm";

    /// <inheritdoc/>
    public override int Gates => 4;

    private protected override int[] BiasShape => [checked(4 * Units)];
}
