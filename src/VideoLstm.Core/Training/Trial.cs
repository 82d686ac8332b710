namespace VideoLstm.Core.Training;

/// <summary>What a search for better options tried, and what came of it.</summary>
/// <param name="LearningRate">The optimizer's learning rate.</param>
/// <param name="Units">Units of the layers; null: the recipe's own number.</param>
/// <param name="Loss">Mean over the clips that validated, each fold at its best epoch; infinite if the training led to no number.</param>
/// <param name="Accuracy">Share of these clips that came out right at the same epochs.</param>
/// <param name="Epochs">The latest of the best epochs.</param>
/// <param name="Patience">The least patience, of those considered, that would have come to the same epochs.</param>
/// <param name="Divisions">How many divisions of the clips judged it.</param>
public sealed record Trial(double LearningRate, int? Units, double Loss, double Accuracy, int Epochs, int Patience, int Divisions);
