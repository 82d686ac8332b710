namespace VideoLstm.Core.Compute;

/// <summary>
/// A classifier's network, as some backend computes it. Not for several threads at once. What it says lasts until it is disposed of.
/// </summary>
public interface ITrainableNetwork : IDisposable
{
    /// <summary>What it is.</summary>
    NetworkSpec Spec { get; }

    /// <summary>
    /// The weights, in the order of <see cref="NetworkSpec.Parameters"/>; they may be the network's own, which its next step changes.
    /// </summary>
    TensorSet Export();

    /// <summary>Takes weights.</summary>
    /// <param name="weights">All, or some: the others stay as they are. Of the network's names and shapes.</param>
    /// <exception cref="ArgumentException">There is no such weight, or it has another shape.</exception>
    void Import(TensorSet weights);

    /// <summary>Keras' first values, the same for equal seeds whatever the backend.</summary>
    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="layers">Which layers get them; null: all.</param>
    void Initialize(ulong seed, Predicate<NetworkLayer>? layers = null);

    /// <summary>The probability of each class for each sample, without dropout.</summary>
    /// <param name="x"><c>[batch, ...InputShape]</c>.</param>
    /// <param name="batch">Samples, any number.</param>
    /// <param name="probabilities"><c>[batch, classes]</c>: in each row they add up to 1.</param>
    /// <param name="mask"><c>[batch, time]</c>: which steps are real; null: all.</param>
    /// <exception cref="InputException">The memory of what computes holds not one sample.</exception>
    void Predict(ReadOnlySpan<float> x, int batch, Span<float> probabilities, bool[]? mask = null);

    /// <summary>Begins to train it.</summary>
    /// <param name="optimizer">What changes the weights.</param>
    /// <param name="loss">What is to become small.</param>
    /// <returns>To be disposed of before the network.</returns>
    ITrainingSession Train(OptimizerSpec optimizer, LossSpec loss);
}
