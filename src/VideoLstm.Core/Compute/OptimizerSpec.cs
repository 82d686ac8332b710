namespace VideoLstm.Core.Compute;

/// <summary>An optimizer with its numbers, as Keras understands them.</summary>
/// <param name="Kind">Which.</param>
/// <param name="LearningRate">How far a step goes, above 0.</param>
/// <param name="Decay">How fast the rate falls: after 1 / decay steps it is half.</param>
/// <param name="Momentum">Of <see cref="OptimizerKind.Sgd"/> and <see cref="OptimizerKind.RmsProp"/>, 0 to 1.</param>
/// <param name="Nesterov">Nesterov's momentum, for <see cref="OptimizerKind.Sgd"/>.</param>
public sealed record OptimizerSpec(OptimizerKind Kind, double LearningRate, double Decay = 0, double Momentum = 0, bool Nesterov = false);
