using System.Text.Json.Serialization;
using VideoLstm.Core.Features;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

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

    /// <summary>What its probabilities are calibrated by (<see cref="Calibration"/>); 1: nothing.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>What it knows of what it has not learnt; null: nothing, as of recipes that see frames.</summary>
    public NoveltyRecord? Novelty { get; init; }

    /// <summary>The same with the extractor, where it was not known.</summary>
    public CheckpointInfo With(ExtractorNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        SequenceSpec sequences = Sequences with { WeightsDigest = network.Digest, Onnx = network.Onnx };
        return this with { Source = Source with { Sequences = sequences, Extractor = network.Name,
            WeightsName = Path.GetFileName(network.Source), Dialect = (network as InceptionWeights)?.Dialect ?? default,
            ExtractorPath = network.Onnx is null ? null : Path.GetFullPath(network.Source) } };
    }
}
