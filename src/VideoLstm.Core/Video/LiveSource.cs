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
    /// Understands <c>-</c> (standard input), the addresses of <see cref="Schemes"/>, <c>/dev/video0</c>, <c>dshow:video=NAME</c> (Windows) and
    /// <c>avfoundation:0</c> (macOS); null for anything else, which is a file.
    /// </summary>
    /// <exception cref="InputException">It is an address of a kind that is not read, or not by this ffmpeg.</exception>
    public static LiveSource? Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "-")
            return new LiveSource("standard input", Ffmpeg.StandardInput(), isStandardInput: true);
        if (Address().Match(name) is { Success: true } address && address.Groups["scheme"].Value != "file" && !File.Exists(name))
            return OfNetwork(name, address.Groups["scheme"].Value.ToLowerInvariant());
        if (name.StartsWith("/dev/video", StringComparison.Ordinal) && OperatingSystem.IsLinux())
            return new LiveSource(name, ["-f", "v4l2", "-i", name]);
        return Device(name, "dshow") ?? Device(name, "avfoundation");
    }

    // A playlist that comes over the network reaches the network, never a file.
    private static LiveSource OfNetwork(string name, string scheme)
    {
        string[]? options = scheme switch
        {
            "rtsp" or "rtsps" => ["-protocol_whitelist", "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto", "-rtsp_flags", "prefer_tcp", TimeoutOption, PatienceMicroseconds],
            "http" or "https" => ["-protocol_whitelist", "http,https,httpproxy,tcp,tls,crypto", "-rw_timeout", PatienceMicroseconds],
            "rtmp" or "rtmps" or "rtmpt" or "rtmpts" => ["-protocol_whitelist", "rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,http,https,tcp,tls,crypto", "-rw_timeout", PatienceMicroseconds],
            "srt" => ["-protocol_whitelist", "srt", "-timeout", PatienceMicroseconds],
            "udp" => ["-protocol_whitelist", "udp", "-timeout", PatienceMicroseconds],
            "rtp" => ["-protocol_whitelist", "rtp,udp", "-rw_timeout", PatienceMicroseconds],
            _ => null,
        };
        if (options is null)
            throw new InputException($"{Credentials().Replace(name, "//")}: {scheme}:// is not read; what is live comes from {string.Join(", ", Schemes.Select(s => s + "://"))} or standard input (-)");
        // rtsp is no protocol to ffmpeg, but a format.
        if (!scheme.StartsWith("rtsp", StringComparison.Ordinal) && !Ffmpeg.HasProtocol(scheme))
            throw new InputException($"{Credentials().Replace(name, "//")}: this ffmpeg cannot read {scheme}://; install a full build of ffmpeg");
        return new LiveSource(name, [.. options, "-i", name]);
    }

    /// <summary>Kinds of addresses on the network.</summary>
    public static IReadOnlyList<string> Schemes { get; } = ["rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "rtp"];

    // Renamed in ffmpeg 5.
    private static string TimeoutOption => Ffmpeg.IsOlderThan(5, 0) ? "-stimeout" : "-timeout";

    private static LiveSource? Device(string name, string format) => name.StartsWith(format + ":", StringComparison.Ordinal)
        ? new LiveSource(name, ["-f", format, "-i", name[(format.Length + 1)..]])
        : null;

    [GeneratedRegex("//[^/]*@")]
    private static partial Regex Credentials();

    // A letter alone is a drive of Windows.
    [GeneratedRegex("^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+)://", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
