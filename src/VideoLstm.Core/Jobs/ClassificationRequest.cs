using VideoLstm.Core.Classification;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Jobs;

/// <summary>Which videos are labelled, by what, and what becomes of the labels.</summary>
public sealed record ClassificationRequest
{
    /// <summary>The classifier's file.</summary>
    public required string Path { get; init; }

    /// <summary>Opens it.</summary>
    public required Func<ClassifierFile> Open { get; init; }

    /// <summary>Opens a second one of the same classes, whose probabilities are averaged with the first one's; null: none.</summary>
    public Func<ClassifierFile>? OpenSecond { get; init; }

    /// <summary>The extractor of what sees features; null: what the classifier names.</summary>
    public ExtractorRequest? Extractor { get; init; }

    /// <summary>What the user names: files, folders, patterns.</summary>
    public required IReadOnlyList<string> Videos { get; init; }

    /// <summary>How they are labelled.</summary>
    public required LabellingOptions Labelling { get; init; }

    /// <summary>What is written of each.</summary>
    public required ClassificationOutputs Outputs { get; init; }

    /// <summary>Classes that timelines leave out which list what to skip.</summary>
    public required IReadOnlyList<string> Skip { get; init; }

    /// <summary>How labels look in the labelled video.</summary>
    public required LabelStyle Style { get; init; }

    /// <summary>Whether pages show the labelled video and not the source.</summary>
    public bool ShowLabelled { get; init; }

    /// <summary>The data folder, in which shards report.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Leaves out videos of which everything is there.</summary>
    public bool SkipExisting { get; init; }
}
