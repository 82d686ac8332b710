namespace VideoLstm.Core.Compute;

/// <summary>Frames in, features out. Whoever computes decides how many frames are in work at a time.</summary>
public interface IFeatureExtractor : IDisposable
{
    /// <summary>Height of the frames, pixels.</summary>
    int Height { get; }

    /// <summary>Width of the frames, pixels.</summary>
    int Width { get; }

    /// <summary>Features of a frame.</summary>
    int Features { get; }

    /// <summary>Frames that are seen at once; a source fills so many, <c>[frames, height, width, 3]</c>, where it is more than
    /// one.</summary>
    int ClipFrames => 1;

    /// <summary>How fast it has been in all that it has run.</summary>
    ExtractorRates Rates { get; }

    /// <summary>The features of all frames of a source, in order, as they are asked for; memory is that of a few frames.</summary>
    /// <param name="source">Called by one thread, which may not be the caller's, and by none any more when the enumeration has
    /// ended.</param>
    /// <param name="ct">Stops the work.</param>
    /// <returns>What the source said of a frame, and its features <c>[Features]</c>, which last until the next frame is asked
    /// for.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; every thread has ended.</exception>
    /// <exception cref="InputException">The memory of what computes holds not one frame.</exception>
    IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default);
}
