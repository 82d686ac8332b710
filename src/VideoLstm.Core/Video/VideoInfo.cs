namespace VideoLstm.Core.Video;

/// <summary>What a video says of itself.</summary>
public sealed record VideoInfo
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Container, as ffprobe names it.</summary>
    public required string Container { get; init; }

    /// <summary>Codec of the pictures, as ffprobe names it.</summary>
    public required string Codec { get; init; }

    /// <summary>Width as shown: after rotation and with square pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height as shown.</summary>
    public required int Height { get; init; }

    /// <summary>Average frame rate, frames/s.</summary>
    public required Rational FrameRate { get; init; }

    /// <summary>The lowest rate of which every time stamp is a multiple, as ffprobe guesses it, frames/s.</summary>
    public required Rational BaseRate { get; init; }

    /// <summary>Length in seconds; null if it is not stated.</summary>
    public required double? DurationSeconds { get; init; }

    /// <summary>Number of frames that the container claims to hold; null if it does not say.</summary>
    public required long? FrameCount { get; init; }

    /// <summary>Codec of the sound; null without sound.</summary>
    public required string? AudioCodec { get; init; }

    /// <summary>Transfer characteristics of the pictures, as ffprobe names them; empty if they are not stated.</summary>
    public required string Transfer { get; init; }

    /// <summary>How luma and chroma are made of red, green and blue, as ffprobe names it; empty if it is not stated or the pictures have none.</summary>
    public required string Matrix { get; init; }

    /// <summary>Whether there is sound.</summary>
    public bool HasAudio => AudioCodec is not null;

    /// <summary>Whether the pictures are of high dynamic range (ITU-R BT.2100: PQ or HLG).</summary>
    public bool IsHighDynamicRange => Transfer is "smpte2084" or "arib-std-b67";
}
