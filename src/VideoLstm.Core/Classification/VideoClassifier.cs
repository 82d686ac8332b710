using VideoLstm.Core.Features;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Timelines;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Classification;

/// <summary>
/// Labels videos by windows that slide over them. A window is as long as the clips that the classifier learnt from, and its frames
/// are chosen as theirs were; the last one ends with the last frame, so that every frame has a label.
/// </summary>
/// <param name="model">The classifier.</param>
/// <param name="info">What it says of itself.</param>
/// <param name="extractor">Where its features come from; null for one that sees frames.</param>
public sealed class VideoClassifier(Network model, CheckpointInfo info, FeatureExtractor? extractor)
{
    /// <summary>The class names, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Classes => info.Classes;

    /// <summary>Labels a video. The memory grows by a few bytes a frame.</summary>
    /// <param name="video">Path of the video.</param>
    /// <param name="options">How.</param>
    /// <param name="onStep">Told of each step as soon as no window can change it any more.</param>
    /// <param name="progress">Told of the frames read.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The video cannot be read, or has fewer frames than a sequence; or the stride is longer than a window.</exception>
    public VideoClassification Run(
        string video, LabellingOptions? options = null, Action<ProbabilityStep>? onStep = null, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        options ??= new LabellingOptions();
        VideoInfo source = VideoProbe.Read(video, ct);
        WindowPredictor predictor = WindowPredictor.Create(model, info, extractor, oneByOne: options.Stride is null);
        long claimed = source.FrameCount ?? (long)((source.DurationSeconds ?? 0) * source.FrameRate.Value);
        long longest = Math.Max(info.ClipFrames, predictor.Frames);
        if (options.Stride > longest)
            throw new InputException($"a stride of {options.Stride} frames would leave frames out: a window is {longest} frames long; give at most that");
        long window = WindowOf(video, longest, predictor.Frames, claimed, ct);
        var run = new WindowRun(predictor, new WindowPlan(window, predictor.Frames, info.Sequences.Sampling, options.Stride ?? window), info.Classes.Count, claimed, onStep, progress);

        using var reader = new FrameReader(video, info.Sequences.Height, info.Sequences.Width, info.Sequences.Fit, ct: ct);
        predictor.Run((Span<byte> rgb, out long frame) => run.Next(reader, rgb, out frame), run.Take, ct);
        if (run.Timing.Frames < predictor.Frames)
            throw TooShort(video, run.Timing.Frames, predictor.Frames);
        run.Finish();

        IReadOnlyList<ProbabilityStep> steps = options.Smoothing == Smoothing.Mean ? Segmenter.Average(run.Steps, window, run.TimeOf) : run.Steps;
        int[] labels = Segmenter.Label(steps, window, options);
        return new VideoClassification
        {
            Classes = info.Classes,
            Windows = run.Windows,
            Steps = steps,
            Labels = [.. labels.Select(l => l < info.Classes.Count ? info.Classes[l] : Segment.Unknown)],
            Timeline = new Timeline
            {
                Video = video,
                Fps = RateOf(source, run.Timing),
                Frames = run.Timing.Frames,
                Segments = Segmenter.Segments(steps, labels, info.Classes),
            },
            Timing = run.Timing,
            Damage = reader.Complaint is { } complaint ? VideoDamage.Find(video, complaint, ct) : null,
        };
    }

    // A rate that is stated is exact, unlike one measured, if it goes with the times of the frames.
    private static double RateOf(VideoInfo source, FrameTiming timing)
    {
        double measured = 1 / timing.MeanStep, stated = source.FrameRate.Value;
        return timing.Frames < 2 || Math.Abs(measured / stated - 1) < 0.001 ? stated : measured;
    }

    // A video that is shorter than a window is one window; to choose its frames evenly, their number must be known exactly.
    private static long WindowOf(string video, long window, int needed, long claimed, CancellationToken ct)
    {
        if (claimed >= 2 * window)
            return window;
        long frames = VideoProbe.CountDecodable(video, ct).Frames;
        return frames >= needed
            ? Math.Min(window, frames)
            : throw TooShort(video, frames, needed);
    }

    private static InputException TooShort(string video, long frames, int needed) =>
        new($"{video}: is too short: {frames} frames, the classifier needs at least {needed}; take a longer video, or train with a smaller seq_length");

    /// <summary>The state of one run: the reading thread calls Next, the caller's thread the rest.</summary>
    private sealed class WindowRun(WindowPredictor predictor, WindowPlan plan, int classes, long claimed, Action<ProbabilityStep>? onStep, IProgress<WorkProgress>? progress)
    {
        private readonly List<double> _times = [];
        private readonly StepBuilder _builder = new(classes);
        private readonly List<long> _chosen = [];
        private long _next;

        public int Windows { get; private set; }

        public List<ProbabilityStep> Steps { get; } = [];

        public FrameTiming Timing { get; } = new();

        public double TimeOf(long frame)
        {
            lock (_times)
                return frame < _times.Count ? _times[(int)frame] : Timing.EndSeconds;
        }

        public bool Next(FrameReader reader, Span<byte> rgb, out long frame)
        {
            while (reader.Read(rgb, out double seconds))
            {
                frame = Timing.Frames;
                Timing.Add(seconds);
                lock (_times)
                    _times.Add(seconds);
                progress?.Report(new WorkProgress(Timing.Frames, Math.Max(claimed, Timing.Frames)));
                if (plan.IsNeeded(frame))
                    return true;
            }
            frame = 0;
            return false;
        }

        // Called after the judge has taken the frame.
        public void Take(long frame)
        {
            long read;
            lock (_times)
                read = _times.Count;
            // A window is complete when all its frames are known to be there, and those that it is judged by are taken.
            while (plan.Start(_next) + plan.Window <= read && plan.FramesFrom(plan.Start(_next))[^1] <= frame)
                Choose(plan.Start(_next++));
            predictor.Forget(Math.Min(plan.Start(_next), frame - plan.Window));
        }

        public void Finish()
        {
            long frames = Timing.Frames;
            while (plan.Start(_next) + plan.Window <= frames)
                Choose(plan.Start(_next++));
            // One that is cut off may be shorter than it says, and than a window.
            if (frames < plan.Window)
                Choose(0, plan.Shortened(frames));
            else if (plan.Start(_next - 1) + plan.Window < frames)
                Choose(frames - plan.Window);
            JudgeChosen();
            Emit(frames);
        }

        private void Choose(long start, WindowPlan? other = null)
        {
            predictor.Choose((other ?? plan).FramesFrom(start));
            _chosen.Add(start);
            if (predictor.IsFull)
                JudgeChosen();
        }

        private void JudgeChosen()
        {
            foreach ((long start, float[] probabilities) in _chosen.Zip(predictor.Predict()))
                _builder.Add(start, Math.Min(start + plan.Window, Timing.Frames), probabilities);
            // The last window of all may begin where this one does, not before.
            long last = _chosen.Count > 0 ? _chosen[^1] : 0;
            Windows += _chosen.Count;
            _chosen.Clear();
            Emit(last);
        }

        private void Emit(long limit)
        {
            foreach ((long first, long end, float[] probabilities) in _builder.Take(limit))
            {
                var step = new ProbabilityStep(first, end, TimeOf(first), TimeOf(end), probabilities);
                Steps.Add(step);
                onStep?.Invoke(step);
            }
        }
    }
}
