using VideoLstm.Core.Datasets;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Jobs;

/// <summary>What sequences are asked for.</summary>
/// <param name="Classes">Which classes.</param>
/// <param name="Inception">Which weights, as <see cref="WeightsLoader"/> takes them.</param>
/// <param name="Sequences">All else; the digest of the weights is not known yet.</param>
public sealed record SequenceRequest(ClassChoice Classes, string Inception, SequenceSpec Sequences)
{
    /// <summary>These clips alone; null: all.</summary>
    public IReadOnlySet<string>? Only { get; init; }

    /// <summary>Copies of each train clip that are wanted besides.</summary>
    public int Copies { get; init; }

    /// <summary>How these are changed.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;
}
