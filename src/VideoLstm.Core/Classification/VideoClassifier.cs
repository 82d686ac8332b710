using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Core.Timelines;
using VideoLstm.Core.Training;

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

    /// <summary>
    /// A second classifier of the same classes, which sees e.g. how the frames move: what both say of a frame is averaged, and the video is
    /// read twice. What is unknown, and how long a window counts, the first one says. Null: none.
    /// </summary>
    public Classifier? With { get; init; }

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
        long longest = Math.Min(classifier.WindowFrames, With?.WindowFrames ?? long.MaxValue);
        if (options.Stride > longest)
            throw new InputException($"a stride of {options.Stride} frames would leave frames out: a window is {longest} frames long; " +
                "give at most that");

        ShotDetector? shots = options.FollowsShots ? new ShotDetector(sequences.Height, sequences.Width) : null;
        BlackDetector? black = options.SnapsToBlack ? new BlackDetector() : null;
        using SilenceDetector? silences = options.SnapsToSilence ? new SilenceDetector(source, ct) : null;
        int passes = With is null ? 1 : 2;
        Pass own = Read(classifier, shots, (shots, black), before: 0, With is null ? onStep : null);
        (IReadOnlyList<ProbabilityStep> all, FoundBorder[] borders) = (own.Steps, [.. own.Borders]);
        Pass? other = null;
        if (With is not null)
        {
            int[] columns = LateFusion.Columns(Classes, With.Info.Classes);
            var means = new StepFusion(video, own.Steps, columns);
            other = Read(With, shots, default, before: own.Feed.Frames, step =>
            {
                foreach (ProbabilityStep mean in means.Add(step))
                    onStep?.Invoke(mean);
            });
            all = means.Finish();
            borders = [.. borders, .. other.Borders.Select(b => b with { Before = Array.IndexOf(columns, b.Before),
                After = Array.IndexOf(columns, b.After) })];
        }

        (VideoFeed feed, long window) = (own.Feed, own.Plan.Window);
        IReadOnlyList<ProbabilityStep> steps = options.Smoothing == Smoothing.Mean ? Segmenter.Average(all, window, feed.TimeOf) : all;
        IReadOnlyList<int> labels = Segmenter.Label(steps, window, options);
        if (shots is not null || black is not null || silences is not null)
        {
            // Windows that are of one shot each have their borders on cuts; means over several of them have not.
            bool isOnCuts = own.Plan.MayBeginAnywhere && other?.Plan.MayBeginAnywhere != false && options.Smoothing != Smoothing.Mean;
            long[] cuts = [.. shots?.Cuts ?? []];
            IEnumerable<long> preferred = [.. black?.Stretches.Select(s => (s.First + s.End) / 2) ?? [],
                .. silences?.Find().Select(s => Quiet(s.Start, s.End)) ?? []];
            var placer = new BorderPlacer(cuts, borders, isOnCuts ? 0 : window / 2)
            {
                Preferred = ([.. preferred.Distinct().Order()], window / 2),
            };
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
            Windows = own.Windows + (other?.Windows ?? 0),
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
            Damage = own.Complaint is { } complaint ? VideoDamage.Find(video, complaint, ct) : null,
        };

        // What a classifier says of all frames; shots are known before, or by the detectors that see the frames go by.
        Pass Read(
            Classifier reading, ShotDetector? known, (ShotDetector? Shots, BlackDetector? Black) detectors, long before,
            Action<ProbabilityStep>? found)
        {
            SequenceSpec sizes = reading.Info.Sequences;
            long span = WindowOf(video, reading.WindowFrames, reading.FrameCount, claimed, ct);
            var plan = new WindowPlan(span, reading.FrameCount, sizes.Sampling, options.Stride ?? span);
            using var reader = new FrameReader(video, sizes.Height, sizes.Width, sizes.Fit, ct: ct);
            var frames = new VideoFeed(video, reader, plan, known, detectors, read =>
                progress?.Report(new WorkProgress(before + read, Math.Max(passes * claimed, before + read))))
            {
                Clips = FrameClips.Of(sizes),
            };
            var predictor = WindowPredictor.Create(reading, oneByOne: options.Stride is null);
            var builder = new StepBuilder(Classes.Count);
            List<ProbabilityStep> said = [];
            int windows = 0;
            foreach (PredictedWindow predicted in predictor.Over(frames, plan, early: false, locates: shots is not null, ct))
            {
                windows++;
                builder.Add(predicted);
                // The last window of all may begin where this one does, not before.
                Emit(predicted.Start);
            }
            Emit(frames.Frames);
            return new Pass(plan, frames, said, windows, predictor.Borders, reader.Complaint);

            void Emit(long limit)
            {
                foreach ((long first, long end, float[] probabilities, double novelty) in builder.Take(limit))
                {
                    said.Add(new ProbabilityStep(first, end, frames.TimeOf(first), frames.TimeOf(end), probabilities) { Novelty = novelty });
                    found?.Invoke(said[^1]);
                }
            }
        }
    }

    /// <summary>What a classifier has said of a video.</summary>
    private sealed record Pass(
        WindowPlan Plan, VideoFeed Feed, IReadOnlyList<ProbabilityStep> Steps, int Windows, IReadOnlyList<FoundBorder> Borders,
        string? Complaint);

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
        string video, FrameReader reader, WindowPlan plan, ShotDetector? known, (ShotDetector? Shots, BlackDetector? Black) detectors,
        Action<long> onFrame)
        : IFrameFeed
    {
        private readonly List<double> _times = [];

        /// <summary>For a network that sees several frames at once.</summary>
        public FrameClips? Clips { get; init; }

        // Windows whose frames are known before they come lie where they lie.
        private readonly ShotDetector? _shots = plan.MayBeginAnywhere ? known : null;

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
                onFrame(frame + 1);
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
