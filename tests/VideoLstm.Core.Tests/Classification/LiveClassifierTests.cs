using System.Net;
using System.Net.Sockets;
using VideoLstm.Core.Classification;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Tests.Media;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Classification;

public sealed class LiveClassifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_stream_that_breaks_is_connected_to_again_and_no_window_spans_the_break()
    {
        // One dark stream, one cut off in the middle of a packet, one light stream, and then a server that is gone for a while.
        byte[] dark = Stream("black", 60), light = Stream("white", 60);
        using var server = new Server([dark, dark[..(dark.Length / 2)], light, light]);
        Classifier classifier = BrightnessClassifier.Create(6, 12);
        var labels = new List<LiveLabel>();
        var remarks = new List<Finding>();
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        Assert.ThrowsAny<OperationCanceledException>(() => new LiveClassifier(classifier).Run(LiveSource.Parse(server.Address)!, stride: 6, label =>
        {
            labels.Add(label);
            // 9 windows of 12 frames begin in 60 frames every 6.
            if (labels.Count(l => l.Probabilities[0] > 0.99f) == 18)
                enough.Cancel();
        }, remarks.Add, enough.Token));

        Assert.Equal(18, labels.Count(l => l.Probabilities[0] > 0.99f));
        Assert.InRange(labels.Count, 27, 36);
        Assert.All(labels, l => Assert.True(l.Probabilities[0] is < 0.01f or > 0.99f, "a window is of two connections"));
        Assert.All(labels, l => Assert.True(l.Delay >= TimeSpan.Zero && l.Start <= l.End && l.StartSeconds < l.EndSeconds));
        Assert.Equal(3, remarks.Count(r => r.Fact.Contains("the connection ended after", StringComparison.Ordinal)));
        Assert.All(remarks, r => Assert.Contains("connecting again in", r.Fact, StringComparison.Ordinal));
    }

    [Fact]
    public void A_recording_on_a_server_ends_and_its_last_frames_are_labelled()
    {
        string file = MadeClip.Make(_folder.File("recording.mkv"), "color=white:s=16x16:r=25", "-frames:v", "31", "-c:v", "ffv1");
        using var server = new Server([File.ReadAllBytes(file)], statesLength: true);
        Classifier classifier = BrightnessClassifier.Create(6, 12);
        var labels = new List<LiveLabel>();
        new LiveClassifier(classifier).Run(LiveSource.Parse(server.Address)!, null, labels.Add, remark => Assert.Fail(remark.Fact));
        Assert.Equal([0, 0.48, 0.76], labels.Select(l => Math.Round(l.StartSeconds, 2)));
    }

    [Fact]
    public void A_first_connection_that_fails_is_an_error()
    {
        Classifier classifier = BrightnessClassifier.Create(6, 12);
        var live = new LiveClassifier(classifier);
        Assert.Contains("cannot be reached", Assert.Throws<InputException>(() => live.Run(LiveSource.Parse("http://127.0.0.1:9/x")!, null, _ => { }, _ => { })).Message, StringComparison.Ordinal);
        using var server = new Server(["no video"u8.ToArray()]);
        Assert.Contains("no frame can be decoded", Assert.Throws<InputException>(() => live.Run(LiveSource.Parse(server.Address)!, null, _ => { }, _ => { })).Message, StringComparison.Ordinal);
        Assert.Contains("a window is 12 frames long", Assert.Throws<InputException>(() => live.Run(LiveSource.Parse(server.Address)!, 13, _ => { }, _ => { })).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("udp", "udp://127.0.0.1:{0}", "-f mpegts udp://127.0.0.1:{0}")]
    [InlineData("rtp", "rtp://127.0.0.1:{0}", "-f rtp_mpegts rtp://127.0.0.1:{0}")]
    [InlineData("srt", "srt://127.0.0.1:{0}", "-f mpegts srt://127.0.0.1:{0}?mode=listener")]
    [InlineData("rtmp", "rtmp://127.0.0.1:{0}/live/a", "-f flv -listen 1 rtmp://127.0.0.1:{0}/live/a")]
    public void What_is_sent_over_the_network_is_labelled_as_it_comes(string scheme, string address, string sender)
    {
        Skip.IfNot(Ffmpeg.HasProtocol(scheme), $"this ffmpeg has no {scheme}");
        string file = MadeClip.Make(_folder.File("sent.mkv"), "color=white:s=64x48:r=25", "-frames:v", "50", "-c:v", "libx264", "-g", "5", "-bf", "0", "-pix_fmt", "yuv420p");
        int port = FreePort(scheme is "udp" or "rtp" ? SocketType.Dgram : SocketType.Stream);
        string[] to = [.. sender.Split(' ').Select(word => string.Format(System.Globalization.CultureInfo.InvariantCulture, word, port))];
        using var ffmpeg = System.Diagnostics.Process.Start("ffmpeg", ["-nostdin", "-v", "quiet", "-re", "-stream_loop", "-1", "-i", file, "-c", "copy", .. to]);
        try
        {
            Classifier classifier = BrightnessClassifier.Create(6, 12);
            using var enough = new CancellationTokenSource();
            var labels = new List<LiveLabel>();
            // A server that listens is there a moment after it was started.
            var source = LiveSource.Parse(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, port))!;
            for (int tries = 0; labels.Count < 3; tries++)
            {
                try
                {
                    new LiveClassifier(classifier).Run(source, null, label => Take(label), _ => { }, enough.Token);
                }
                catch (OperationCanceledException) when (enough.IsCancellationRequested)
                {
                    break;
                }
                catch (InputException e) when (e.Message.Contains("cannot be reached", StringComparison.Ordinal) && tries < 20)
                {
                    Thread.Sleep(200);
                }
            }
            Assert.Equal(3, labels.Count);
            Assert.All(labels, l => Assert.True(l.Probabilities[0] > 0.99f));

            void Take(LiveLabel label)
            {
                labels.Add(label);
                if (labels.Count == 3)
                    enough.Cancel();
            }
        }
        finally
        {
            ffmpeg.Kill();
            ffmpeg.WaitForExit();
        }
    }

    private static int FreePort(SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [Fact]
    public void A_playlist_from_the_network_reaches_no_file()
    {
        string file = MadeClip.Make(_folder.File("secret.ts"), "color=white:s=16x16:r=25", "-frames:v", "31", "-c:v", "mpeg2video", "-f", "mpegts");
        using var server = new Server([System.Text.Encoding.UTF8.GetBytes($"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.24,\nfile://{file}\n#EXT-X-ENDLIST\n")], path: "list.m3u8");
        Classifier classifier = BrightnessClassifier.Create(6, 12);
        Assert.Throws<InputException>(() => new LiveClassifier(classifier).Run(LiveSource.Parse(server.Address)!, null, _ => Assert.Fail("it was read"), _ => { }));
    }

    [Theory]
    [InlineData("-", "standard input")]
    [InlineData("rtsp://camera/1", "rtsp://camera/1")]
    [InlineData("HTTPS://example.org/live", "HTTPS://example.org/live")]
    [InlineData("rtsp://me:secret@camera/1", "rtsp://camera/1")]
    [InlineData("rtmp://127.0.0.1/live/x", "rtmp://127.0.0.1/live/x")]
    [InlineData("udp://239.0.0.1:1234", "udp://239.0.0.1:1234")]
    [InlineData("dshow:video=A camera", "dshow:video=A camera")]
    [InlineData("avfoundation:0", "avfoundation:0")]
    [InlineData("match.mp4", null)]
    [InlineData("-match.mp4", null)]
    [InlineData("http.mp4", null)]
    [InlineData("file:///etc/passwd", null)]
    [InlineData("concat:a|b", null)]
    public void Only_what_is_named_so_is_live(string name, string? source) => Assert.Equal(source, LiveSource.Parse(name)?.Name);

    private byte[] Stream(string colour, int frames) => File.ReadAllBytes(MadeClip.Make(
        _folder.File(colour + ".ts"), $"color={colour}:s=64x64:r=25", "-frames:v", $"{frames}", "-c:v", "mpeg2video", "-q:v", "1", "-g", "5", "-f", "mpegts"));

    /// <summary>Gives each connection the next of some contents, and then none.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server(byte[][] contents, string path = "live", bool statesLength = false)
        {
            _listener.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}";
            _ = ServeAsync(contents, statesLength);
        }

        public string Address { get; }

        public void Dispose() => _listener.Stop();

        private async Task ServeAsync(byte[][] contents, bool statesLength)
        {
            try
            {
                foreach (byte[] content in contents)
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    await using NetworkStream stream = client.GetStream();
                    _ = await stream.ReadAtLeastAsync(new byte[4096], 1);
                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\n{(statesLength ? $"Content-Length: {content.Length}\r\n" : "")}\r\n"));
                    await stream.WriteAsync(content);
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
