using VideoLstm.Core.Media;
using VideoLstm.Core.Reports;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Jobs;

/// <summary>Makes the page on which a person labels a video, or sets right what labels it has; it takes no classifier.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="observer">Told of the work.</param>
public sealed class ReviewJob(ReviewRequest request, IJobObserver observer)
{
    // Pixels of the frames' sides that shots are found by: the detector looks at about as many of any frame.
    private const int Side = 128;

    /// <summary>Makes the page.</summary>
    /// <param name="ct">Stops the work; nothing stays.</param>
    /// <exception cref="InputException">The video or the timeline cannot be read.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public ReviewResult Run(CancellationToken ct)
    {
        PartialFile.Check(request.Page);
        if (RealPath.Of(request.Page) is var page && (page == RealPath.Of(request.Video)
            || (request.Timeline is { } labels && page == RealPath.Of(labels))))
            throw new InputException($"{request.Page}: is what the page is made of; give another name for it");
        VideoInfo video = VideoProbe.Read(request.Video, ct);
        if (video.Remark is { } several)
            observer.Remark(several);
        Timeline timeline = ReadTimeline(video);
        double fps = video.FrameRate.Value;
        double? end = video.DurationSeconds;
        // Where the length is not stated, only the frames say it.
        if ((request.FollowsShots && timeline.Shots.Count == 0) || end is null)
        {
            (IReadOnlyList<Shot> shots, FrameTiming timing) = observer.Watch("shots", "frames", progress => FindShots(video, progress, ct));
            timeline = timeline with { Shots = shots, Frames = timing.Frames };
            end = timing.EndSeconds;
            fps = video.ExactRate(timing)?.Value ?? 1 / timing.MeanStep;
        }
        if (!request.FollowsShots)
            timeline = timeline with { Shots = [] };
        double seconds = end.Value;
        timeline = timeline with
        {
            Video = request.Video,
            Fps = fps,
            Segments = [.. timeline.Segments.Where(s => s.Start < seconds).Select(s => s with { End = Math.Min(s.End, seconds) })],
        };
        TimelinePage.Write(request.Page, request.Video, request.Classes, timeline, [], seconds: seconds, ct: ct);
        return new ReviewResult(
            timeline.Segments.Count,
            [.. request.Classes.Union(timeline.Segments.Select(s => s.Class), StringComparer.Ordinal)], timeline.Shots.Count, seconds);
    }

    private Timeline ReadTimeline(VideoInfo video)
    {
        if (request.Timeline is not { } path)
            return new Timeline { Segments = [] };
        Timeline timeline = TimelineFile.Read(
            path, video.FrameRate.Value, video.DurationSeconds ?? double.PositiveInfinity, request.Track, request.Tier, request.Video);
        foreach (Finding note in timeline.Notes)
            observer.Remark(note);
        return timeline;
    }

    private static (IReadOnlyList<Shot> Shots, FrameTiming Timing) FindShots(
        VideoInfo video, IProgress<WorkProgress> progress, CancellationToken ct)
    {
        long claimed = video.FrameCount ?? (long)((video.DurationSeconds ?? 0) * video.FrameRate.Value);
        var detector = new ShotDetector(Side, Side);
        var timing = new FrameTiming();
        var times = new List<double>();
        byte[] rgb = new byte[Side * Side * 3];
        using (var reader = new FrameReader(video.Path, Side, Side, ct: ct))
        {
            while (reader.Read(rgb, out double seconds))
            {
                timing.Add(seconds);
                times.Add(seconds);
                detector.Add(rgb);
                progress.Report(new WorkProgress(times.Count, Math.Max(claimed, times.Count)));
            }
        }
        if (times.Count == 0)
            throw new InputException($"{video.Path}: has no frame that can be decoded");
        detector.Complete();
        double[] borders = [times[0], .. detector.Cuts.Select(c => times[(int)c]), timing.EndSeconds];
        return ([.. borders.Zip(borders.Skip(1), (start, end) => new Shot(start, end))], timing);
    }
}
