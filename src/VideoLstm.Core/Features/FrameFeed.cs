using System.Collections.Concurrent;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Features;

/// <summary>
/// Frames of many clips for one network: several threads decode, a clip each, and whatever frame is there is handed on. Frames of one clip
/// come in its order, those of several in any.
/// </summary>
/// <typeparam name="TTag">What is to be known of a frame.</typeparam>
/// <remarks>
/// The memory is that of <see cref="FramesAhead"/> frames a decoder, of large frames only as many as <see cref="MostBytes"/> hold, but one
/// for each decoder.
/// </remarks>
internal sealed class FrameFeed<TTag> : IDisposable
{
    private const int FramesAhead = 4;
    private const long MostBytes = 128 << 20;

    private readonly BlockingCollection<byte[]> _free = [];
    private readonly BlockingCollection<(byte[] Rgb, TTag Tag)> _decoded = [];
    private readonly WorkerGroup _workers;
    private readonly BusyClock _busy;
    private int _nextClip = -1;
    private int _decoding;

    /// <summary>Begins to decode.</summary>
    /// <param name="clips">Number of clips.</param>
    /// <param name="decoders">How many are decoded at a time.</param>
    /// <param name="frameBytes">Size of a frame.</param>
    /// <param name="decode">
    /// Decodes the clip of a number from 0, until it is told to stop, on one of several threads. What it throws ends them all.
    /// </param>
    /// <param name="ct">Stops them.</param>
    public FrameFeed(int clips, int decoders, int frameBytes, Action<int, Sink, CancellationToken> decode, CancellationToken ct)
    {
        _busy = new BusyClock(decoders);
        _decoding = decoders;
        for (long i = Math.Clamp(MostBytes / frameBytes, decoders, FramesAhead * decoders); i > 0; i--)
            _free.Add(new byte[frameBytes], CancellationToken.None);
        _workers = new WorkerGroup(ct);
        for (int i = 0; i < decoders; i++)
            _workers.Start(() => Decode(clips, decode));
    }

    /// <summary>Seconds that the decoders would have taken, never waiting for the network.</summary>
    public double DecodingSeconds => _busy.Seconds;

    /// <summary>The next frame of any clip: a <see cref="FrameSource{TTag}"/>.</summary>
    public bool Next(Span<byte> rgb, out TTag tag)
    {
        if (!_workers.TryTake(_decoded, out (byte[] Rgb, TTag Tag) frame))
        {
            _workers.Finish();
            tag = default!;
            return false;
        }
        frame.Rgb.CopyTo(rgb);
        tag = frame.Tag;
        _free.Add(frame.Rgb, CancellationToken.None);
        return true;
    }

    /// <summary>Ends the decoders.</summary>
    public void Dispose()
    {
        _workers.Dispose();
        _free.Dispose();
        _decoded.Dispose();
    }

    private void Decode(int clips, Action<int, Sink, CancellationToken> decode)
    {
        var sink = new Sink(this);
        while (Interlocked.Increment(ref _nextClip) is var clip && clip < clips)
        {
            _workers.Stopped.ThrowIfCancellationRequested();
            _busy.Begin();
            decode(clip, sink, _workers.Stopped);
            _busy.End();
        }
        if (Interlocked.Decrement(ref _decoding) == 0)
            _decoded.CompleteAdding();
    }

    private byte[] TakeFree()
    {
        _busy.End();
        byte[] rgb = _free.Take(_workers.Stopped);
        _busy.Begin();
        return rgb;
    }

    /// <summary>Where one decoder puts its frames.</summary>
    public sealed class Sink(FrameFeed<TTag> feed)
    {
        private byte[]? _rgb;

        /// <summary>Where the next frame goes, RGB <c>[height, width, 3]</c>.</summary>
        public byte[] Rgb => _rgb ??= feed.TakeFree();

        /// <summary>Hands it on.</summary>
        public void Add(TTag tag)
        {
            feed._decoded.Add((Rgb, tag), CancellationToken.None);
            _rgb = null;
        }
    }
}
