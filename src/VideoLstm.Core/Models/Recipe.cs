using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>A way from sequences to a class that somebody published, with the numbers of its source as defaults.</summary>
/// <param name="Name">What a user types.</param>
/// <param name="Summary">One line.</param>
/// <param name="Defaults">How its source trains it.</param>
/// <param name="Layers">The layers of its network, the last a dense one with softmax behind it.</param>
/// <param name="Options">Which options of the <see cref="ModelSpec"/> it heeds.</param>
public sealed record Recipe(string Name, string Summary, TrainingOptions Defaults, Func<ModelSpec, IReadOnlyList<LayerSpec>> Layers,
    IReadOnlyList<string> Options)
{
    /// <summary>Whether the network sees frames, and not features of them.</summary>
    public bool SeesFrames { get; init; }

    /// <summary>What it takes a pixel for: byte · scale + offset.</summary>
    public (float Scale, float Offset) Pixels { get; init; } = (1 / 255f, 0);

    /// <summary>Which <see cref="ModelSpec.Edition"/> a new network is of.</summary>
    public int? Edition { get; init; }

    /// <summary>How its source takes frames from clips, where the user does not say it; null: as all others.</summary>
    public SequenceDefaults? Sequences { get; init; }

    /// <summary>Whether its source mirrors every other clip that it learns from, at random.</summary>
    public bool Flips { get; init; }

    /// <summary>Whether each clip is looked at as a whole: its sequences cannot be padded.</summary>
    public bool NeedsAllFrames { get; init; }
}
