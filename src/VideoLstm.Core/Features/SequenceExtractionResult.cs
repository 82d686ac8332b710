using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Features;

/// <summary>What became of the sequences.</summary>
/// <param name="Usable">Clips whose features are there now.</param>
/// <param name="Extracted">How many were taken this time.</param>
/// <param name="Stale">How many of those replace features of another clip, size, sampling or network.</param>
/// <param name="Foreign">How many were written by another program and are used as they are.</param>
/// <param name="Frames">Frames that went through the network.</param>
/// <param name="Failures">One line for each clip that could not be used.</param>
/// <param name="LeftOut">Windows that were left out this time, since they have fewer frames than a sequence.</param>
public sealed record SequenceExtractionResult(
    IReadOnlyList<ClipVariant> Usable, int Extracted, int Stale, int Foreign, long Frames, IReadOnlyList<Finding> Failures,
        long LeftOut = 0)
{
    /// <summary>One line for each thing that a user should know and that is no failure.</summary>
    public IReadOnlyList<Finding> Remarks { get; init; } = [];

    /// <summary>Clips whose features were missing or stale.</summary>
    public IReadOnlyList<string> Due { get; init; } = [];

    /// <summary>How fast decoding and network were; null if nothing was taken.</summary>
    public ExtractionRates? Rates { get; init; }

    /// <summary>What computed the sequences, if not the CPU engine: else null.</summary>
    public string? Backend { get; init; }
}
