namespace VideoLstm.Core.Media;

/// <summary>One of the video streams of a file.</summary>
/// <param name="Index">Its number among all streams of the file, as ffprobe counts them.</param>
/// <param name="Codec">As ffprobe names it; empty if it is not known.</param>
/// <param name="Width">As stored, pixels; 0 if it is not known.</param>
/// <param name="Height">As stored, pixels; 0 if it is not known.</param>
/// <param name="IsDefault">Whether the container says that it is the one to show.</param>
/// <param name="Frames">How many frames it has; of one that does not say it, how many are among the first packets of the file; null if that
/// was not asked.</param>
public sealed record VideoStream(int Index, string Codec, int Width, int Height, bool IsDefault, long? Frames)
{
    /// <summary>Whether it is a picture or nothing, rather than a video.</summary>
    public bool IsStill => Frames <= 1;

    /// <summary>
    /// The one that a player shows: what can be decoded before what cannot, a video before a still, then by the default flag, the size, the
    /// number of frames and the place.
    /// </summary>
    internal static VideoStream Choose(IEnumerable<VideoStream> streams) => streams
        .OrderByDescending(s => s is { Codec.Length: > 0, Width: > 0, Height: > 0 }).ThenBy(s => s.IsStill)
        .ThenByDescending(s => s.IsDefault)
        .ThenByDescending(s => (long)s.Width * s.Height).ThenByDescending(s => s.Frames).ThenBy(s => s.Index).First();

    /// <inheritdoc/>
    public override string ToString() =>
        Invariant($"{Index} ({(Codec.Length > 0 ? Codec : "unknown codec")}, {Width} x {Height}{(IsStill ? ", a still" : "")})");
}
