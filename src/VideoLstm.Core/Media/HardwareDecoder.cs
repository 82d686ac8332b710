namespace VideoLstm.Core.Media;

/// <summary>A decoder in hardware, as ffmpeg's <c>-hwaccel</c> names it, for the frames that networks see.</summary>
/// <remarks>
/// ffmpeg decodes itself, without a word, what the hardware does not: so frames are asked for in the hardware's memory and fetched from
/// there, which fails with others. Standards of today say to the bit what a decoder gives, so frames must be equal to ffmpeg's own; of each
/// kind of video the first frames of one are compared.
/// </remarks>
public sealed class HardwareDecoder
{
    /// <summary>The names of ffmpeg's own decoders: taken, and left to the program, which takes them too.</summary>
    public const string Software = "software", Auto = "auto";

    private const int ComparedFrames = 8;

    private static readonly Dictionary<(string Name, string Codec, string Pixels, int Width, int Height), string?> Checked = [];

    private readonly string _name;

    private HardwareDecoder(string name) => _name = name;

    /// <summary>What decodes; null: ffmpeg's own decoders. One choice for the whole program, as the number of threads is.</summary>
    internal static HardwareDecoder? Chosen { get; private set; }

    /// <summary>Chooses what decodes.</summary>
    /// <param name="name"><see cref="Auto"/>, <see cref="Software"/> or a name that the installed ffmpeg knows; null: the first.</param>
    /// <exception cref="InputException">ffmpeg knows no such name.</exception>
    /// <exception cref="MissingToolException">There is no ffmpeg.</exception>
    public static void Choose(string? name)
    {
        if (name is not (null or Auto or Software) && !Ffmpeg.HardwareDecoders.Contains(name))
            throw new InputException(
                $"{name}: the installed ffmpeg has no such decoder; it has {string.Join(", ", Ffmpeg.HardwareDecoders)}",
                Remedy.DecodeInSoftware);
        Chosen = name is null or Auto or Software ? null : new HardwareDecoder(name);
    }

    /// <summary>ffmpeg's options before the input.</summary>
    internal string[] Options => ["-hwaccel", _name, "-hwaccel_output_format", _name switch
    {
        "d3d11va" => "d3d11",
        "d3d12va" => "d3d12",
        "drm" => "drm_prime",
        "dxva2" => "dxva2_vld",
        "videotoolbox" => "videotoolbox_vld",
        _ => _name,
    }];

    /// <summary>A filter that fetches frames from the hardware's memory, with a comma behind.</summary>
    internal static string Download(VideoInfo video) => $"hwdownload,format={Format(video)},";

    /// <summary>Sees that it decodes a video, and gives the frames that ffmpeg's own decoder gives.</summary>
    /// <exception cref="InputException">It does not.</exception>
    internal void Check(VideoInfo video, CancellationToken ct)
    {
        (string, string, string, int, int) kind = (_name, video.Codec, video.PixelFormat, video.DecodedWidth, video.DecodedHeight);
        string? fault;
        lock (Checked)
        {
            if (!Checked.TryGetValue(kind, out fault))
                Checked[kind] = fault = Compare(video, ct);
        }
        if (fault is not null)
            throw new InputException($"{video.Path}: {fault}", Remedy.DecodeInSoftware);
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    // In what form hardware gives what a decoder of software would give as planes; null: in none.
    private static string? Format(VideoInfo video) => video.PixelFormat switch
    {
        "yuv420p" or "yuvj420p" or "nv12" => "nv12",
        "yuv420p10le" or "p010le" => "p010le",
        _ => null,
    };

    // What is wrong; null: nothing.
    private string? Compare(VideoInfo video, CancellationToken ct)
    {
        if (Format(video) is null)
            return $"expected yuv420p of 8 or 10 bits for the decoder {_name}, found {video.PixelFormat}";
        long[] numbers = [.. Enumerable.Range(0, ComparedFrames)];
        using FrameReader expected = FrameReader.OpenWith(video, null, numbers, ct), found = FrameReader.OpenWith(video, this, numbers, ct);
        byte[] expectedRgb = new byte[checked(video.DecodedWidth * video.DecodedHeight * 3)], rgb = new byte[expectedRgb.Length];
        for (int frame = 0; expected.Read(expectedRgb, out _); frame++)
        {
            if (!IsRead(found, rgb))
                return $"{_name} decodes {frame} of its first frames{VideoProbe.Because(found.FirstComplaint)}";
            if (!rgb.AsSpan().SequenceEqual(expectedRgb))
                return $"frame {frame} is another one as {_name} decodes it";
        }
        return null;
    }

    private static bool IsRead(FrameReader reader, byte[] rgb)
    {
        try
        {
            return reader.Read(rgb, out _);
        }
        catch (InputException)
        {
            return false;
        }
    }
}
