using System.Text.Json.Serialization;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Features;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>What a classifier is shown of a video.</summary>
/// <param name="Sequences">Frames of a sequence, their size, which they are. The digest is empty without an extractor, and where it is not
/// known with which one the network learnt.</param>
public sealed record CheckpointSource(SequenceSpec Sequences)
{
    /// <summary>What the extractor's weights were called: a file name or <c>random:SEED</c>; null where there is no extractor.</summary>
    public string? WeightsName { get; init; }

    /// <summary>The convention of those weights.</summary>
    public InceptionDialect Dialect { get; init; }

    /// <summary>What the network sees of the frames; null where it sees features.</summary>
    public FrameInput? Input { get; init; }

    /// <summary>How far frames were changed at random in training, in words; null or empty: not at all.</summary>
    public string? Augmentation { get; init; }

    /// <summary>What wrote the network, where it was not trained here; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Origin { get; init; }

    /// <summary>What the extractor is called; null where there is none.</summary>
    [JsonIgnore]
    public string? Extractor { get; init; }

    /// <summary>What trained the network, if not the CPU engine: else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Backend { get; init; }

    /// <summary>What features of these weights are.</summary>
    /// <param name="weights">The extractor's weights.</param>
    /// <param name="sequences">Which frames.</param>
    /// <param name="backend">What computes them.</param>
    public static CheckpointSource Of(InceptionWeights weights, SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        return new CheckpointSource(
            sequences with { WeightsDigest = weights.Digest, Features = InceptionV3.Features, Backend = backend.Provenance })
        {
            Extractor = InceptionV3.Name,
            WeightsName = Path.GetFileName(weights.Source),
            Dialect = weights.Dialect,
        };
    }
}

/// <summary>All that a trained classifier must know of itself, besides its weights, to label a video.</summary>
public sealed record CheckpointInfo
{
    /// <summary>Class names, in the order of the classifier's outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>What network it is.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>What it is shown of a video.</summary>
    public required CheckpointSource Source { get; init; }

    /// <summary>What its sequences were taken with.</summary>
    [JsonIgnore]
    public SequenceSpec Sequences => Source.Sequences;

    /// <summary>Median number of frames of the clips that it learnt from: how long a stretch of video a sequence stands for.</summary>
    public required long ClipFrames { get; init; }

    /// <summary>Epoch, from 1, after which it was written; null: not known.</summary>
    public required int? Epoch { get; init; }

    /// <summary>Mean cross-entropy on the test clips; null: not known.</summary>
    public required double? ValidationLoss { get; init; }

    /// <summary>Share of the test clips that it gets right, 0 to 1; null: not known.</summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>The same with the weights of the extractor, where these were not known.</summary>
    public CheckpointInfo With(InceptionWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        SequenceSpec sequences = Sequences with { WeightsDigest = weights.Digest };
        return this with { Source = Source with { Sequences = sequences, WeightsName = Path.GetFileName(weights.Source),
            Dialect = weights.Dialect } };
    }
}
