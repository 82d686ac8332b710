using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>
/// Where frames come from as they happen: standard input, a stream of the network, a camera. Only what the user names on the command line
/// is ever opened so; no file leads here.
/// </summary>
public sealed partial class LiveSource
{
    private const string PatienceMicroseconds = "10000000";

    private readonly string[] _options;
    private readonly string _address;
    private readonly LiveHosts? _hosts;

    private LiveSource(string name, string[] options, string address, bool isStandardInput = false, LiveHosts? hosts = null) =>
        (Name, _options, _address, IsStandardInput, _hosts) = (WithoutCredentials(name), options, address, isStandardInput, hosts);

    /// <summary>As the user named it, but for a name and password of his.</summary>
    public string Name { get; }

    /// <summary>Whether it is the standard input, which waits for who reads it and cannot be opened again.</summary>
    public bool IsStandardInput { get; }

    /// <summary>What is to be known before it is opened, in one line; null: nothing.</summary>
    public string? Remark { get; private init; }

    /// <summary>What all that it leads to goes through; null where that cannot be.</summary>
    internal LiveRelay? StartRelay() => _hosts is null ? null : new LiveRelay(_address, _hosts);

    /// <summary>ffmpeg's arguments that open it.</summary>
    internal IReadOnlyList<string> InputThrough(LiveRelay? relay) => [.. _options, "-i", relay?.Address ?? _address];

    /// <summary>
    /// Understands <c>-</c> (standard input), the addresses of <see cref="Schemes"/>, <c>/dev/video0</c>, <c>dshow:video=NAME</c> (Windows)
    /// and <c>avfoundation:0</c> (macOS); null for anything else, which is a file.
    /// </summary>
    /// <param name="name">What the user named.</param>
    /// <param name="allowedHosts">
    /// Of an http or https address: names and addresses of the hosts that it may lead to besides its own, by redirects and playlists; null:
    /// all but this machine and private networks.
    /// </param>
    /// <exception cref="InputException">It is an address of a kind that is not read, or not by this ffmpeg; or hosts are given where they
    /// cannot be checked.</exception>
    public static LiveSource? Parse(string name, IReadOnlyList<string>? allowedHosts = null)
    {
        LiveSource? source = ParseAny(name, allowedHosts);
        if (allowedHosts is not null && source is { _hosts: null })
            throw new InputException($"{source.Name}: which hosts it leads to can be checked of http:// and https:// alone");
        return source;
    }

    /// <summary>The host of a list in its usual form; null if it is no name and no address of a host.</summary>
    public static string? HostOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return LiveHosts.Normalize(text);
    }

    private static LiveSource? ParseAny(string name, IReadOnlyList<string>? allowedHosts)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == "-")
            return new LiveSource("standard input", Ffmpeg.StandardInput()[..^2], Ffmpeg.StandardInput()[^1], isStandardInput: true);
        if (Address().Match(name) is { Success: true } address && address.Groups["scheme"].Value != "file" && !File.Exists(name))
            return OfNetwork(name, address.Groups["scheme"].Value.ToLowerInvariant(), allowedHosts);
        if (name.StartsWith("/dev/video", StringComparison.Ordinal) && OperatingSystem.IsLinux())
            return new LiveSource(name, ["-f", "v4l2"], name);
        return Device(name, "dshow") ?? Device(name, "avfoundation");
    }

    // A playlist that comes over the network reaches the network, never a file.
    private static LiveSource OfNetwork(string name, string scheme, IReadOnlyList<string>? allowedHosts)
    {
        string[]? options = scheme switch
        {
            "rtsp" or "rtsps" =>
                ["-protocol_whitelist", "rtsp,rtsps,rtp,srtp,udp,tcp,tls,crypto", "-rtsp_flags", "prefer_tcp", TimeoutOption,
                    PatienceMicroseconds],
            "http" or "https" =>
            // Through the relay alone: neither https nor httpproxy nor what opens addresses of its own.
            ["-protocol_whitelist", "http,tcp,crypto", "-format_whitelist", Demuxers.Whitelist + ",hls,dash", "-rw_timeout",
                PatienceMicroseconds],
            "rtmp" or "rtmps" or "rtmpt" or "rtmpts" =>
                ["-protocol_whitelist", "rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,http,https,tcp,tls,crypto", "-rw_timeout",
                    PatienceMicroseconds],
            "srt" => ["-protocol_whitelist", "srt", "-timeout", PatienceMicroseconds],
            "udp" => ["-protocol_whitelist", "udp", "-timeout", PatienceMicroseconds],
            // It knows no options, but takes them in its address.
            "rtp" => ["-protocol_whitelist", "rtp,udp"],
            _ => null,
        };
        if (options is null)
            throw new InputException(
                $"{WithoutCredentials(name)}: {scheme}:// is not read; what is live comes from "
                    + $"{string.Join(", ", Schemes.Select(s => s + "://"))} or standard input (-)");
        // rtsp is no protocol to ffmpeg, but a format.
        if (!scheme.StartsWith("rtsp", StringComparison.Ordinal) && !Ffmpeg.HasProtocol(scheme))
            throw new InputException($"{WithoutCredentials(name)}: this ffmpeg cannot read {scheme}://; install a full build of ffmpeg");
        if (scheme is not ("http" or "https"))
            return new LiveSource(name, options, scheme == "rtp" ? WithTimeout(name) : name);
        if (!Uri.TryCreate(name, UriKind.Absolute, out Uri? uri) || uri.IdnHost.Length == 0)
            throw new InputException($"{WithoutCredentials(name)}: is no address; expected one such as {scheme}://example.org/live.m3u8");
        return new LiveSource(name, options, name, hosts: new LiveHosts(WithoutCredentials(name), uri.IdnHost, allowedHosts))
        {
            Remark = LiveRelay.ProxyOf(uri) is { } proxy
                ? $"{WithoutCredentials(name)}: goes through the proxy {proxy.Host}, which looks up names itself: that they lead to no "
                    + "private address is checked only as far as this machine knows them"
                : null,
        };
    }

    /// <summary>Kinds of addresses on the network.</summary>
    public static IReadOnlyList<string> Schemes { get; } = ["rtsp", "rtsps", "http", "https", "rtmp", "rtmps", "srt", "udp", "rtp"];

    // Renamed in ffmpeg 5.
    private static string TimeoutOption => Ffmpeg.IsOlderThan(5, 0) ? "-stimeout" : "-timeout";

    private static LiveSource? Device(string name, string format) => name.StartsWith(format + ":", StringComparison.Ordinal)
        ? new LiveSource(name, ["-f", format], name[(format.Length + 1)..])
        : null;

    private static string WithTimeout(string address) => address.Contains("timeout=", StringComparison.Ordinal)
        ? address
        : $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}timeout={PatienceMicroseconds}";

    private static string WithoutCredentials(string name) => Credentials().Replace(name, "//");

    [GeneratedRegex("//[^/]*@")]
    private static partial Regex Credentials();

    // A letter alone is a drive of Windows.
    [GeneratedRegex("^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+)://", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
