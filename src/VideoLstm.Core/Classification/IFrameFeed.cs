namespace VideoLstm.Core.Classification;

/// <summary>Where the frames of windows come from: a file, or something live.</summary>
internal interface IFrameFeed
{
    /// <summary>Frames that have come, needed or not.</summary>
    long Frames { get; }

    /// <summary>Reads the next frame that a window is predicted from; called by one thread.</summary>
    /// <param name="rgb">Filled: <c>[height, width, 3]</c>.</param>
    /// <param name="frame">Its number, higher than that of any before.</param>
    /// <returns>False: there is none.</returns>
    bool Next(Span<byte> rgb, out long frame);

    /// <summary>Frames of which it is known whether a shot begins with them; the largest number where shots do not matter.</summary>
    long Decided => long.MaxValue;

    /// <summary>The first frame after a frame with which a shot begins, if one is known.</summary>
    long? NextCut(long frame) => null;

    /// <summary>Called after the last frame.</summary>
    /// <returns>Whether what is left is labelled, by windows that end there.</returns>
    /// <exception cref="InputException">There are too few frames for a window.</exception>
    bool Finish();
}
