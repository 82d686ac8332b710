using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Tests.Classification;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Media;

/// <summary>Where a live address may lead. Both servers are on this machine: one is called by its number, the other by its name.</summary>
public sealed class LiveHostsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Server _own = new("127.0.0.1"), _other = new("localhost");

    public LiveHostsTests() => _other.Say("video.ts", Video());

    public void Dispose()
    {
        _own.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("64:ff9b::101:101", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::1", false)]
    public void Addresses_of_the_internet_and_others(string address, bool isPublic) => Assert.Equal(isPublic, LiveHosts.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("CDN.Example.org.", "cdn.example.org")]
    [InlineData(" 192.168.1.20", "192.168.1.20")]
    [InlineData("::FFFF:10.0.0.1", "10.0.0.1")]
    [InlineData("http://example.org", null)]
    [InlineData("example.org:80", null)]
    [InlineData("example.org/live", null)]
    [InlineData("", null)]
    public void Hosts_as_people_write_them(string written, string? host) => Assert.Equal(host, LiveSource.HostOf(written));

    [Fact]
    public async Task A_public_name_that_gets_a_private_address_is_refused()
    {
        IPAddress address = IPAddress.Parse("1.1.1.1");
        var hosts = new LiveHosts("x", "rebound.example", null, (_, _) => Task.FromResult<IPAddress[]>([address]));
        Assert.Equal([address], await hosts.ResolveAsync("rebound.example", default));
        address = IPAddress.Loopback;
        Assert.Equal("rebound.example", (await Assert.ThrowsAsync<HostRefusedException>(() => hosts.ResolveAsync("rebound.example", default))).Host);
        // A camera's name has a private address from the beginning.
        Assert.Equal([address], await new LiveHosts("x", "camera.local", null, (_, _) => Task.FromResult<IPAddress[]>([address])).ResolveAsync("Camera.local.", default));
    }

    [Fact]
    public async Task Of_a_name_with_several_addresses_the_public_ones_are_taken()
    {
        IPAddress[] both = [IPAddress.Loopback, IPAddress.Parse("1.1.1.1")];
        Assert.Equal([both[1]], await new LiveHosts("x", "own.example", null, (_, _) => Task.FromResult(both)).ResolveAsync("cdn.example", default));
        Assert.Equal(both, await new LiveHosts("x", "own.example", ["cdn.example"], (_, _) => Task.FromResult(both)).ResolveAsync("cdn.example", default));
        await Assert.ThrowsAsync<HostRefusedException>(() => new LiveHosts("x", "own.example", ["cdn.example"], (_, _) => Task.FromResult(both)).ResolveAsync("else.example", default));
    }

    [Fact]
    public void A_redirect_to_this_machine_is_refused()
    {
        _own.Redirect("live", _other.Address("video.ts"));
        Assert.Equal($"{_own.Address("live")}: leads to localhost ({Loopback}), an address of this machine or of a private network", Refused("live").Message);
        Assert.Equal("localhost", Refused("live").Host);
        Assert.Empty(_other.Asked);
    }

    [Fact]
    public void A_redirect_is_followed_where_it_is_allowed()
    {
        _own.Redirect("live", _other.Address("video.ts"));
        Assert.NotEmpty(Labels("live", "localhost"));
        // Another port of the same host needs no leave.
        using var third = new Server("127.0.0.1");
        third.Redirect("live", _own.Address("video.ts"));
        _own.Say("video.ts", Video());
        Assert.NotEmpty(Labels(third.Address("live")));
    }

    [Fact]
    public void A_host_that_is_not_in_the_list_is_refused()
    {
        _own.Redirect("live", _other.Address("video.ts"));
        Assert.Contains("leads to localhost, a host that is not allowed", Refused("live", "example.org").Message, StringComparison.Ordinal);
        Assert.Empty(_other.Asked);
    }

    [Fact]
    public void A_segment_of_a_playlist_on_this_machine_is_refused()
    {
        _own.Say("video.ts", Video());
        _own.Say("live.m3u8", Playlist("video.ts", _other.Address("video.ts")));
        Assert.Equal("localhost", Refused("live.m3u8").Host);
        Assert.Empty(_other.Asked);
        Assert.NotEmpty(Labels("live.m3u8", "localhost"));
        Assert.NotEmpty(_other.Asked);
    }

    [Fact]
    public void A_key_of_a_playlist_on_this_machine_is_refused()
    {
        _own.Say("video.ts", Video());
        _own.Say("live.m3u8", Encoding.ASCII.GetBytes($"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI=\"{_other.Address("key")}\"\n#EXTINF:1.24,\nvideo.ts\n#EXT-X-ENDLIST\n"));
        Assert.Equal("localhost", Refused("live.m3u8").Host);
        Assert.Empty(_other.Asked);
    }

    [Theory]
    [InlineData("httpproxy")]
    [InlineData("tcp")]
    [InlineData("crypto+tcp")]
    [InlineData("tls")]
    [InlineData("rtmp")]
    public void No_other_protocol_leads_past(string scheme)
    {
        _own.Say("live.m3u8", Playlist(_other.Address("video.ts").Replace("http", scheme, StringComparison.Ordinal)));
        Assert.Throws<InputException>(() => Labels(_own.Address("live.m3u8"), "localhost"));
        Assert.Empty(_other.Asked);
    }

    [Fact]
    public void The_variable_no_proxy_leads_nothing_past()
    {
        string? before = Environment.GetEnvironmentVariable("no_proxy");
        try
        {
            Environment.SetEnvironmentVariable("no_proxy", "*");
            _own.Redirect("live", _other.Address("video.ts"));
            Assert.Equal("localhost", Refused("live").Host);
        }
        finally
        {
            Environment.SetEnvironmentVariable("no_proxy", before);
        }
    }

    [Fact]
    public void Playlists_and_segments_come_through_tls_too()
    {
        using var secure = new Server("127.0.0.1", withTls: true);
        secure.Say("deep/video.ts", Video());
        secure.Say("second.ts", Video());
        secure.Say("deep/live.m3u8", Playlist("video.ts", secure.Address("second.ts"), "/second.ts"));
        _own.Redirect("live", secure.Address("deep/live.m3u8"));
        Assert.NotEmpty(Labels("live"));
        Assert.Equal(["deep/live.m3u8", "deep/video.ts", "second.ts"], secure.Asked.Distinct().Order(StringComparer.Ordinal));
        secure.Say("to", Playlist(_other.Address("video.ts")));
        Assert.Equal("localhost", Assert.Throws<HostRefusedException>(() => Labels(secure.Address("to"))).Host);
    }

    [Fact]
    public void What_is_not_http_has_no_list()
    {
        Assert.Contains("of http:// and https:// alone", Assert.Throws<InputException>(() => LiveSource.Parse("udp://127.0.0.1:1", ["a.example"])).Message, StringComparison.Ordinal);
        Assert.Contains("is no address", Assert.Throws<InputException>(() => LiveSource.Parse("http://")).Message, StringComparison.Ordinal);
        Assert.Null(LiveSource.Parse("match.mp4", ["a.example"]));
    }

    private static IPAddress Loopback => Dns.GetHostAddresses("localhost")[0];

    private HostRefusedException Refused(string path, params string[] hosts) => Assert.Throws<HostRefusedException>(() => Labels(_own.Address(path), hosts));

    private List<LiveLabel> Labels(string path, params string[] hosts)
    {
        Classifier classifier = BrightnessClassifier.Create(6, 12);
        var labels = new List<LiveLabel>();
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string address = path.Contains("://", StringComparison.Ordinal) ? path : _own.Address(path);
        try
        {
            new LiveClassifier(classifier).Run(LiveSource.Parse(address, hosts.Length == 0 ? null : hosts)!, null, label =>
            {
                labels.Add(label);
                // In all three segments.
                if (labels.Count == 5)
                    enough.Cancel();
            }, _ => enough.Cancel(), enough.Token);
        }
        catch (OperationCanceledException) when (labels.Count > 0)
        {
            // A stream that ends would be connected to again.
        }
        return labels;
    }

    private byte[] Video() => File.ReadAllBytes(MadeClip.Make(_folder.File("video.ts"), "color=white:s=64x64:r=25", "-frames:v", "31", "-c:v", "mpeg2video", "-f", "mpegts"));

    private static byte[] Playlist(params string[] segments) =>
        Encoding.ASCII.GetBytes($"#EXTM3U\n#EXT-X-TARGETDURATION:2\n{string.Concat(segments.Select(s => $"#EXT-X-DISCONTINUITY\n#EXTINF:1.24,\n{s}\n"))}#EXT-X-ENDLIST\n");

    /// <summary>Answers any number of requests.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentDictionary<string, (string Head, byte[] Body)> _answers = new(StringComparer.Ordinal);
        private readonly X509Certificate2? _certificate;
        private readonly string _host;

        public Server(string host, bool withTls = false)
        {
            _host = host;
            if (withTls)
            {
                using var key = RSA.Create(2048);
                using X509Certificate2 made = new CertificateRequest("CN=camera", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
                _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
            }
            _listener.Start();
            _ = AcceptAsync();
        }

        /// <summary>What was asked for; "?" where somebody connected and asked for nothing known.</summary>
        public ConcurrentQueue<string> Asked { get; } = [];

        public string Address(string path) => $"http{(_certificate is null ? "" : "s")}://{_host}:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}";

        public void Say(string path, byte[] body) => _answers[path] = ("200 OK", body);

        public void Redirect(string path, string to) => _answers[path] = ($"302 Found\r\nLocation: {to}", []);

        public void Dispose()
        {
            _listener.Stop();
            _certificate?.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient accepted)
        {
            using TcpClient client = accepted;
            string path = "?";
            try
            {
                await using Stream stream = _certificate is null ? client.GetStream() : new SslStream(client.GetStream());
                if (stream is SslStream secure)
                    await secure.AuthenticateAsServerAsync(_certificate!);
                byte[] request = new byte[8192];
                string asked = Encoding.ASCII.GetString(request, 0, await stream.ReadAsync(request));
                path = asked.Split(' ') is ["GET", ['/', .. var rest], ..] ? rest : "?";
                (string head, byte[] body) = _answers.TryGetValue(path, out (string, byte[]) answer) ? answer : ("404 Not Found", []);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"));
                await stream.WriteAsync(body);
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The other side has enough.
            }
            finally
            {
                Asked.Enqueue(path);
            }
        }
    }
}
