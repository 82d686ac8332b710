using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VideoLstm.Core.Features;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Features;

/// <summary>Downloads from a server of the test's own on 127.0.0.1 that misbehaves as told.</summary>
public sealed class WeightsStoreTests : IDisposable
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Downloads_into_the_cache_and_finds_it_there_the_next_time()
    {
        using var server = new Server(Content);
        WeightsStore store = Store(server.Url);

        Assert.Null(store.Find());
        WeightsLocation fetched = await store.FetchAsync();
        Assert.Equal(store.CacheFile, fetched.Path);
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
        Assert.Equal(["weights.h5"], FilesInCache(store));

        Assert.Equal("our cache", (await store.FetchAsync()).From);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Resumes_where_the_connection_broke()
    {
        using var server = new Server(Content) { BreakAfter = 100_000, Breaks = 1 };
        var seen = new List<long>();
        WeightsLocation fetched = await Store(server.Url).FetchAsync(new Seen(seen));
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
        Assert.Equal(2, server.Requests);
        Assert.StartsWith("bytes=", server.LastRange, StringComparison.Ordinal);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(Content.Length, seen[^1]);
    }

    [Fact]
    public async Task Resumes_where_the_connection_was_reset()
    {
        using var server = new Server(Content) { BreakAfter = 100_000, Breaks = 2, Reset = true };
        Assert.Equal(Content, File.ReadAllBytes((await Store(server.Url).FetchAsync()).Path));
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task A_line_that_breaks_often_is_good_enough_as_long_as_it_gets_on()
    {
        byte[] large = RandomNumberGenerator.GetBytes(10_000_000);
        using var server = new Server(large) { BreakAfter = 1_200_000, Breaks = 8 };
        Assert.Equal(large, File.ReadAllBytes((await Store(server.Url, content: large).FetchAsync()).Path));
        Assert.Equal(9, server.Requests);
    }

    [Fact]
    public async Task A_line_that_breaks_and_never_gets_on_is_given_up()
    {
        byte[] large = RandomNumberGenerator.GetBytes(10_000_000);
        using var server = new Server(large) { BreakAfter = 1_200_000, Breaks = int.MaxValue, IgnoreRange = true };
        await Assert.ThrowsAsync<InputException>(() => Store(server.Url, content: large).FetchAsync());
        Assert.InRange(server.Requests, 4, 5);
    }

    [Fact]
    public async Task A_download_that_was_killed_at_its_very_end_is_taken_as_it_is()
    {
        using var server = new Server(Content);
        WeightsStore store = Store(server.Url);
        File.WriteAllBytes(_folder.File("cache", "weights.h5.partial"), Content);
        File.WriteAllText(_folder.File("cache", "weights.h5.partial.etag"), server.ETag);
        Assert.Equal(Content, File.ReadAllBytes((await store.FetchAsync()).Path));
        Assert.Equal(0, server.Sent);
    }

    [Fact]
    public async Task A_partial_file_longer_than_the_servers_is_not_resumed()
    {
        using var server = new Server(Content);
        WeightsStore store = Store(server.Url);
        File.WriteAllBytes(_folder.File("cache", "weights.h5.partial"), [.. Content, 1]);
        File.WriteAllText(_folder.File("cache", "weights.h5.partial.etag"), server.ETag);
        Assert.Equal(Content, File.ReadAllBytes((await store.FetchAsync()).Path));
    }

    [Fact]
    public async Task Resumes_what_an_earlier_run_left()
    {
        using var server = new Server(Content) { BreakAfter = 50_000, Breaks = int.MaxValue };
        await Assert.ThrowsAsync<InputException>(() => Store(server.Url).FetchAsync());
        server.Breaks = 0;
        server.Sent = 0;
        WeightsLocation fetched = await Store(server.Url).FetchAsync();
        Assert.Equal(Content, File.ReadAllBytes(fetched.Path));
        Assert.True(server.Sent < Content.Length, "nothing was resumed");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Starts_again_where_the_server_cannot_resume_or_has_another_file(bool ignoreRange, bool changed)
    {
        using var server = new Server(changed ? [.. Content.Reverse()] : Content) { BreakAfter = 50_000, Breaks = int.MaxValue, ETag = "\"old\"" };
        await Assert.ThrowsAsync<InputException>(() => Store(server.Url).FetchAsync());
        server.Content = Content;
        server.ETag = changed ? "\"new\"" : "\"old\"";
        server.IgnoreRange = ignoreRange;
        server.Breaks = 0;
        Assert.Equal(Content, File.ReadAllBytes((await Store(server.Url).FetchAsync()).Path));
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_and_nothing_stays()
    {
        using var server = new Server([.. Content.Reverse()]);
        WeightsStore store = Store(server.Url);
        InputException error = await Assert.ThrowsAsync<InputException>(() => store.FetchAsync());
        Assert.Contains("digest", error.Message, StringComparison.Ordinal);
        Assert.Empty(FilesInCache(store));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_and_a_missing_file_is_not()
    {
        using var busy = new Server(Content) { Status = 503, Failures = 2 };
        Assert.Equal(Content, File.ReadAllBytes((await Store(busy.Url).FetchAsync()).Path));
        Assert.Equal(3, busy.Requests);

        using var gone = new Server(Content) { Status = 404, Failures = int.MaxValue };
        WeightsStore store = Store(gone.Url, "other");
        InputException error = await Assert.ThrowsAsync<InputException>(() => store.FetchAsync());
        Assert.Equal(1, gone.Requests);
        Assert.Contains(gone.Url.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(store.CacheFile, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task No_server_is_one_line()
    {
        Uri url;
        using (var server = new Server(Content))
            url = server.Url;
        WeightsStore store = Store(url);
        InputException error = await Assert.ThrowsAsync<InputException>(() => store.FetchAsync());
        Assert.Equal(Remedy.NameInception, error.Remedy);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(FilesInCache(store));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_at_once()
    {
        using var server = new Server(Content) { Certificate = SelfSigned() };
        InputException error = await Assert.ThrowsAsync<InputException>(() => Store(new UriBuilder(server.Url) { Scheme = "https" }.Uri).FetchAsync());
        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task More_than_expected_is_not_downloaded()
    {
        using var stated = new Server(new byte[2_000_000]);
        Assert.Contains("at most", (await Assert.ThrowsAsync<InputException>(() => Store(stated.Url).FetchAsync())).Message, StringComparison.Ordinal);
        using var unstated = new Server(new byte[2_000_000]) { HideLength = true };
        Assert.Contains("more than", (await Assert.ThrowsAsync<InputException>(() => Store(unstated.Url, "other").FetchAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        using var server = new Server(Content) { BreakAfter = 1000, Breaks = int.MaxValue, Silent = true };
        InputException error = await Assert.ThrowsAsync<InputException>(() => Store(server.Url, stallMilliseconds: 200).FetchAsync());
        Assert.Contains("sends nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_at_once_download_once()
    {
        using var server = new Server(Content);
        WeightsLocation[] both = await Task.WhenAll(Task.Run(() => Store(server.Url).FetchAsync()), Task.Run(() => Store(server.Url).FetchAsync()));
        Assert.All(both, b => Assert.Equal(Content, File.ReadAllBytes(b.Path)));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Waits_for_the_download_of_another_process_and_shows_how_far_it_is()
    {
        using var server = new Server(Content);
        WeightsStore store = Store(server.Url);
        var seen = new List<long>();
        Task<WeightsLocation> waiting;
        using (new FileStream(_folder.File("cache", "weights.h5.lock"), FileMode.Create, FileAccess.Write, FileShare.None))
        {
            File.WriteAllBytes(_folder.File("cache", "weights.h5.partial"), Content[..1234]);
            waiting = store.FetchAsync(new Seen(seen));
            while (!seen.Contains(1234))
            {
                Assert.False(waiting.IsCompleted, "did not wait");
                await Task.Delay(10);
            }
            Assert.Equal(0, server.Requests);
        }
        Assert.Equal(Content, File.ReadAllBytes((await waiting).Path));
    }

    [Fact]
    public async Task Can_be_cancelled_and_keeps_what_it_has()
    {
        using var server = new Server(Content) { BreakAfter = 1000, Breaks = 1, Silent = true };
        using var cancel = new CancellationTokenSource();
        var seen = new Seen([], bytes =>
        {
            if (bytes == 1000)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store(server.Url).FetchAsync(seen, cancel.Token));
        Assert.Equal(Content, File.ReadAllBytes((await Store(server.Url).FetchAsync()).Path));
        Assert.Equal("bytes=1000-", server.LastRange);
    }

    [Fact]
    public void Looks_into_Keras_and_torchs_caches()
    {
        var folders = new WeightsFolders(_folder.File("ours", "x"), _folder.Path + "/keras", _folder.Path + "/torch");
        var store = new WeightsStore(folders: folders);
        File.WriteAllText(_folder.File("torch", "inception_v3_google-0cc3c7bd.pth"), "");
        Assert.Equal("torch hub's cache", store.Find()!.From);
        File.WriteAllText(_folder.File("keras", WeightsSource.KerasInceptionV3.FileName), "");
        Assert.Equal("Keras' cache", store.Find()!.From);
    }

    [Fact]
    public async Task Plain_http_to_another_machine_is_refused()
    {
        InputException error = await Assert.ThrowsAsync<InputException>(() => Store(new Uri("http://weights.invalid/x")).FetchAsync());
        Assert.Contains("https", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_made_is_one_line()
    {
        File.WriteAllText(_folder.File("file"), "");
        var store = new WeightsStore(folders: new WeightsFolders(Path.Combine(_folder.Path, "file", "cache"), _folder.Path, _folder.Path));
        InputException error = await Assert.ThrowsAsync<InputException>(() => store.FetchAsync());
        Assert.Contains(store.CacheFile, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("weights.h5.lock")]
    [InlineData("weights.h5.partial")]
    public async Task A_cache_that_cannot_be_written_is_one_line(string folderInTheWay)
    {
        using var server = new Server(Content);
        Directory.CreateDirectory(_folder.File("cache", folderInTheWay));
        Task<WeightsLocation> fetch = Store(server.Url).FetchAsync();
        await Assert.ThrowsAsync<InputException>(() => fetch.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Keras_file_is_the_one_that_keras_applications_publishes()
    {
        WeightsSource source = WeightsSource.KerasInceptionV3;
        Assert.Equal(Uri.UriSchemeHttps, source.Url.Scheme);
        Assert.EndsWith("/" + source.FileName, source.Url.AbsolutePath, StringComparison.Ordinal);
        Assert.Equal("bcbd6486424b2319ff4ef7d526e38f63", source.Md5);
    }

    [Fact]
    public void Folders_follow_the_environment()
    {
        var set = new Dictionary<string, string> { ["KERAS_HOME"] = "/k", ["TORCH_HOME"] = "/t", ["XDG_CACHE_HOME"] = "/x" };
        WeightsFolders Folders() => WeightsFolders.By(name => set.GetValueOrDefault(name), home: "/home/u", localData: null);

        Assert.Equal(new WeightsFolders(Full("/x/vlstm"), Full("/k/models"), Full("/t/hub/checkpoints")), Folders());
        set["VLSTM_CACHE"] = "/v";
        Assert.Equal(Full("/v"), Folders().Cache);
        set.Clear();
        Assert.Equal(new WeightsFolders(Full("/home/u/.cache/vlstm"), Full("/home/u/.keras/models"), Full("/home/u/.cache/torch/hub/checkpoints")), Folders());
        set["XDG_CACHE_HOME"] = "relative";
        Assert.Equal(Full("/home/u/.cache/vlstm"), Folders().Cache);
        set["VLSTM_CACHE"] = "relative";
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "relative"), Folders().Cache);
        Assert.Equal(Full("/local/vlstm"), WeightsFolders.By(_ => null, home: "/home/u", localData: "/local").Cache);

        static string Full(string path) => Path.GetFullPath(path);
    }

    // The lock stays, so that nobody waits for a file that is no longer the lock.
    private static IEnumerable<string?> FilesInCache(WeightsStore store) =>
        Directory.GetFiles(Path.GetDirectoryName(store.CacheFile)!).Select(Path.GetFileName).Except(["weights.h5.lock"]);

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private WeightsStore Store(Uri url, string cache = "cache", int stallMilliseconds = 10_000, byte[]? content = null)
    {
        content ??= Content;
#pragma warning disable CA5351
        var source = new WeightsSource(url, "weights.h5", Convert.ToHexStringLower(MD5.HashData(content)), LargestBytes: Math.Max(1_000_000, content.Length));
#pragma warning restore CA5351
        var folders = new WeightsFolders(Path.Combine(_folder.Path, cache), Path.Combine(_folder.Path, "keras"), Path.Combine(_folder.Path, "torch"));
        return new WeightsStore(source, folders, stall: TimeSpan.FromMilliseconds(stallMilliseconds), pause: TimeSpan.FromMilliseconds(1));
    }

    private sealed class Seen(List<long> bytes, Action<long>? then = null) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            bytes.Add(value.Bytes);
            then?.Invoke(value.Bytes);
        }
    }

    /// <summary>Serves one file over HTTP/1.1, one request a connection.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server(byte[] content)
        {
            Content = content;
            _listener.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/weights.h5");
            _ = ServeAsync();
        }

        public Uri Url { get; }
        public byte[] Content { get; set; }
        public string ETag { get; set; } = "\"1\"";
        public int BreakAfter { get; init; }
        public int Breaks { get; set; }
        public bool Silent { get; init; }
        public bool Reset { get; init; }
        public X509Certificate2? Certificate { get; init; }
        public bool IgnoreRange { get; set; }
        public bool HideLength { get; init; }
        public int Status { get; init; }
        public int Failures { get; set; }
        public int Connections { get; private set; }
        public int Requests { get; private set; }
        public long Sent { get; set; }
        public string LastRange { get; private set; } = "";

        public void Dispose()
        {
            _listener.Dispose();
            Certificate?.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    Connections++;
                    try
                    {
                        await using Stream stream = await OpenAsync(client.GetStream());
                        if (await AnswerAsync(stream) && Reset)
                        {
                            await Task.Delay(50);
                            client.Client.LingerState = new LingerOption(true, 0);
                            client.Client.Close();
                        }
                    }
                    catch (Exception e) when (e is IOException or AuthenticationException)
                    {
                        // The client went away.
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }

        private async Task<Stream> OpenAsync(NetworkStream stream)
        {
            if (Certificate is null)
                return stream;
            var secure = new SslStream(stream);
            await secure.AuthenticateAsServerAsync(Certificate);
            return secure;
        }

        // True if the connection is to break.
        private async Task<bool> AnswerAsync(Stream stream)
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            string range = "", ifRange = "";
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                if (line.StartsWith("Range: ", StringComparison.OrdinalIgnoreCase))
                    range = line[7..];
                if (line.StartsWith("If-Range: ", StringComparison.OrdinalIgnoreCase))
                    ifRange = line[10..];
            }
            Requests++;
            LastRange = range;
            if (Failures > 0)
            {
                Failures--;
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                return false;
            }
            int from = range.Length > 0 && !IgnoreRange && ifRange == ETag ? int.Parse(range["bytes=".Length..^1]) : 0;
            if (from >= Content.Length)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 416 No\r\nContent-Range: bytes */{Content.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                return false;
            }
            string head = from > 0 ? $"206 Partial Content\r\nContent-Range: bytes {from}-{Content.Length - 1}/{Content.Length}" : "200 OK";
            string length = HideLength ? "" : $"Content-Length: {Content.Length - from}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\n{length}ETag: {ETag}\r\nConnection: close\r\n\r\n"));
            bool broken = Breaks > 0;
            Breaks -= broken ? 1 : 0;
            ReadOnlyMemory<byte> body = Content.AsMemory(from, broken ? Math.Min(BreakAfter, Content.Length - from) : Content.Length - from);
            await stream.WriteAsync(body);
            Sent += body.Length;
            if (broken && Silent)
                await Task.Delay(500);
            return broken;
        }
    }
}
