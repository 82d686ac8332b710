using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>What a container that is written here can hold, as ffmpeg writes it.</summary>
public sealed partial record Container
{
    private const string Mpeg4Encoder = "mpeg4";

    private Container(string format, params string[] extensions) => (Format, Extensions) = (format, extensions);

    /// <summary>AVI.</summary>
    public static Container Avi { get; } = new("avi", ".avi")
    {
        HasOneRate = true, IsForXvid = true, HasPlainAudio = true, CopiedAudio = ["mp3", "ac3", "mp2"],
    };

    /// <summary>MP4.</summary>
    public static Container Mp4 { get; } = new("mp4", ".mp4", ".m4v")
    {
        HasH264 = true, IsQuickTime = true, HasChapters = true, HasCoverTracks = true, CopiedAudio = ["aac", "mp3", "ac3"],
    };

    /// <summary>QuickTime.</summary>
    public static Container Mov { get; } = new("mov", ".mov")
    {
        HasH264 = true, IsQuickTime = true, HasChapters = true, HasPlainAudio = true, CopiedAudio = ["aac", "mp3", "ac3"],
    };

    /// <summary>Matroska.</summary>
    public static Container Matroska { get; } = new("matroska", ".mkv")
    {
        HasH264 = true, HasChapters = true, HasAttachments = true, HasPlainAudio = true, HasFlac = true,
    };

    /// <summary>WebM.</summary>
    public static Container WebM { get; } = new("webm", ".webm") { HasChapters = true, CopiedAudio = ["opus", "vorbis"] };

    /// <summary>MPEG-2 transport stream.</summary>
    public static Container MpegTs { get; } = new("mpegts", ".ts", ".m2ts", ".mts") { HasH264 = true };

    private static Container[] All { get; } = [Mp4, Mov, Matroska, WebM, Avi, MpegTs];

    /// <summary>ffmpeg's name of it.</summary>
    public string Format { get; }

    /// <summary>Extensions of its files, in lower case, the usual one first.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether frames come at one rate and have no times of their own.</summary>
    internal bool HasOneRate { get; private init; }

    /// <summary>
    /// Whether it is MP4 or its parent: the unit of time can be chosen, a picture can be turned, and the index is behind the content
    /// unless it is moved.
    /// </summary>
    internal bool IsQuickTime { get; private init; }

    /// <summary>Whether it holds H.264 in a way that is played everywhere.</summary>
    internal bool HasH264 { get; private init; }

    /// <summary>Whether MPEG-4 part 2 in it goes by the name of Xvid.</summary>
    internal bool IsForXvid { get; private init; }

    /// <summary>Whether it holds PCM.</summary>
    internal bool HasPlainAudio { get; private init; }

    /// <summary>Whether it holds FLAC.</summary>
    internal bool HasFlac { get; private init; }

    /// <summary>Whether it holds chapters.</summary>
    internal bool HasChapters { get; private init; }

    /// <summary>Whether a cover picture is a track of it.</summary>
    internal bool HasCoverTracks { get; private init; }

    /// <summary>Whether it holds other files: covers, fonts.</summary>
    internal bool HasAttachments { get; private init; }

    /// <summary>Codecs of audio that are copied into it, since its players know them; null: any that has a name.</summary>
    private IReadOnlyList<string>? CopiedAudio { get; init; }

    /// <summary>
    /// ffmpeg's options with which the same work gives the same bytes: Matroska has random numbers for its tracks and itself otherwise.
    /// </summary>
    internal string[] Unvarying => this == Matroska || this == WebM ? ["-fflags", "+bitexact"] : [];

    /// <summary>The encoder for its pictures that the installed ffmpeg has.</summary>
    internal string PictureEncoder => this == WebM ? "libvpx-vp9"
        : HasH264 && Ffmpeg.HasEncoder(Ffmpeg.H264Encoder) ? Ffmpeg.H264Encoder
        : Mpeg4Encoder;

    /// <summary>ffmpeg's options that choose the encoder of the pictures.</summary>
    internal string[] PictureCodec => ["-c:v", PictureEncoder, .. IsForXvid ? (string[])["-vtag", "XVID"] : []];

    /// <summary>The encoder for its audio that the installed ffmpeg has.</summary>
    internal string AudioEncoder => this == WebM ? "libopus"
        : this != Avi ? "aac"
        : Ffmpeg.HasEncoder("libmp3lame") ? "libmp3lame"
        : "ac3";

    /// <summary>The container of a file by its extension; null if it is none of these.</summary>
    public static Container? Of(string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        return Array.Find(All, c => c.Extensions.Contains(extension));
    }

    /// <summary>The one that can hold what is in a file.</summary>
    /// <param name="source">The container of the file, as ffprobe names it.</param>
    internal static Container LikeThatOf(string source) =>
        source.Contains("mp4", StringComparison.Ordinal) ? Mp4 : source == Avi.Format ? Avi : source == MpegTs.Format ? MpegTs : Matroska;

    /// <summary>Whether audio of a codec is copied into it.</summary>
    internal bool CopiesAudio(string codec) => CopiedAudio?.Contains(codec) ?? codec is not "unknown";

    /// <summary>The encoder with which it holds audio without loss; null if the source's has loss anyway, or it does not hold it.</summary>
    /// <param name="codec">That of the source.</param>
    internal string? LosslessAudioEncoder(string codec)
    {
        if (!HasPlainAudio || !codec.StartsWith("pcm_", StringComparison.Ordinal))
            return HasFlac && codec == "flac" ? "flac" : null;
        bool isFine = codec.Contains("24", StringComparison.Ordinal) || codec.Contains("32", StringComparison.Ordinal);
        return isFine ? "pcm_s24le" : "pcm_s16le";
    }

    /// <summary>The codec in which it holds text subtitles; null if it does not.</summary>
    /// <param name="codec">That of the source.</param>
    internal string? TextSubtitles(string codec) => this switch
    {
        { IsQuickTime: true } => "mov_text",
        { Format: "matroska" } => codec is "ass" or "ssa" ? "ass" : "srt",
        { Format: "webm" } => "webvtt",
        _ => null,
    };

    /// <summary>The encoder and the pixel format with which it holds transparent pictures; null if it does not.</summary>
    /// <param name="codec">That of the source.</param>
    /// <param name="pixelFormat">That of the source.</param>
    internal (string Encoder, string PixelFormat)? Transparent(string codec, string pixelFormat)
    {
        (string, string)? found = (Format, codec) switch
        {
            ("webm", _) or ("matroska", "vp8" or "vp9" or "gif" or "webp") => ("libvpx-vp9", "yuva420p"),
            ("mov", "png") => ("png", Deep().IsMatch(pixelFormat) ? "rgba64be" : "rgba"),
            ("mov", "qtrle") => ("qtrle", "argb"),
            ("mov", _) or ("matroska", "prores") => ("prores_ks", "yuva444p10le"),
            ("matroska", _) => ("ffv1", pixelFormat switch
            {
                _ when pixelFormat.StartsWith("yuva", StringComparison.Ordinal) && !pixelFormat.Contains("12", StringComparison.Ordinal) =>
                    pixelFormat.Replace("be", "le", StringComparison.Ordinal),
                _ when pixelFormat.StartsWith("yuva", StringComparison.Ordinal) => "yuva444p16le",
                _ => Deep().IsMatch(pixelFormat) ? "rgba64le" : "bgra",
            }),
            _ => null,
        };
        return found is { } way && Ffmpeg.HasEncoder(way.Item1) ? way : null;
    }

    /// <summary>Whether pictures of a pixel format can be transparent.</summary>
    internal static bool IsTransparent(string pixelFormat) => Alpha().IsMatch(pixelFormat);

    /// <inheritdoc/>
    public override string ToString() => Format;

    [GeneratedRegex("^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16)")]
    private static partial Regex Alpha();

    [GeneratedRegex("(64|16|14|12|10|9)(le|be)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Deep();
}
