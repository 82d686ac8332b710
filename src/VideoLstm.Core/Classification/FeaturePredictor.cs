using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Classification;

/// <summary>Predicts by features.</summary>
internal sealed class FeaturePredictor(Classifier classifier, IFeatureExtractor extractor, bool oneByOne)
    : WindowPredictor(classifier, oneByOne)
{
    private readonly KeptFrames<float> _kept = new(extractor.Features);

    /// <inheritdoc/>
    protected override long FrameBytes => sizeof(float) * (long)extractor.Features;

    /// <inheritdoc/>
    protected override IEnumerable<long> Take(FrameSource<long> source, CancellationToken ct)
    {
        foreach ((long frame, ReadOnlyMemory<float> features) in extractor.Run(source, ct))
        {
            _kept.Add(frame, features.Span);
            yield return frame;
        }
    }

    /// <inheritdoc/>
    protected override void Forget(long before) => _kept.Forget(before);

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, ReadOnlySpan<long> frames, long first, long end)
    {
        for (int i = 0; i < frames.Length; i++)
            _kept.Nearest(frames[i], first, end).CopyTo(sequence[(i * extractor.Features)..]);
    }
}
