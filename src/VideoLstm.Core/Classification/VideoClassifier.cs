using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Classification;

/// <summary>
/// Labels videos by windows that slide over them. A window is as long as the clips that the classifier learnt from, and its frames
/// are chosen as theirs were; the last one ends with the last frame, so that every frame has a label.
/// </summary>
/// <param name="classifier">The classifier.</param>
public sealed class VideoClassifier(Classifier classifier)
{
    /// <summary>The class names, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Classes => classifier.Info.Classes;

    /// <summary>Labels a video. The memory grows by a few bytes a frame.</summary>
    /// <param name="video">Path of the video.</param>
    /// <param name="options">How.</param>
    /// <param name="onStep">Told of each step as soon as no window can change it any more.</param>
    /// <param name="progress">Told of the frames read.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">The video cannot be read, or has fewer frames than a sequence; or the stride is longer than a
    /// window.</exception>
    public VideoClassification Run(
        string video, LabellingOptions? options = null, Action<ProbabilityStep>? onStep = null, IProgress<WorkProgress>? progress = null,
            CancellationToken ct = default)
    {
        options ??= new LabellingOptions();
        VideoInfo source = VideoProbe.Read(video, ct);
        SequenceSpec sequences = classifier.Info.Sequences;
        long claimed = source.FrameCount ?? (long)((source.DurationSeconds ?? 0) * source.FrameRate.Value);
        if (options.Stride > classifier.WindowFrames)
            throw new InputException($"a stride of {options.Stride} frames would leave frames out: a window is {classifier.WindowFrames} " +
                $"frames long; give at most that");
        long window = WindowOf(video, classifier.WindowFrames, classifier.FrameCount, claimed, ct);
        var plan = new WindowPlan(window, classifier.FrameCount, sequences.Sampling, options.Stride ?? window);

        using var reader = new FrameReader(video, sequences.Height, sequences.Width, sequences.Fit, ct: ct);
        ShotDetector? shots = options.FollowsShots ? new ShotDetector(sequences.Height, sequences.Width) : null;
        BlackDetector? black = options.SnapsToBlack ? new BlackDetector() : null;
        using SilenceDetector? silences = options.SnapsToSilence ? new SilenceDetector(source, ct) : null;
        var feed = new VideoFeed(video, reader, plan, claimed, (shots, black), progress) { Clips = FrameClips.Of(sequences) };
        var predictor = WindowPredictor.Create(classifier, oneByOne: options.Stride is null);
        var builder = new StepBuilder(Classes.Count);
        List<ProbabilityStep> all = [];
        int windows = 0;
        foreach (PredictedWindow found in predictor.Over(feed, plan, early: false, locates: shots is not null, ct))
        {
            windows++;
            builder.Add(found);
            // The last window of all may begin where this one does, not before.
            Emit(found.Start);
        }
        Emit(feed.Frames);

        IReadOnlyList<ProbabilityStep> steps = options.Smoothing == Smoothing.Mean ? Segmenter.Average(all, window, feed.TimeOf) : all;
        IReadOnlyList<int> labels = Segmenter.Label(steps, window, options);
        if (shots is not null || black is not null || silences is not null)
        {
            // Windows that are of one shot each have their borders on cuts; means over several of them have not.
            long reach = plan.MayBeginAnywhere && options.Smoothing != Smoothing.Mean ? 0 : window / 2;
            long[] cuts = [.. shots?.Cuts ?? []];
            IEnumerable<long> preferred = [.. black?.Stretches.Select(s => (s.First + s.End) / 2) ?? [],
                .. silences?.Find().Select(s => Quiet(s.Start, s.End)) ?? []];
            var placer = new BorderPlacer(cuts, predictor.Borders, reach) { Preferred = ([.. preferred.Distinct().Order()], window / 2) };
            (steps, labels) = placer.Place(steps, labels, feed.TimeOf);

            long Quiet(double start, double end)
            {
                (long first, long last) = (feed.FrameAt(start), feed.FrameAt(end));
                long middle = (first + last) / 2;
                return cuts.Where(c => c >= first && c <= last).DefaultIfEmpty(middle).MinBy(c => Math.Abs(c - middle));
            }
        }
        return new VideoClassification
        {
            Classes = Classes,
            Windows = windows,
            Steps = steps,
            Labels = [.. labels.Select(l => l < Classes.Count ? Classes[l] : Segment.Unknown)],
            Timeline = new Timeline
            {
                Video = video,
                Fps = RateOf(source, feed.Timing),
                Frames = feed.Frames,
                Segments = Segmenter.Segments(steps, labels, Classes),
                Shots = shots is null ? [] : Shots(shots.Cuts, feed),
            },
            Timing = feed.Timing,
            Damage = reader.Complaint is { } complaint ? VideoDamage.Find(video, complaint, ct) : null,
        };

        void Emit(long limit)
        {
            foreach ((long first, long end, float[] probabilities, double novelty) in builder.Take(limit))
            {
                all.Add(new ProbabilityStep(first, end, feed.TimeOf(first), feed.TimeOf(end), probabilities) { Novelty = novelty });
                onStep?.Invoke(all[^1]);
            }
        }
    }

    private static Shot[] Shots(IReadOnlyList<long> cuts, VideoFeed feed) =>
    [
        .. cuts.Prepend(0).Zip(cuts.Append(feed.Frames), (first, end) => new Shot(feed.TimeOf(first), feed.TimeOf(end))),
    ];

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
        new($"{video}: is too short: {frames} frames, the classifier needs at least {needed}; take a longer video, or train with a " +
            $"smaller seq_length");

    /// <summary>The frames of a file: the extractor's thread calls Next, the caller's the rest.</summary>
    private sealed class VideoFeed(
        string video, FrameReader reader, WindowPlan plan, long claimed, (ShotDetector? Shots, BlackDetector? Black) detectors,
        IProgress<WorkProgress>? progress)
        : IFrameFeed
    {
        private readonly List<double> _times = [];

        /// <summary>For a network that sees several frames at once.</summary>
        public FrameClips? Clips { get; init; }

        // Windows whose frames are known before they come lie where they lie.
        private readonly ShotDetector? _shots = plan.MayBeginAnywhere ? detectors.Shots : null;

        public long Decided
        {
            get
            {
                if (_shots is null)
                    return long.MaxValue;
                lock (_shots)
                    return _shots.Decided;
            }
        }

        public FrameTiming Timing { get; } = new();

        public long Frames
        {
            get
            {
                lock (_times)
                    return _times.Count;
            }
        }

        /// <summary>Time of a frame, or of the end.</summary>
        public double TimeOf(long frame)
        {
            lock (_times)
                return frame < _times.Count ? _times[(int)frame] : Timing.EndSeconds;
        }

        /// <summary>The first frame at or after a time; after the last frame, the number of frames.</summary>
        public long FrameAt(double seconds)
        {
            lock (_times)
                return FrameTimes.FirstFrom(_times.Count, i => _times[i], seconds);
        }

        public long? NextCut(long frame)
        {
            if (_shots is null)
                return null;
            lock (_shots)
                return _shots.NextCut(frame);
        }

        public bool Next(Span<byte> rgb, out long frame)
        {
            if (Clips is null)
                return NextFrame(rgb, plan.IsNeeded, out frame);
            bool isOver = false;
            while (!Clips.TryTake(isOver, rgb, out frame))
            {
                if (isOver)
                    return false;
                byte[] next = Clips.NewFrame();
                isOver = !NextFrame(next, _ => true, out frame);
                if (isOver)
                    continue;
                Clips.Add(frame, next);
                if (plan.IsNeeded(frame))
                    Clips.Want(frame);
                Clips.Forget(frame + 1);
            }
            return true;
        }

        private bool NextFrame(Span<byte> rgb, Func<long, bool> isWanted, out long frame)
        {
            while (reader.Read(rgb, out double seconds))
            {
                lock (_times)
                {
                    frame = _times.Count;
                    Timing.Add(seconds);
                    _times.Add(seconds);
                }
                if (detectors.Shots is { } shots)
                {
                    lock (shots)
                        shots.Add(rgb);
                }
                detectors.Black?.Add(rgb);
                progress?.Report(new WorkProgress(frame + 1, Math.Max(claimed, frame + 1)));
                if (isWanted(frame))
                    return true;
            }
            if (detectors.Shots is { } found)
            {
                lock (found)
                    found.Complete();
            }
            detectors.Black?.Complete();
            frame = 0;
            return false;
        }

        public bool Finish() => Frames >= plan.Length ? true : throw TooShort(video, Frames, plan.Length);
    }
}
