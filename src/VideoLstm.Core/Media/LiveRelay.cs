using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Media;

/// <summary>
/// What ffmpeg fetches over http and https goes through here, a proxy on this machine for one ffmpeg: every playlist, segment, key and
/// redirect. So <see cref="LiveHosts"/> holds for all of them. See docs/decisions/0003-live-hosts.md.
/// </summary>
/// <remarks>
/// ffmpeg is given plain http only, and no protocol that could go past a proxy. https://host/ is http://host:443/ to it, in the address,
/// in redirects and in playlists; which hosts and ports are meant so is remembered, and TLS is done here.
/// </remarks>
internal sealed partial class LiveRelay : IDisposable
{
    private const int LongestRequest = 64 << 10, LongestPlaylist = 16 << 20, MostTls = 10_000;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(9);

    // ffmpeg gives up before.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // Of one connection and not of what is fetched (RFC 9110, section 7.6.1), or made anew here.
    private static readonly HashSet<string> NotPassedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "Content-Length", "Location",
    };

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly LiveHosts _hosts;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient _direct, _proxied;
    private readonly ConcurrentDictionary<(string Host, int Port), bool> _tls = [];
    private readonly ConcurrentDictionary<string, bool> _private = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new(), _refused = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="address">What the user named: http or https.</param>
    /// <param name="hosts">Which hosts it may lead to.</param>
    public LiveRelay(string address, LiveHosts hosts)
    {
        _hosts = hosts;
        _direct = Client(useProxy: false);
        _proxied = Client(useProxy: true);
        _listener.Start();
        Address = WithoutTls(address);
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["http_proxy"] = Invariant($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}"),
            // Even an empty one lets names that end with a dot go past.
            ["no_proxy"] = null,
        };
        _ = AcceptAsync();
    }

    /// <summary>What ffmpeg is to open.</summary>
    public string Address { get; }

    /// <summary>Environment variables that ffmpeg needs; null: it must not have it.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>Why a host was refused; null if none was.</summary>
    public HostRefusedException? Refusal { get; private set; }

    /// <summary>Cancelled when a host is refused.</summary>
    public CancellationToken Refused => _refused.Token;

    /// <summary>Why the server asked last could not be reached; null if it was.</summary>
    public string? Failure { get; private set; }

    /// <summary>The system's proxy that an address goes through; null: none. Nobody means a proxy's own loopback.</summary>
    public static Uri? ProxyOf(Uri address) =>
        address.IsLoopback || HttpClient.DefaultProxy.IsBypassed(address) ? null : HttpClient.DefaultProxy.GetProxy(address);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _direct.Dispose();
        _proxied.Dispose();
    }

    private HttpClient Client(bool useProxy)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = useProxy,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectPatience,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, _, _, errors) =>
            // Cameras have certificates of their own making.
            errors == SslPolicyErrors.None || (sender is SslStream stream && _private.ContainsKey(stream.TargetHostName));
        if (!useProxy)
            handler.ConnectCallback = ConnectAsync;
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    // The address that was judged is the one that is connected to: looked up again, the name could have another.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        IPAddress[] addresses = await _hosts.ResolveAsync(context.DnsEndPoint.Host, ct);
        if (!addresses.All(LiveHosts.IsPublic))
            _private[context.DnsEndPoint.Host] = true;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Its ffmpeg has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient connection = client;
        // What is cut off must not look like an end.
        client.LingerState = new LingerOption(enable: true, 0);
        client.NoDelay = true;
        try
        {
            await using NetworkStream stream = client.GetStream();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(Silence);
            if (await ReadRequestAsync(stream, patience.Token) is not { } request)
                return;
            string? failure = await AnswerAsync(stream, request, patience);
            if (failure is not null)
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {failure}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                    patience.Token);
            client.LingerState = new LingerOption(enable: false, 0);
        }
        catch (Exception e) when (
            e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or HttpRequestException
                or InvalidOperationException)
        {
            // One of both sides has ended; ffmpeg sees that it was cut off.
        }
    }

    /// <returns>The status with which it failed; null: it was answered.</returns>
    private async Task<string?> AnswerAsync(NetworkStream stream, HttpRequestMessage request, CancellationTokenSource patience)
    {
        using HttpRequestMessage sent = request;
        HttpResponseMessage response;
        try
        {
            Uri address = request.RequestUri!;
            _hosts.Check(address.IdnHost);
            bool isProxied = ProxyOf(address) is not null;
            if (isProxied)
                await CheckBehindProxyAsync(address.IdnHost, patience.Token);
            response = await (isProxied ? _proxied : _direct).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (Exception e) when ((e as HostRefusedException ?? e.InnerException as HostRefusedException) is { } refusal)
        {
            Refusal ??= refusal;
            _refused.Cancel();
            return "403 Forbidden";
        }
        catch (HttpRequestException e)
        {
            Failure = e.InnerException is { } inner ? inner.Message : e.Message;
            return "502 Bad Gateway";
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            Failure = "it does not answer";
            return "504 Gateway Timeout";
        }
        using HttpResponseMessage received = response;
        Failure = null;
        await PassOnAsync(stream, response, patience);
        return null;
    }

    // The proxy looks names up; what this machine knows of them is all that can be judged here.
    private async Task CheckBehindProxyAsync(string host, CancellationToken ct)
    {
        try
        {
            await _hosts.ResolveAsync(host, ct);
        }
        catch (SocketException)
        {
            // Only the proxy knows it.
        }
    }

    private async Task PassOnAsync(NetworkStream stream, HttpResponseMessage response, CancellationTokenSource patience)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(patience.Token);
        byte[] buffer = new byte[1 << 16];
        int read = await body.ReadAtLeastAsync(buffer.AsMemory(0, 512), 8, throwOnEndOfStream: false, patience.Token);
        byte[]? playlist = IsPlaylist(buffer.AsSpan(0, read))
            ? await ReadPlaylistAsync(body, buffer.AsMemory(0, read), patience.Token)
            : null;

        long? length = playlist?.Length ?? response.Content.Headers.ContentLength;
        bool isChunked = length is null && response.Headers.TransferEncodingChunked == true;
        int status = (int)response.StatusCode;
        var head = new StringBuilder();
        // With another length it is no part of anything any more.
        if (playlist is not null && status == (int)HttpStatusCode.PartialContent)
            status = (int)HttpStatusCode.OK;
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {response.ReasonPhrase}\r\nConnection: close\r\n");
        if (response.Headers.Location is { } location)
            head.Append(CultureInfo.InvariantCulture, $"Location: {WithoutTls(location.OriginalString)}\r\n");
        if (length is not null)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        else if (isChunked)
            head.Append("Transfer-Encoding: chunked\r\n");
        foreach ((string field, System.Net.Http.Headers.HeaderStringValues values)
            in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (NotPassedOn.Contains(field) || (playlist is not null && field is "Content-Range" or "Accept-Ranges"))
                continue;
            foreach (string value in values)
                head.Append(CultureInfo.InvariantCulture, $"{field}: {value}\r\n");
        }
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), patience.Token);
        if (playlist is not null)
        {
            await stream.WriteAsync(playlist, patience.Token);
            return;
        }
        while (read > 0)
        {
            if (isChunked)
                await stream.WriteAsync(Encoding.ASCII.GetBytes(read.ToString("X", CultureInfo.InvariantCulture) + "\r\n"), patience.Token);
            await stream.WriteAsync(buffer.AsMemory(0, read), patience.Token);
            if (isChunked)
                await stream.WriteAsync("\r\n"u8.ToArray(), patience.Token);
            patience.CancelAfter(Silence);
            read = await body.ReadAsync(buffer, patience.Token);
        }
        if (isChunked)
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), patience.Token);
    }

    // HLS; or XML, as DASH is. No media begins so.
    private static bool IsPlaylist(ReadOnlySpan<byte> start) =>
        start.StartsWith("#EXTM3U"u8) || start.TrimStart("\uFEFF \t\r\n"u8).StartsWith("<"u8);

    private async Task<byte[]> ReadPlaylistAsync(Stream body, ReadOnlyMemory<byte> start, CancellationToken ct)
    {
        using var all = new MemoryStream();
        all.Write(start.Span);
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = await body.ReadAsync(buffer, ct)) > 0)
        {
            all.Write(buffer, 0, read);
            if (all.Length > LongestPlaylist)
                throw new IOException("a playlist without end");
        }
        // A byte is a character: whatever it is coded in, it stays.
        return Encoding.Latin1.GetBytes(WithoutTls(Encoding.Latin1.GetString(all.GetBuffer(), 0, (int)all.Length)));
    }

    // https://host/ becomes http://host:443/, wherever an address begins.
    private string WithoutTls(string text) => TlsAddress().Replace(text, match =>
    {
        string host = match.Groups["host"].Value, port = match.Groups["port"] is { Success: true } given ? given.Value : "443";
        if (_tls.Count >= MostTls || !Uri.TryCreate($"https://{host}:{port}/", UriKind.Absolute, out Uri? address))
            return match.Value;
        _tls[(address.IdnHost, address.Port)] = true;
        return $"http://{match.Groups["user"].Value}{host}:{port}";
    });

    private async Task<HttpRequestMessage?> ReadRequestAsync(NetworkStream stream, CancellationToken ct)
    {
        byte[] buffer = new byte[LongestRequest];
        int length = 0, end;
        while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            int read = length < buffer.Length ? await stream.ReadAsync(buffer.AsMemory(length), ct) : 0;
            if (read == 0)
                return null;
            length += read;
        }
        string[] lines = Encoding.Latin1.GetString(buffer, 0, end).Split("\r\n");
        // Whole addresses alone: pages in this machine's browser cannot ask so.
        if (lines[0].Split(' ') is not ["GET", var target, _]
            || !Uri.TryCreate(target, AsWritten, out Uri? address) || address.Scheme != Uri.UriSchemeHttp)
        {
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), ct);
            return null;
        }
        if (_tls.ContainsKey((address.IdnHost, address.Port))
            && !Uri.TryCreate("https" + target["http".Length..], AsWritten, out address))
            return null;
        var request = new HttpRequestMessage(HttpMethod.Get, address)
        {
            Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        foreach (string line in lines.Skip(1))
        {
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [var field, var value] && !NotPassedOn.Contains(field))
                request.Headers.TryAddWithoutValidation(field, value);
        }
        return request;
    }

    [GeneratedRegex(
        """(?<=^|["'>\s])https://(?<user>[^/?#@\s"'<>]*@)?(?<host>\[[0-9a-f:.]+\]|[^:/?#@\s"'<>\[\]]+)(:(?<port>[0-9]{1,5}))?""",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex TlsAddress();
}
