namespace VideoLstm.Core.Compute;

/// <summary>The cross-entropy that training makes small, as Keras understands it.</summary>
/// <param name="LabelSmoothing">What a right class gives to all classes, 0 to less than 1.</param>
/// <param name="ClassWeights">What the samples of each class count; null: all 1.</param>
public sealed record LossSpec(float LabelSmoothing = 0, IReadOnlyList<float>? ClassWeights = null);
