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

    /// <summary>The convention of those weights, where they are InceptionV3's.</summary>
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

    /// <summary>Where the extractor's ONNX file was; null where it is none.</summary>
    [JsonIgnore]
    public string? ExtractorPath { get; init; }

    /// <summary>What trained the network, if not the CPU engine: else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Backend { get; init; }

    /// <summary>What features of a network are.</summary>
    /// <param name="network">The extractor.</param>
    /// <param name="sequences">Which frames.</param>
    /// <param name="backend">What computes them.</param>
    /// <exception cref="InputException">The extractor takes no frames of this size.</exception>
    public static CheckpointSource Of(ExtractorNetwork network, SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        return new CheckpointSource(
            sequences with
            {
                WeightsDigest = network.Digest,
                Features = network.Features(sequences.Height, sequences.Width),
                Onnx = network.Onnx,
                Backend = network.ComputedBy(backend),
            })
        {
            Extractor = network.Name,
            WeightsName = Path.GetFileName(network.Source),
            ExtractorPath = network.Onnx is null ? null : Path.GetFullPath(network.Source),
            Dialect = (network as InceptionWeights)?.Dialect ?? default,
        };
    }
}
