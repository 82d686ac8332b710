using System.Text.RegularExpressions;

namespace VideoLstm.Core.Video;

/// <summary>
/// Where frames come from as they happen: standard input, a stream of the network, a camera. Only what the user names on the command line is
/// ever opened so; no file leads here.
/// </summary>
public sealed partial class LiveSource
{
    private const string PatienceMicroseconds = "10000000";

    private LiveSource(string name, string[] input, bool isStandardInput = false) => (Name, Input, IsStandardInput) = (Credentials().Replace(name, "//"), input, isStandardInput);

    /// <summary>As the user named it, but for a name and password of his.</summary>
    public string Name { get; }

    /// <summary>Whether it is the standard input, which waits for who reads it and cannot be opened again.</summary>
    public bool IsStandardInput { get; }

    /// <summary>ffmpeg's arguments that open it.</summary>
    internal IReadOnlyList<string> Input { get; }

    /// <summary>
    /// Understands <c>-</c> (standard input), <c>rtsp://</c>, <c>rtsps://</c>, <c>http://</c>, <c>https://</c>, <c>/dev/video0</c>, <c>dshow:video=NAME</c> (Windows) and
    /// <c>avfoundation:0</c> (macOS); null for anything else, which is a file.
    /// </summary>
    public static LiveSource? Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "-")
            return new LiveSource("standard input", Ffmpeg.StandardInput(), isStandardInput: true);
        // A playlist that comes over the network reaches the network, never a file.
        if (StartsWith(name, "rtsp://", "rtsps://"))
            return new LiveSource(name, ["-protocol_whitelist", "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto", "-rtsp_flags", "prefer_tcp", TimeoutOption, PatienceMicroseconds, "-i", name]);
        if (StartsWith(name, "http://", "https://"))
            return new LiveSource(name, ["-protocol_whitelist", "http,https,httpproxy,tcp,tls,crypto", "-rw_timeout", PatienceMicroseconds, "-i", name]);
        if (name.StartsWith("/dev/video", StringComparison.Ordinal) && OperatingSystem.IsLinux())
            return new LiveSource(name, ["-f", "v4l2", "-i", name]);
        return Device(name, "dshow") ?? Device(name, "avfoundation");
    }

    // Renamed in ffmpeg 5.
    private static string TimeoutOption => Ffmpeg.IsOlderThan(5, 0) ? "-stimeout" : "-timeout";

    private static LiveSource? Device(string name, string format) => name.StartsWith(format + ":", StringComparison.Ordinal)
        ? new LiveSource(name, ["-f", format, "-i", name[(format.Length + 1)..]])
        : null;

    [GeneratedRegex("//[^/]*@")]
    private static partial Regex Credentials();

    private static bool StartsWith(string name, params string[] schemes) => schemes.Any(s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase));
}
