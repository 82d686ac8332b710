using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>What a container that is written here can hold beside pictures and sound, as ffmpeg writes it.</summary>
/// <param name="Format">ffmpeg's name of it.</param>
internal sealed partial record Container(string Format)
{
    /// <summary>ffmpeg's options with which the same work gives the same bytes: Matroska has random numbers for its tracks and itself otherwise.</summary>
    public string[] Unvarying => Format is "matroska" or "webm" ? ["-fflags", "+bitexact"] : [];

    /// <summary>Whether it holds chapters.</summary>
    public bool HasChapters => Format is "mp4" or "mov" or "matroska" or "webm";

    /// <summary>Whether a cover picture is a track of it.</summary>
    public bool HasCoverTracks => Format == "mp4";

    /// <summary>Whether it holds other files: covers, fonts.</summary>
    public bool HasAttachments => Format == "matroska";

    /// <summary>The codec in which it holds text subtitles; null if it does not.</summary>
    /// <param name="codec">That of the source.</param>
    public string? TextSubtitles(string codec) => Format switch
    {
        "mp4" or "mov" => "mov_text",
        "matroska" => codec is "ass" or "ssa" ? "ass" : "srt",
        "webm" => "webvtt",
        _ => null,
    };

    /// <summary>The encoder and the pixel format with which it holds transparent pictures; null if it does not.</summary>
    /// <param name="codec">That of the source.</param>
    /// <param name="pixelFormat">That of the source.</param>
    public (string Encoder, string PixelFormat)? Transparent(string codec, string pixelFormat)
    {
        (string, string)? found = (Format, codec) switch
        {
            ("webm", _) or ("matroska", "vp8" or "vp9" or "gif" or "webp") => ("libvpx-vp9", "yuva420p"),
            ("mov", "png") => ("png", Deep().IsMatch(pixelFormat) ? "rgba64be" : "rgba"),
            ("mov", "qtrle") => ("qtrle", "argb"),
            ("mov", _) or ("matroska", "prores") => ("prores_ks", "yuva444p10le"),
            ("matroska", _) => ("ffv1", pixelFormat switch
            {
                _ when pixelFormat.StartsWith("yuva", StringComparison.Ordinal) && !pixelFormat.Contains("12", StringComparison.Ordinal) => pixelFormat.Replace("be", "le", StringComparison.Ordinal),
                _ when pixelFormat.StartsWith("yuva", StringComparison.Ordinal) => "yuva444p16le",
                _ => Deep().IsMatch(pixelFormat) ? "rgba64le" : "bgra",
            }),
            _ => null,
        };
        return found is { } way && Ffmpeg.HasEncoder(way.Item1) ? way : null;
    }

    /// <summary>Whether pictures of a pixel format can be transparent.</summary>
    public static bool IsTransparent(string pixelFormat) => Alpha().IsMatch(pixelFormat);

    [GeneratedRegex("^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16)")]
    private static partial Regex Alpha();

    [GeneratedRegex("(64|16|14|12|10|9)(le|be)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Deep();
}
