using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Classification;

/// <summary>Predicts by the frames themselves.</summary>
internal sealed class FramePredictor(Classifier classifier, FrameSpec spec, bool oneByOne) : WindowPredictor(classifier, oneByOne)
{
    private readonly int _frameBytes = spec.Sequences.Height * spec.Sequences.Width * 3;
    private readonly KeptFrames<byte> _kept = new(spec.Sequences.Height * spec.Sequences.Width * 3);

    /// <inheritdoc/>
    protected override long FrameBytes => _frameBytes;

    /// <inheritdoc/>
    protected override IEnumerable<long> Take(FrameSource<long> source, CancellationToken ct)
    {
        byte[] rgb = new byte[_frameBytes];
        while (source(rgb, out long frame))
        {
            ct.ThrowIfCancellationRequested();
            _kept.Add(frame, rgb);
            yield return frame;
        }
    }

    /// <inheritdoc/>
    protected override void Forget(long before) => _kept.Forget(before);

    /// <inheritdoc/>
    protected override void Fill(Memory<float> sequence, ReadOnlySpan<long> frames, long first, long end)
    {
        byte[][] chosen = new byte[frames.Length][];
        for (int i = 0; i < frames.Length; i++)
            chosen[i] = _kept.Nearest(frames[i], first, end);
        spec.ToFloats(InputPictures.Make(spec.Input, chosen, spec.Sequences.Height, spec.Sequences.Width), sequence);
    }
}
