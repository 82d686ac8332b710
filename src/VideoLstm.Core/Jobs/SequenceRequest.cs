using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Jobs;

/// <summary>What sequences are asked for.</summary>
/// <param name="Classes">Which classes.</param>
/// <param name="Extractor">Which network takes features.</param>
/// <param name="Sequences">All else; the digest of the weights is not known yet. Height and width of 0: those that the network was trained
/// with.</param>
public sealed record SequenceRequest(ClassChoice Classes, ExtractorRequest Extractor, SequenceSpec Sequences)
{
    /// <summary>These clips alone; null: all.</summary>
    public IReadOnlySet<string>? Only { get; init; }

    /// <summary>Copies of each train clip that are wanted besides.</summary>
    public int Copies { get; init; }

    /// <summary>How these are changed.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;
}
