using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>The features of frames.</summary>
/// <param name="Extractor">Takes them.</param>
public sealed record FeatureClassifierInput(IFeatureExtractor Extractor) : ClassifierInput;
