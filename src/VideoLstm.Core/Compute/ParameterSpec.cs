namespace VideoLstm.Core.Compute;

/// <summary>Weights of a layer.</summary>
/// <param name="Name">Their name: within a network with the layer's before it, <c>dense/kernel</c>.</param>
/// <param name="Shape">Sizes, slowest dimension first.</param>
/// <param name="Trainable">Whether training changes them by their gradient: not so in frozen layers and for moving statistics.</param>
public sealed record ParameterSpec(string Name, IReadOnlyList<int> Shape, bool Trainable = true)
{
    /// <summary>
    /// What the sum of their squares counts in what training makes small, Keras' l2. Losses that are reported go without.
    /// </summary>
    public float L2 { get; init; }
}
