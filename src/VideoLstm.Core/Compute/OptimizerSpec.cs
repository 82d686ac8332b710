namespace VideoLstm.Core.Compute;

/// <summary>What changes the weights.</summary>
public enum OptimizerKind
{
    /// <summary>D. Kingma, J. Ba, "Adam" (2014); see <see cref="Numerics.Optimizers.Adam"/>.</summary>
    Adam,

    /// <summary>Stochastic gradient descent; see <see cref="Numerics.Optimizers.Sgd"/>.</summary>
    Sgd,

    /// <summary>G. Hinton, T. Tieleman (2012); see <see cref="Numerics.Optimizers.RmsProp"/>.</summary>
    RmsProp,
}

/// <summary>An optimizer with its numbers, as Keras understands them.</summary>
/// <param name="Kind">Which.</param>
/// <param name="LearningRate">How far a step goes, above 0.</param>
/// <param name="Decay">How fast the rate falls: after 1 / decay steps it is half.</param>
/// <param name="Momentum">Of <see cref="OptimizerKind.Sgd"/> and <see cref="OptimizerKind.RmsProp"/>, 0 to 1.</param>
/// <param name="Nesterov">Nesterov's momentum, for <see cref="OptimizerKind.Sgd"/>.</param>
public sealed record OptimizerSpec(OptimizerKind Kind, double LearningRate, double Decay = 0, double Momentum = 0, bool Nesterov = false);

/// <summary>The cross-entropy that training makes small, as Keras understands it.</summary>
/// <param name="LabelSmoothing">What a right class gives to all classes, 0 to less than 1.</param>
/// <param name="ClassWeights">What the samples of each class count; null: all 1.</param>
public sealed record LossSpec(float LabelSmoothing = 0, IReadOnlyList<float>? ClassWeights = null);
