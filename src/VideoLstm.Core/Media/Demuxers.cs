namespace VideoLstm.Core.Media;

/// <summary>
/// The demuxers of ffmpeg that may read a file: each reads that file and opens no other. A name that the installed ffmpeg does not know
/// does no harm, and a demuxer that is new to it is not used before it stands here.
/// <para>
/// Left out, because what they read is a list of other files, or makes them look for files of a similar name: <c>concat</c>, <c>dash</c>,
/// <c>hls</c>, <c>imf</c>, <c>webm_dash_manifest</c> (lists), <c>image2</c>, <c>alias_pix</c>, <c>brender_pix</c> (patterns such as
/// <c>pic%03d.png</c>), <c>vobsub</c> (an index, the subtitles lie beside it), <c>mlv</c> (its further parts), <c>svg_pipe</c> (pictures
/// that link to others), <c>sdp</c>, <c>rtp</c>, <c>rtsp</c>, <c>sap</c> (the network), <c>avisynth</c>, <c>vapoursynth</c>, <c>lavfi</c>
/// (scripts), <c>dvdvideo</c> and all that are devices.
/// </para>
/// </summary>
internal static class Demuxers
{
    private static readonly string[] Video =
    [
        "3dostr", "4xm", "anm", "apng", "apv", "argo_brp", "asf", "asf_o", "av1", "avi", "avs", "avs2", "avs3", "bethsoftvid", "bfi",
        "bink", "bmv", "c93", "cavsvideo", "cdg", "cdxl", "cine", "dhav", "dirac", "dnxhd", "dsicin", "dv", "dxa", "ea", "ea_cdata", "evc",
        "film_cpk", "filmstrip", "flic", "flv", "gdv", "gif", "gxf", "h261", "h263", "h264", "hevc", "hnm", "hxvs", "idcin", "iff", "ifv",
        "ingenient", "ipmovie", "ipu", "iv8", "ivf", "ivr", "jv", "kux", "live_flv", "lmlm4", "lvf", "lxf", "m4v", "matroska", "webm",
        "mgsts", "mjpeg", "mjpeg_2000", "mm", "moflex", "mov", "mpeg", "mpegts", "mpegvideo", "mpjpeg", "msnwctcp", "mtv", "mv", "mvi",
        "mxf", "mxg", "nc", "nsv", "nut", "nuv", "obu", "ogg", "paf", "pmp", "psxstr", "pva", "r3d", "rl2", "rm", "roq", "rpl", "sdr2",
        "ser", "sga", "siff", "simbiosis_imx", "smjpeg", "smk", "smush", "swf", "thp", "tiertexseq", "tmv", "txd", "ty", "usm", "v210",
        "vc1", "vc1test", "vivo", "vividas", "vmd", "vvc", "wc3movie", "wsvqa", "wtv", "xmv", "yop", "yuv4mpegpipe",
    ];

    // A single picture, recognised by what is in it.
    private static readonly string[] Pictures =
    [
        "bmp_pipe", "dds_pipe", "dpx_pipe", "exr_pipe", "gem_pipe", "gif_pipe", "hdr_pipe", "ico", "j2k_pipe", "jpeg_pipe", "jpegls_pipe",
        "jpegxl_pipe", "jpegxl_anim", "pam_pipe", "pbm_pipe", "pcx_pipe", "pfm_pipe", "pgm_pipe", "pgmyuv_pipe", "pgx_pipe", "phm_pipe",
        "photocd_pipe", "pictor_pipe", "png_pipe", "ppm_pipe", "psd_pipe", "qdraw_pipe", "qoi_pipe", "sgi_pipe", "sunrast_pipe",
        "tiff_pipe", "vbn_pipe", "webp_pipe", "xbm_pipe", "xpm_pipe", "xwd_pipe",
    ];

    // No video is in these, which is to be said of them.
    private static readonly string[] Others =
    [
        "aac", "ac3", "aiff", "amr", "amrnb", "amrwb", "ape", "au", "caf", "dts", "dtshd", "eac3", "flac", "loas", "mlp", "mp3", "mpc",
        "mpc8", "oma", "tak", "truehd", "tta", "voc", "w64", "wav", "wv", "ass", "srt", "webvtt",
    ];

    /// <summary>All of them, as ffmpeg's <c>-format_whitelist</c> takes them.</summary>
    public static string Whitelist { get; } = string.Join(',', [.. Video, .. Pictures, .. Others]);

    /// <summary>
    /// ffmpeg's <c>-f</c> for a picture whose name looks like a pattern, e.g. <c>pic%03d.png</c>, and so would be taken for many before the
    /// file is opened; empty for all others, which ffmpeg tells by what is in them.
    /// </summary>
    public static string[] ForPatternName(string path)
    {
        // What we are writing is no picture by its name, and locked.
        if (Path.GetFullPath(path).AsSpan().IndexOfAny("%*?{") < 0
            || path.EndsWith(Storage.AtomicFile.PartialSuffix, StringComparison.Ordinal))
            return [];
        Span<byte> start = stackalloc byte[12];
        start.Clear();
        using (FileStream file = File.OpenRead(path))
            _ = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        string? demuxer = start switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png_pipe",
            [0xFF, 0xD8, 0xFF, ..] => "jpeg_pipe",
            [(byte)'B', (byte)'M', ..] => "bmp_pipe",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "tiff_pipe",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P'] => "webp_pipe",
            _ => null,
        };
        return demuxer is null ? [] : ["-f", demuxer];
    }
}
