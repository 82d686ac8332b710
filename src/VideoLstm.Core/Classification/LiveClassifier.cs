using System.Collections.Concurrent;
using System.Globalization;
using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Classification;

/// <summary>
/// Labels what happens now, window by window, in constant memory for as long as it lasts. A connection that breaks is made again; a window is
/// never of frames of two connections. Where frames come faster than this machine can take them, some are left out, and it is said.
/// </summary>
/// <param name="model">The classifier.</param>
/// <param name="info">What it says of itself.</param>
/// <param name="extractor">Where its features come from; null for one that sees frames.</param>
public sealed class LiveClassifier(Network model, CheckpointInfo info, FeatureExtractor? extractor)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenRemarks = TimeSpan.FromMinutes(1);

    /// <summary>Labels until the source ends, which only the standard input and recordings do, or the work is stopped.</summary>
    /// <param name="source">Where frames come from.</param>
    /// <param name="stride">Frames from the start of a window to that of the next, at most a window's length; null: that length.</param>
    /// <param name="onLabel">Told of each window, as soon as it is judged.</param>
    /// <param name="onRemark">Told in one line what happens to the connection.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The first connection fails, or the stride is longer than a window.</exception>
    /// <exception cref="HostRefusedException">The source leads to a host that it must not lead to.</exception>
    public void Run(LiveSource source, long? stride, Action<LiveLabel> onLabel, Action<string> onRemark, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(onRemark);
        bool isFirst = true;
        TimeSpan wait = FirstWait;
        while (true)
        {
            string end;
            try
            {
                (bool isOver, end) = RunConnection(source, stride, onLabel, onRemark, ct);
                if (isOver)
                    return;
                (isFirst, wait) = (false, FirstWait);
            }
            catch (InputException e) when (!isFirst && e is not HostRefusedException)
            {
                end = e.Message;
            }
            onRemark(string.Create(CultureInfo.InvariantCulture, $"{end}; connecting again in {wait.TotalSeconds:0} s"));
            if (ct.WaitHandle.WaitOne(wait))
                ct.ThrowIfCancellationRequested();
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private (bool IsOver, string End) RunConnection(LiveSource source, long? stride, Action<LiveLabel> onLabel, Action<string> onRemark, CancellationToken ct)
    {
        // What loading, and each connection, leaves behind is large, and by itself would be collected only after many of them.
        GC.Collect();
        WindowPredictor predictor = WindowPredictor.Create(model, info, extractor, oneByOne: true);
        long window = Math.Max(info.ClipFrames, predictor.Frames);
        if (stride > window)
            throw new InputException($"a stride of {stride} frames would leave frames out: a window is {window} frames long; give at most that");
        var plan = new WindowPlan(window, predictor.Frames, info.Sequences.Sampling, stride ?? window);

        using var connection = new Connection(source, plan, info.Sequences, ct);
        var lastRemark = DateTimeOffset.MinValue;
        long next = 0;
        predictor.Run(connection.Next, frame =>
        {
            while (plan.FramesFrom(plan.Start(next))[^1] <= frame)
                JudgeNext(plan.FramesFrom(plan.Start(next)), plan.Start(next));
            predictor.Forget(Math.Min(plan.Start(next), frame - window));
            if (connection.Dropped > 0 && DateTimeOffset.Now - lastRemark > BetweenRemarks)
            {
                lastRemark = DateTimeOffset.Now;
                onRemark(string.Create(CultureInfo.InvariantCulture, $"{source.Name}: comes faster than this machine can take it: {connection.Dropped} of {connection.Needed} frames left out; smaller pictures in training or --precision int8 would help"));
            }
        }, ct);
        // What a recording ends with is labelled together with the frames before, as in a file.
        bool isOver = source.IsStandardInput || (connection.StatesDuration && connection.Complaint is null);
        if (isOver && connection.Frames < predictor.Frames)
            throw new InputException($"{source.Name}: is too short: {connection.Frames} frames, the classifier needs at least {predictor.Frames}");
        if (isOver && connection.Frames < window)
            JudgeNext(plan.Shortened(connection.Frames).FramesFrom(0), 0);
        else if (isOver && (next == 0 || plan.Start(next - 1) + window < connection.Frames))
            JudgeNext(plan.FramesFrom(connection.Frames - window), connection.Frames - window);
        return (isOver, $"{source.Name}: the connection ended after {connection.Frames} frames{VideoProbe.Because(connection.LastComplaint)}");

        void JudgeNext(long[] frames, long first)
        {
            next++;
            predictor.Choose(frames);
            float[] probabilities = predictor.Predict()[0];
            (DateTimeOffset firstArrived, double firstSeconds) = connection.Arrival(first);
            (DateTimeOffset lastArrived, double lastSeconds) = connection.Arrival(frames[^1]);
            onLabel(new LiveLabel(firstArrived, lastArrived, firstSeconds, lastSeconds, probabilities, DateTimeOffset.Now - lastArrived));
        }
    }

    /// <summary>
    /// Reads frames as they come, on a thread of its own, and holds the few that wait for the network. What happens now does not wait: a frame
    /// for which there is no room is dropped.
    /// </summary>
    private sealed class Connection : IDisposable
    {
        // A connection may begin with all that the other side has kept.
        private const int RoomBytes = 48 << 20, LeastRoom = 8, MostRoom = 128;

        private readonly BlockingCollection<(long Number, byte[] Rgb)> _waiting;
        private readonly ConcurrentBag<byte[]> _free = [];
        private readonly Queue<(DateTimeOffset Arrived, double Seconds)> _arrivals = [];
        private readonly CancellationTokenSource _stop;
        private readonly FrameReader _reader;
        private readonly Thread _thread;
        private Exception? _fault;
        private long _frames;
        private long _dropped;
        private long _needed;

        public Connection(LiveSource source, WindowPlan plan, SequenceSpec frames, CancellationToken ct)
        {
            int frameBytes = frames.Height * frames.Width * 3, room = Math.Clamp(RoomBytes / frameBytes, LeastRoom, MostRoom);
            _waiting = new BlockingCollection<(long, byte[])>(room);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _reader = FrameReader.Open(source, frames.Height, frames.Width, frames.Fit, _stop.Token);
            _thread = new Thread(() => Read(plan, frameBytes, room, mayDrop: !source.IsStandardInput)) { IsBackground = true, Name = "live frames" };
            _thread.Start();
        }

        /// <inheritdoc cref="FrameReader.StatesDuration"/>
        public bool StatesDuration => _reader.StatesDuration;

        /// <inheritdoc cref="FrameReader.Complaint"/>
        public string? Complaint => _reader.Complaint;

        /// <inheritdoc cref="FrameReader.LastComplaint"/>
        public string? LastComplaint => _reader.LastComplaint;

        /// <summary>Frames that have come.</summary>
        public long Frames => Interlocked.Read(ref _frames);

        /// <summary>Frames that the network was to see, and those of them that were left out.</summary>
        public long Needed => Interlocked.Read(ref _needed);

        /// <inheritdoc cref="Needed"/>
        public long Dropped => Interlocked.Read(ref _dropped);

        /// <summary>The next frame that a window is judged by.</summary>
        public bool Next(Span<byte> rgb, out long frame)
        {
            if (!_waiting.TryTake(out (long Number, byte[] Rgb) taken, Timeout.Infinite, _stop.Token))
            {
                if (_fault is not null)
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_fault);
                frame = 0;
                return false;
            }
            taken.Rgb.CopyTo(rgb);
            _free.Add(taken.Rgb);
            frame = taken.Number;
            return true;
        }

        /// <summary>When a frame of the last windows came, and its time by the stream's clock, seconds.</summary>
        public (DateTimeOffset Arrived, double Seconds) Arrival(long frame)
        {
            lock (_arrivals)
                return _arrivals.ElementAt((int)Math.Clamp(frame - (Frames - _arrivals.Count), 0, _arrivals.Count - 1));
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _reader.Dispose();
            _stop.Dispose();
            _waiting.Dispose();
        }

        private void Read(WindowPlan plan, int frameBytes, int room, bool mayDrop)
        {
            // The windows that are judged, and what waits.
            long kept = 2 * plan.Window + 2 * room * plan.Window / plan.Length;
            try
            {
                byte[] rgb = new byte[frameBytes];
                while (_reader.Read(rgb, out double seconds))
                {
                    long number;
                    lock (_arrivals)
                    {
                        _arrivals.Enqueue((DateTimeOffset.Now, seconds));
                        if (_arrivals.Count > kept)
                            _arrivals.Dequeue();
                        number = _frames++;
                    }
                    if (!plan.IsNeeded(number))
                        continue;
                    Interlocked.Increment(ref _needed);
                    if (_waiting.TryAdd((number, rgb), mayDrop ? 0 : Timeout.Infinite, _stop.Token))
                        rgb = _free.TryTake(out byte[]? free) ? free : new byte[frameBytes];
                    else
                        Interlocked.Increment(ref _dropped);
                }
            }
            catch (OperationCanceledException)
            {
                // Whoever stopped us knows.
            }
            catch (Exception e)
            {
                _fault = e;
            }
            finally
            {
                _waiting.CompleteAdding();
            }
        }
    }
}
