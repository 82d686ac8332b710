using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Jobs;

/// <summary>What a classifier is evaluated on.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Classifier">What it is.</param>
/// <param name="Set">Which clips; null: all.</param>
/// <param name="Extractor">The extractor of what sees features; null: what the classifier names.</param>
public sealed record EvaluationRequest(string Path, ClassifierFile Classifier, ClipSet? Set, ExtractorRequest? Extractor)
{
    /// <summary>A second classifier of the same classes, whose calibrated probabilities are averaged with the first one's; null: none.</summary>
    public (string Path, ClassifierFile Classifier)? With { get; init; }
}
