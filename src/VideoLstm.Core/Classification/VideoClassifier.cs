using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;
using VideoLstm.Core.Models;
using VideoLstm.Core.Video;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Classification;

/// <summary>A video, labelled.</summary>
/// <param name="Windows">Stretches that follow each other without gap from the first frame to the last.</param>
/// <param name="Timing">What is known of the frames' times.</param>
/// <param name="Damage">One line if the video is damaged: what could be decoded is labelled. Else null.</param>
public sealed record VideoClassification(IReadOnlyList<VideoWindow> Windows, FrameTiming Timing, string? Damage);

/// <summary>
/// Labels a video window by window. A window is as long as the clips that the classifier learnt from, and its frames
/// are chosen as theirs were. What is left at the end is judged together with the frames before it, so that every frame has a label.
/// </summary>
public sealed class VideoClassifier
{
    private readonly CheckpointInfo _info;
    private readonly WindowJudge _judge;

    /// <summary>Puts a trained classifier behind the network that it learnt with.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="info">What it says of itself.</param>
    /// <param name="extractor">Where its features come from; null for one that sees frames.</param>
    public VideoClassifier(Network model, CheckpointInfo info, FeatureExtractor? extractor)
    {
        ArgumentNullException.ThrowIfNull(info);
        _info = info;
        _judge = extractor is null ? new FrameJudge(model, info) : new FeatureJudge(model, info, extractor);
    }

    /// <summary>Labels a video. The memory does not grow with its length.</summary>
    /// <param name="video">Path of the video.</param>
    /// <param name="onWindow">Told of each window as soon as it is judged.</param>
    /// <param name="progress">Told of the frames read.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The video cannot be read, or has fewer frames than a sequence.</exception>
    public VideoClassification Run(
        string video, Action<VideoWindow>? onWindow = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        VideoInfo source = VideoProbe.Read(video, ct);
        long claimed = source.FrameCount ?? (long)((source.DurationSeconds ?? 0) * source.FrameRate.Value);
        long window = WindowOf(video, claimed, ct);
        var run = new WindowRun(this, window, claimed, onWindow, progress);

        using var reader = new FrameReader(video, _info.Sequences.Height, _info.Sequences.Width, _info.Sequences.Fit, ct: ct);
        _judge.Run((Span<byte> rgb, out WindowFrame frame) => run.Next(reader, rgb, out frame), run.Take, ct);
        if (run.FramesTaken < _judge.Frames)
            throw TooShort(video, run.Timing.Frames, _judge.Frames);
        run.Finish();
        return new VideoClassification(run.Windows, run.Timing, reader.Damage);
    }

    // A video that is shorter than a window is one window; to choose its frames evenly, their number must be known exactly.
    private long WindowOf(string video, long claimed, CancellationToken ct)
    {
        long window = Math.Max(_info.ClipFrames, _judge.Frames);
        if (claimed >= 2 * window)
            return window;
        long frames = VideoProbe.CountFrames(video, ct);
        return frames >= _judge.Frames
            ? Math.Min(window, frames)
            : throw TooShort(video, frames, _judge.Frames);
    }

    private static InputException TooShort(string video, long frames, int needed) =>
        new($"{video}: is too short: {frames} frames, the classifier needs at least {needed}; take a longer video, or train with a smaller seq_length");

    /// <summary>The state of one run: the reading thread calls Next, the caller's thread the rest.</summary>
    private sealed class WindowRun(VideoClassifier owner, long window, long claimed, Action<VideoWindow>? onWindow, IProgress<WorkProgress>? progress)
    {
        private readonly long[] _grid = FrameSampler.Indices(window, owner._judge.Frames, owner._info.Sequences.Sampling);
        private long _taken;
        private (long Window, double Start, float[] Probabilities)? _judged;
        private double _windowStart;
        private int _position;

        public List<VideoWindow> Windows { get; } = [];

        public FrameTiming Timing { get; } = new();

        public long FramesTaken => _taken;

        public bool Next(FrameReader reader, Span<byte> rgb, out WindowFrame frame)
        {
            while (reader.Read(rgb, out double seconds))
            {
                (long number, long offset) = Math.DivRem(Timing.Frames, window);
                Timing.Add(seconds);
                progress?.Report(new WorkProgress(Timing.Frames, Math.Max(claimed, Timing.Frames)));
                if (offset == 0)
                {
                    _windowStart = seconds;
                    _position = 0;
                }
                if (_position < _grid.Length && offset == _grid[_position])
                {
                    frame = new WindowFrame(number, _position++, _windowStart);
                    return true;
                }
            }
            frame = default;
            return false;
        }

        // Called after the judge has taken the frame.
        public void Take(WindowFrame frame)
        {
            if (_judged is not null && frame.Window > _judged.Value.Window)
                Emit(frame.Window * window, frame.WindowStart);
            _taken++;
            if (frame.Position == _grid.Length - 1)
                _judged = (frame.Window, frame.WindowStart, owner._judge.Judge());
        }

        public void Finish()
        {
            long lastWindow = (Timing.Frames - 1) / window;
            if (_judged is not null && _judged.Value.Window < lastWindow)
                Emit(lastWindow * window, _windowStart);
            _judged ??= (lastWindow, _windowStart, owner._judge.Judge());
            Emit(Timing.Frames, Timing.EndSeconds);
        }

        private void Emit(long endFrame, double endSeconds)
        {
            (long number, double start, float[] probabilities) = _judged!.Value;
            _judged = null;
            var ranking = owner._info.Classes.Zip(probabilities).OrderByDescending(r => r.Second).Select(r => (r.First, r.Second)).ToArray();
            var found = new VideoWindow(number * window, endFrame, start, endSeconds, ranking);
            Windows.Add(found);
            onWindow?.Invoke(found);
        }
    }
}
