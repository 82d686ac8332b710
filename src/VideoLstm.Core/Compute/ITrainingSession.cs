using VideoLstm.Numerics;

namespace VideoLstm.Core.Compute;

/// <summary>A network that learns, with all that an optimizer remembers. Not for several threads at once.</summary>
public interface ITrainingSession : IDisposable
{
    /// <summary>The optimizer's rate before decay; above 0. A schedule may change it between steps.</summary>
    double LearningRate { get; set; }

    /// <summary>The rate of the next step, decay included.</summary>
    double CurrentRate { get; }

    /// <summary>Steps taken.</summary>
    long Steps { get; }

    /// <summary>Learns from a batch.</summary>
    /// <param name="x"><c>[batch, ...InputShape]</c>.</param>
    /// <param name="labels"><c>[batch]</c>: right classes, from 0; at least one.</param>
    /// <param name="mask"><c>[batch, time]</c>: which steps are real; null: all.</param>
    /// <param name="random">Where dropout draws from.</param>
    /// <returns>What came out before the step.</returns>
    /// <exception cref="InputException">The memory of what computes is too small for the batch.</exception>
    StepResult Step(ReadOnlySpan<float> x, ReadOnlySpan<int> labels, bool[]? mask, RandomSource random);

    /// <summary>
    /// What the optimizer remembers: for each trainable weight <c>name/memory0</c> and so on, of its shape. The values may be the session's
    /// own, which the next step changes.
    /// </summary>
    TensorSet State { get; }

    /// <summary>Goes on where another session stood; only before the first step.</summary>
    /// <param name="state">Its <see cref="State"/>.</param>
    /// <param name="steps">Its steps.</param>
    /// <param name="learningRate">Its rate before decay.</param>
    void Resume(TensorSet state, long steps, double learningRate);
}
