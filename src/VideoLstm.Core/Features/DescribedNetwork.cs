using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Features;

/// <summary>A network whose layers are known: every backend computes it, and it can be exported.</summary>
public abstract class DescribedNetwork : ExtractorNetwork
{
    /// <summary>What a backend makes the extractor of.</summary>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width.</param>
    /// <exception cref="InputException">It takes no such frames.</exception>
    public abstract ExtractorSpec Spec(int height, int width);

    /// <inheritdoc/>
    public override IFeatureExtractor Create(SequenceSpec sequences, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(backend);
        return backend.CreateExtractor(Spec(sequences.Height, sequences.Width), sequences.Precision);
    }
}
