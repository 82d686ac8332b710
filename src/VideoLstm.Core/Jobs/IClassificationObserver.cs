using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Jobs;

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
