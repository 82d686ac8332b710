using System.Globalization;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Compute;

/// <summary>
/// A recurrent layer: <c>[time, features]</c> to <c>[units]</c> after the last step, or to <c>[time, units]</c>. Parameters, for each
/// direction:
/// kernel <c>[features, gates · units]</c>, recurrent_kernel <c>[units, gates · units]</c>, bias.
/// </summary>
/// <param name="Units">Width of the state, of each direction.</param>
public abstract record RecurrentSpec(int Units) : LayerSpec
{
    /// <summary>Gives its outputs after every step, not after the last only.</summary>
    public bool ReturnSequences { get; init; }

    /// <summary>Reads the sequence from both ends; the outputs stand side by side.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Share of the inputs that training sets to zero.</summary>
    public float Dropout { get; init; }

    /// <summary>What the gates are squashed by; all else is by tanh.</summary>
    public GateActivation RecurrentActivation { get; init; }

    /// <summary>Blocks of units that stand side by side in the kernels.</summary>
    public abstract int Gates { get; }

    private protected abstract int[] BiasShape { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Units);
        CheckSequence(input);
        int width = Bidirectional ? checked(2 * Units) : Units;
        return ReturnSequences ? [input[0], width] : [width];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int columns = checked(Gates * Units);
        return [new("kernel", [input[1], columns]), new("recurrent_kernel", [Units, columns]), new("bias", BiasShape)];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => ReturnSequences;

    private protected override string Describe() => string.Concat(
        Kind, this is GruSpec { ResetAfter: false } ? " (reset before) " : " ", Units.ToString(CultureInfo.InvariantCulture),
        Bidirectional ? " in both directions" : "", RecurrentActivation == GateActivation.Sigmoid ? "" : " with hard sigmoid");
}
