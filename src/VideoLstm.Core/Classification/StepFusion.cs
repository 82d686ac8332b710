using VideoLstm.Core.Training;

namespace VideoLstm.Core.Classification;

/// <summary>The means of what two classifiers say of the frames of a video, where each says something new at other frames.</summary>
/// <param name="video">The video.</param>
/// <param name="first">What the first one says, of all frames.</param>
/// <param name="columns">Where the second one has each class of the first.</param>
internal sealed class StepFusion(string video, IReadOnlyList<ProbabilityStep> first, int[] columns)
{
    private readonly List<ProbabilityStep> _means = [];
    private int _at;

    /// <summary>Takes what the second one says next.</summary>
    /// <param name="step">It begins where the last ended.</param>
    /// <returns>The means of the same frames.</returns>
    /// <exception cref="InputException">The first one saw fewer frames.</exception>
    public IReadOnlyList<ProbabilityStep> Add(ProbabilityStep step)
    {
        if (step.EndFrame > first[^1].EndFrame)
            throw Changed();
        int before = _means.Count;
        for (long frame = step.FirstFrame; frame < step.EndFrame; frame = _means[^1].EndFrame)
        {
            while (first[_at].EndFrame <= frame)
                _at++;
            ProbabilityStep own = first[_at];
            // What begins or ends with a step is at its time.
            (ProbabilityStep begins, ProbabilityStep ends) =
                (own.FirstFrame == frame ? own : step, own.EndFrame <= step.EndFrame ? own : step);
            _means.Add(own with
            {
                FirstFrame = frame,
                EndFrame = ends.EndFrame,
                Start = begins.Start,
                End = ends.End,
                Probabilities = LateFusion.Mean(own.Probabilities, step.Probabilities, columns),
            });
        }
        return _means[before..];
    }

    /// <summary>All means.</summary>
    /// <exception cref="InputException">The first one saw more frames.</exception>
    public IReadOnlyList<ProbabilityStep> Finish() => _means[^1].EndFrame == first[^1].EndFrame ? _means : throw Changed();

    private InputException Changed() =>
        new($"{video}: had another number of frames when it was read again; label it when it is written to its end");
}
