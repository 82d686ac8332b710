namespace VideoLstm.Core.Media;

/// <summary>What a video says of itself.</summary>
public sealed record VideoInfo
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Container, as ffprobe names it.</summary>
    public required string Container { get; init; }

    /// <summary>Codec of the pictures, as ffprobe names it.</summary>
    public required string Codec { get; init; }

    /// <summary>All video streams but pictures such as covers.</summary>
    public required IReadOnlyList<VideoStream> Streams { get; init; }

    /// <summary>Number of the stream that is read, among all streams of the file.</summary>
    public required int StreamIndex { get; init; }

    /// <summary>One line that says which stream is read, where there are several; else null.</summary>
    public Finding? Remark => Streams.Count < 2 ? null
        : new($"{Path}: has several video streams, {string.Join(", ", Streams)}; stream {StreamIndex} is read", Remedy.TakeOtherStream);

    /// <summary>The stream that is read, as ffmpeg's <c>-map</c> takes it.</summary>
    internal string Map => Invariant($"0:{StreamIndex}");

    /// <summary>The same as ffprobe's <c>-select_streams</c> takes it.</summary>
    internal string Selector => StreamIndex.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Width of the decoded frames, after rotation, pixels.</summary>
    internal int DecodedWidth { get; init; }

    /// <summary>Height of the decoded frames, after rotation, pixels.</summary>
    internal int DecodedHeight { get; init; }

    /// <summary>Width over height of a pixel of the decoded frames, after rotation.</summary>
    internal double PixelAspect { get; init; } = 1;

    /// <summary>Width as shown: after rotation and with square pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height as shown.</summary>
    public required int Height { get; init; }

    /// <summary>Average frame rate, frames/s.</summary>
    public required Rational FrameRate { get; init; }

    /// <summary>The lowest rate of which every time stamp is a multiple, as ffprobe guesses it, frames/s.</summary>
    public required Rational BaseRate { get; init; }

    /// <summary>
    /// The stated rate with which the times of the frames go over the whole length, and which is exact, unlike one that is measured; null
    /// if neither does.
    /// </summary>
    /// <param name="frames">Number of the frames.</param>
    /// <param name="seconds">From the first to the last.</param>
    /// <param name="meanStep">From one to the next, seconds.</param>
    internal Rational? ExactRate(long frames, double seconds, double meanStep)
    {
        double Error(Rational rate) => Math.Abs(Math.Max(0, frames - 1) / rate.Value - seconds);
        Rational nearest = Error(BaseRate) <= Error(FrameRate) ? BaseRate : FrameRate;
        return Error(nearest) < 0.5 * meanStep ? nearest : null;
    }

    /// <inheritdoc cref="ExactRate(long, double, double)"/>
    internal Rational? ExactRate(FrameTiming timing) => ExactRate(timing.Frames, timing.LastSeconds - timing.FirstSeconds, timing.MeanStep);

    /// <summary>Length in seconds; null if it is not stated.</summary>
    public required double? DurationSeconds { get; init; }

    /// <summary>Number of frames that the container claims to hold; null if it does not say.</summary>
    public required long? FrameCount { get; init; }

    /// <summary>Codec of the audio; null without audio.</summary>
    public required string? AudioCodec { get; init; }

    /// <summary>Number of the stream of the audio, among all streams of the file.</summary>
    public int AudioIndex { get; init; }

    /// <summary>Transfer characteristics of the pictures, as ffprobe names them; empty if they are not stated.</summary>
    public required string Transfer { get; init; }

    /// <summary>
    /// How luma and chroma are made of red, green and blue, as ffprobe names it; empty if it is not stated or the pictures have none.
    /// </summary>
    public required string Matrix { get; init; }

    /// <summary>How the decoded pictures are stored, as ffmpeg names it, e.g. <c>yuv420p</c>; empty if it is not known.</summary>
    internal string PixelFormat { get; init; } = "";

    /// <summary>Whether it is a stream as it is sent, of which no one knows where it ends.</summary>
    internal bool IsBroadcast => Container is "mpegts" or "mpeg";

    /// <summary>Whether there is audio.</summary>
    public bool HasAudio => AudioCodec is not null;

    /// <summary>Whether the pictures are of high dynamic range (ITU-R BT.2100: PQ or HLG).</summary>
    public bool IsHighDynamicRange => Transfer is "smpte2084" or "arib-std-b67";
}
