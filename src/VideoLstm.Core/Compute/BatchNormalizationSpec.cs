namespace VideoLstm.Core.Compute;

/// <summary>
/// Brings each channel to the mean beta and the deviation gamma, over the batch in training, else by moving statistics; any shape with the
/// channels last.
/// Parameters, each <c>[channels]</c>: gamma, beta, moving_mean, moving_variance.
/// </summary>
/// <remarks>S. Ioffe, C. Szegedy, "Batch Normalization" (2015).</remarks>
public sealed record BatchNormalizationSpec : SpatialSpec
{
    /// <summary>The most channels: it is no layer for a whole sequence in one row.</summary>
    public const int MostChannels = 1 << 16;

    /// <summary>How much of the moving statistics stays in a step.</summary>
    public float Momentum { get; init; } = 0.99f;

    /// <summary>Whether it is less in the first steps, so that first values that are nobody's statistics are soon forgotten: for a network
    /// that begins with random weights. See <see cref="Numerics.Layers.BatchNormalization.MomentumAt"/>.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-3;

    /// <summary>Whether training changes the deviation gamma; if not, it stays 1: Keras' scale=False.</summary>
    public bool Scales { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "batch_normalization";

    /// <inheritdoc/>
    public override IReadOnlyList<int> OutputShape(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input[^1] <= MostChannels ? input : throw new ArgumentException($"{this} of {input[^1]} features", nameof(input));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(IReadOnlyList<int> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int[] shape = [input[^1]];
        return
        [
            new("gamma", shape, Scales), new("beta", shape),
            new("moving_mean", shape, Trainable: false), new("moving_variance", shape, Trainable: false),
        ];
    }

    /// <inheritdoc/>
    public override bool PropagatesMask(IReadOnlyList<int> input) => true;
}
