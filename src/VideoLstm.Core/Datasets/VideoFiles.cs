namespace VideoLstm.Core.Datasets;

/// <summary>Which files are videos, as far as a name can tell.</summary>
public static class VideoFiles
{
    // What ffmpeg's demuxers read as video, and what cameras, recorders and editors call such files; no pictures, no audio, no subtitles,
    // and none of the small copies (.lrv, .thm) that action cameras leave beside their videos.
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".264", ".265", ".266", ".360", ".3g2", ".3gp", ".3gp2", ".3gpp", ".amv", ".asf", ".av1", ".avc", ".avi", ".avs2", ".avs3", ".bik",
        ".bk2", ".cavs", ".cine", ".dav", ".dif", ".divx", ".dv", ".dvr-ms", ".evo", ".f4v", ".flc", ".fli", ".flv", ".gxf", ".h261",
        ".h263", ".h264", ".h265", ".h266", ".h26l", ".hevc", ".imx", ".insv", ".ismv", ".ivf", ".ivr", ".k3g", ".lxf", ".m1v", ".m2p",
        ".m2t", ".m2ts", ".m2v", ".m4v", ".mj2", ".mjpeg", ".mjpg", ".mk3d", ".mkv", ".mod", ".mov", ".mp2v", ".mp4", ".mp4v", ".mpe",
        ".mpeg", ".mpg", ".mpv", ".mqv", ".mts", ".mxf", ".mxg", ".nsv", ".nut", ".nuv", ".obu", ".ogm", ".ogv", ".ogx", ".ps", ".pva",
        ".qt", ".rcv", ".rec", ".rm", ".rmvb", ".roq", ".smk", ".tod", ".tp", ".trp", ".ts", ".ty", ".ty+", ".vc1", ".viv", ".vob", ".vro",
        ".vvc", ".webm", ".wm", ".wmv", ".wtv", ".xmv", ".xvid", ".y4m",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Extensions.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a file is a video by its extension; case does not matter.</summary>
    public static bool IsVideo(ReadOnlySpan<char> path) => Lookup.Contains(Path.GetExtension(path));
}
