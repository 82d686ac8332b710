using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>A classifier at work: what it says of itself, its network, and what it sees of a video.</summary>
/// <param name="Info">What it says of itself.</param>
/// <param name="Network">Its network, with its weights.</param>
/// <param name="Input">What it sees.</param>
public sealed record Classifier(CheckpointInfo Info, ITrainableNetwork Network, ClassifierInput Input) : IDisposable
{
    /// <summary>Finds what is like nothing that it learnt; null: that is not asked for.</summary>
    public NoveltyDetector? Novelty { get; init; }

    /// <summary>Frames of video that a window is predicted from.</summary>
    public int FrameCount => Input is FrameClassifierInput frames ? frames.Spec.FrameCount : Info.Sequences.Length;

    /// <summary>Frames of video that a window spans: as many as the clips that it learnt from had.</summary>
    public long WindowFrames => Math.Max(Info.ClipFrames, FrameCount);

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        (Input as FeatureClassifierInput)?.Extractor.Dispose();
    }
}
