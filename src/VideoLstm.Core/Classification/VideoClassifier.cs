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
    private readonly Network _model;
    private readonly CheckpointInfo _info;
    private readonly FeatureExtractor _extractor;

    /// <summary>Puts a trained classifier behind the network that it learnt with.</summary>
    public VideoClassifier(Network model, CheckpointInfo info, FeatureExtractor extractor)
    {
        _model = model;
        _info = info;
        _extractor = extractor;
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

        using var reader = new FrameReader(video, _extractor.Height, _extractor.Width, _info.Sequences.Fit, ct: ct);
        _extractor.Run<Sample>((Span<byte> rgb, out Sample sample) => run.Next(reader, rgb, out sample), run.Take, ct);
        if (run.FramesTaken < _info.Sequences.Length)
            throw TooShort(video, run.Timing.Frames, _info.Sequences.Length);
        run.Finish();
        return new VideoClassification(run.Windows, run.Timing, reader.Damage);
    }

    // A video that is shorter than a window is one window; to choose its frames evenly, their number must be known exactly.
    private long WindowOf(string video, long claimed, CancellationToken ct)
    {
        long window = _info.ClipFrames;
        if (claimed >= 2 * window)
            return window;
        long frames = VideoProbe.CountFrames(video, ct);
        return frames >= _info.Sequences.Length
            ? Math.Min(window, frames)
            : throw TooShort(video, frames, _info.Sequences.Length);
    }

    private static InputException TooShort(string video, long frames, int needed) =>
        new($"{video}: is too short: {frames} frames, the classifier needs at least {needed}; take a longer video, or train with a smaller seq_length");

    /// <summary>A frame that goes through the network.</summary>
    /// <param name="Window">Number of its window.</param>
    /// <param name="Position">Its place in the window's sequence.</param>
    /// <param name="WindowStart">Time of the window's first frame, seconds.</param>
    private readonly record struct Sample(long Window, int Position, double WindowStart);

    /// <summary>The state of one run: the reading thread calls Next, the caller's thread the rest.</summary>
    private sealed class WindowRun(VideoClassifier owner, long window, long claimed, Action<VideoWindow>? onWindow, IProgress<WorkProgress>? progress)
    {
        private readonly long[] _grid = FrameSampler.Indices(window, owner._info.Sequences.Length, owner._info.Sequences.Sampling);
        private readonly float[] _ring = new float[owner._info.Sequences.Length * InceptionV3.Features];
        private long _taken;
        private (long Window, double Start, float[] Probabilities)? _judged;
        private double _windowStart;
        private int _position;

        public List<VideoWindow> Windows { get; } = [];

        public FrameTiming Timing { get; } = new();

        public long FramesTaken => _taken;

        public bool Next(FrameReader reader, Span<byte> rgb, out Sample sample)
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
                    sample = new Sample(number, _position++, _windowStart);
                    return true;
                }
            }
            sample = default;
            return false;
        }

        public void Take(Sample sample, ReadOnlySpan<float> features)
        {
            if (_judged is not null && sample.Window > _judged.Value.Window)
                Emit(sample.Window * window, sample.WindowStart);
            int slot = (int)(_taken++ % _grid.Length);
            features.CopyTo(_ring.AsSpan(slot * InceptionV3.Features));
            if (sample.Position == _grid.Length - 1)
                _judged = (sample.Window, sample.WindowStart, Judge());
        }

        public void Finish()
        {
            long lastWindow = (Timing.Frames - 1) / window;
            if (_judged is not null && _judged.Value.Window < lastWindow)
                Emit(lastWindow * window, _windowStart);
            _judged ??= (lastWindow, _windowStart, Judge());
            Emit(Timing.Frames, Timing.EndSeconds);
        }

        // The last frames that went through the network, in order, as one sequence.
        private float[] Judge()
        {
            var sequence = new float[_ring.Length];
            int oldest = (int)(_taken % _grid.Length) * InceptionV3.Features;
            _ring.AsSpan(oldest).CopyTo(sequence);
            _ring.AsSpan(0, oldest).CopyTo(sequence.AsSpan(_ring.Length - oldest));
            var probabilities = new float[owner._info.Classes.Count];
            owner._model.Predict(sequence, 1, probabilities);
            return probabilities;
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
