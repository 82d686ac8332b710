using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Jobs;

/// <summary>What is to be trained, on what, and how.</summary>
public sealed record TrainingRequest
{
    /// <summary>The recipe.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingOptions Options { get; init; }

    /// <summary>Which classes, and which frames of their clips.</summary>
    public required SequenceRequest Sequences { get; init; }

    /// <summary>For recipes that see frames: what they see of them.</summary>
    public FrameInput Input { get; init; }

    /// <summary>For recipes that see frames: how these are changed in each epoch.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>For recipes that see frames: megabytes of these to keep in memory; null: a quarter of what is free.</summary>
    public int? CacheMegabytes { get; init; }

    /// <summary>What is chosen of the network, beside the recipe's own.</summary>
    public Func<ModelSpec, ModelSpec> Choose { get; init; } = model => model;

    /// <summary>MobileNet's weights, for recipes that have one, as <see cref="WeightsLoader"/> takes them.</summary>
    public string MobileNet { get; init; } = WeightsLoader.ImageNet;

    /// <summary>Go on where the same run ended, if there was one.</summary>
    public bool Resume { get; init; }
}
