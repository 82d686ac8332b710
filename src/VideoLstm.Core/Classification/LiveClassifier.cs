using System.Collections.Concurrent;
using System.Globalization;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Classification;

/// <summary>
/// Labels what happens now, window by window, in constant memory for as long as it lasts. A connection that breaks is made again; a window
/// is never of frames of two connections. Where frames come faster than this machine can take them, some are left out, and it is said.
/// </summary>
/// <param name="classifier">The classifier.</param>
public sealed class LiveClassifier(Classifier classifier)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenRemarks = TimeSpan.FromMinutes(1);

    /// <summary>Labels until the source ends, which only the standard input and recordings do, or the work is stopped.</summary>
    /// <param name="source">Where frames come from.</param>
    /// <param name="stride">Frames from the start of a window to that of the next, at most a window's length; null: that length.</param>
    /// <param name="onLabel">Told of each window, as soon as it is predicted.</param>
    /// <param name="onRemark">Told in one line what happens to the connection.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The first connection fails, or the stride is longer than a window.</exception>
    /// <exception cref="HostRefusedException">The source leads to a host that it must not lead to.</exception>
    public void Run(LiveSource source, long? stride, Action<LiveLabel> onLabel, Action<Finding> onRemark, CancellationToken ct = default)
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

    private (bool IsOver, string End) RunConnection(LiveSource source, long? stride, Action<LiveLabel> onLabel, Action<Finding> onRemark,
        CancellationToken ct)
    {
        // What loading, and each connection, leaves behind is large, and by itself would be collected only after many of them.
        GC.Collect();
        if (stride > classifier.WindowFrames)
            throw new InputException($"a stride of {stride} frames would leave frames out: a window is {classifier.WindowFrames} frames " +
                $"long; give at most that");
        SequenceSpec sequences = classifier.Info.Sequences;
        var plan = new WindowPlan(classifier.WindowFrames, classifier.FrameCount, sequences.Sampling, stride ?? classifier.WindowFrames);

        using var connection = new Connection(source, plan, sequences, ct);
        var lastRemark = DateTimeOffset.MinValue;
        foreach (PredictedWindow window in WindowPredictor.Create(classifier, oneByOne: true).Over(
            connection, plan, early: true, locates: false, ct))
        {
            (DateTimeOffset firstArrived, double firstSeconds) = connection.Arrival(window.Start);
            (DateTimeOffset lastArrived, double lastSeconds) = connection.Arrival(window.LastFrame);
            onLabel(new LiveLabel(firstArrived, lastArrived, firstSeconds, lastSeconds, window.Probabilities,
                DateTimeOffset.Now - lastArrived) { Novelty = window.Novelty });
            if (connection.Dropped > 0 && DateTimeOffset.Now - lastRemark > BetweenRemarks)
            {
                lastRemark = DateTimeOffset.Now;
                string fact = string.Create(CultureInfo.InvariantCulture, $"{connection.Dropped} of {connection.Needed} frames left out");
                onRemark(new Finding($"{source.Name}: comes faster than this machine can take it: {fact}", Remedy.TakeFasterFeatures));
            }
        }
        return (connection.IsOver,
            $"{source.Name}: the connection ended after {connection.Frames} frames{VideoProbe.Because(connection.LastComplaint)}");
    }

    /// <summary>
    /// Reads frames as they come, on a thread of its own, and holds the few that wait for the network. What happens now does not wait: a
    /// frame for which there is no room is dropped.
    /// </summary>
    private sealed class Connection : IFrameFeed, IDisposable
    {
        // A connection may begin with all that the other side has kept.
        private const int RoomBytes = 48 << 20, LeastRoom = 8, MostRoom = 128;

        private readonly BlockingCollection<(long Number, byte[] Rgb)> _waiting;
        private readonly ConcurrentBag<byte[]> _free = [];
        private readonly Queue<(DateTimeOffset Arrived, double Seconds)> _arrivals = [];
        private readonly CancellationTokenSource _stop;
        private readonly LiveSource _source;
        private readonly int _least;
        private readonly FrameReader _reader;
        private readonly Thread _thread;
        private Exception? _fault;
        private long _frames;
        private long _dropped;
        private long _needed;

        public Connection(LiveSource source, WindowPlan plan, SequenceSpec frames, CancellationToken ct)
        {
            var clips = FrameClips.Of(frames);
            int frameBytes = clips?.Bytes ?? frames.Height * frames.Width * 3,
                room = Math.Clamp(RoomBytes / frameBytes, LeastRoom, MostRoom);
            (_source, _least) = (source, plan.Length);
            _waiting = new BlockingCollection<(long, byte[])>(room);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _reader = FrameReader.Open(source, frames.Height, frames.Width, frames.Fit, _stop.Token);
            _thread = new Thread(() => Read(plan, clips, frameBytes, room, mayDrop: !source.IsStandardInput)) { IsBackground = true,
                Name = "live frames" };
            _thread.Start();
        }

        /// <summary>
        /// Whether no more will come: what a recording ends with is labelled together with the frames before, as in a file.
        /// </summary>
        public bool IsOver => _source.IsStandardInput || (_reader.StatesDuration && _reader.Complaint is null);

        /// <inheritdoc cref="FrameReader.LastComplaint"/>
        public string? LastComplaint => _reader.LastComplaint;

        /// <summary>Frames that have come.</summary>
        public long Frames => Interlocked.Read(ref _frames);

        /// <summary>Frames that the network was to see, and those of them that were left out.</summary>
        public long Needed => Interlocked.Read(ref _needed);

        /// <inheritdoc cref="Needed"/>
        public long Dropped => Interlocked.Read(ref _dropped);

        /// <inheritdoc/>
        public bool Finish()
        {
            if (IsOver && Frames < _least)
                throw new InputException($"{_source.Name}: is too short: {Frames} frames, the classifier needs at least {_least}");
            return IsOver;
        }

        /// <inheritdoc/>
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

        private void Read(WindowPlan plan, FrameClips? clips, int frameBytes, int room, bool mayDrop)
        {
            // The windows that are predicted, and what waits.
            long kept = 2 * plan.Window + 2 * room * plan.Window / plan.Length;
            try
            {
                byte[] rgb = new byte[frameBytes];
                byte[] next;
                while (_reader.Read(next = clips?.NewFrame() ?? rgb, out double seconds))
                {
                    long number;
                    lock (_arrivals)
                    {
                        _arrivals.Enqueue((DateTimeOffset.Now, seconds));
                        if (_arrivals.Count > kept)
                            _arrivals.Dequeue();
                        number = _frames++;
                    }
                    if (clips is null)
                    {
                        if (plan.IsNeeded(number))
                            HandOn(number);
                        continue;
                    }
                    clips.Add(number, next);
                    if (plan.IsNeeded(number))
                        clips.Want(number);
                    while (clips.TryTake(isOver: false, rgb, out long frame))
                        HandOn(frame);
                    clips.Forget(number + 1);
                }
                while (clips?.TryTake(isOver: true, rgb, out long frame) == true)
                    HandOn(frame);

                void HandOn(long frame)
                {
                    Interlocked.Increment(ref _needed);
                    if (_waiting.TryAdd((frame, rgb), mayDrop ? 0 : Timeout.Infinite, _stop.Token))
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
