using VideoLstm.Core.Classification;
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

    /// <summary>Its extractor's weights, as <see cref="WeightsLoader"/> takes them; null: what it names.</summary>
    public string? Inception { get; init; }

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

    /// <summary>Leaves out videos of which everything is there.</summary>
    public bool SkipExisting { get; init; }
}

/// <summary>What labelling tells whoever has it done.</summary>
public interface IClassificationObserver : IJobObserver
{
    /// <summary>A video is begun.</summary>
    /// <param name="video">The video.</param>
    /// <param name="found">Videos that were found.</param>
    void Began(string video, int found);

    /// <summary>A step of it whose probabilities no window changes any more.</summary>
    void Predicted(IReadOnlyList<string> classes, ProbabilityStep step);

    /// <summary>It is labelled, and everything is written.</summary>
    /// <param name="video">The video.</param>
    /// <param name="result">Its labels.</param>
    /// <param name="outputs">What was written.</param>
    /// <param name="seconds">How long the labelling took.</param>
    void Labelled(string video, VideoClassification result, ClassificationOutputs outputs, double seconds);

    /// <summary>It cannot be labelled; the others are.</summary>
    void Failed(string video, Finding finding);

    /// <summary>What is drawn into the frames of a step.</summary>
    FrameLabel Draw(IReadOnlyList<string> classes, ProbabilityStep step, string label);
}
