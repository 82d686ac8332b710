using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;
using VideoLstm.Numerics;

namespace VideoLstm.Core.Clips;

/// <summary>
/// Cuts clips out of a recording into the data folder. The recording is decoded once; frames are found by their number, checked by the
/// time that the container states for them, and handed to one encoder a clip, so that a clip does not depend on which others are cut.
/// </summary>
public sealed class ClipCutter
{
    // Clips that overlap are written at once; more than these in further passes.
    private const int MostAtOnce = 8;

    private const double RoundingSeconds = 0.002;

    /// <summary>What it is called in reports of shards.</summary>
    public const string Verb = "clips";

    // A shard needs the list only to see that it is there.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DataFolder _data;
    private readonly VideoInfo _video;
    private readonly ShardWork? _work;
    private ClipList _list;
    private readonly int _height, _width;
    private readonly IProgress<WorkProgress>? _progress;
    private readonly CancellationToken _ct;
    private readonly List<Finding> _remarks = [];

    private ClipCutter(
        DataFolder data, VideoInfo video, ClipList list, ShardWork? work, IProgress<WorkProgress>? progress, CancellationToken ct)
    {
        (_data, _video, _list, _work, _progress, _ct) = (data, video, list, work, progress, ct);
        // Colours are stored for pairs of pixels.
        (_height, _width) = (video.Height + video.Height % 2, video.Width + video.Width % 2);
    }

    /// <summary>
    /// Cuts the clips. What is done is left alone; clips of the same recording that an earlier run has cut and that are not among
    /// these go. Killed at any moment, the next run goes on.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="video">The recording.</param>
    /// <param name="timeline">What is when in it.</param>
    /// <param name="options">Which clips.</param>
    /// <param name="work">The shard whose clips alone are cut, while others may be at theirs; null: all.</param>
    /// <param name="progress">Told of the frames of all clips.</param>
    /// <param name="ct">Stops the work; what is done stays done.</param>
    /// <exception cref="InputException">The recording cannot be read, there is no clip, or one cannot be written.</exception>
    public static ClipCutResult Run(
        DataFolder data, string video, Timeline timeline, ClipOptions options, ShardWork? work = null,
            IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        VideoInfo info = VideoProbe.Read(video, ct);
        ClipList list = ClipList.Of(data, video);
        using FileStream? running = work is null ? list.Lock(TimeSpan.Zero) : null;
        ClipCutResult result = new ClipCutter(data, info, list, work, progress, ct).Run(timeline, options);
        if (work is null)
            ShardReports.Clear(data, Verb);
        work?.End();
        return result;
    }

    private ClipCutResult Run(Timeline timeline, ClipOptions options)
    {
        if (_list.Name != FolderName.Of(Path.GetFileNameWithoutExtension(_video.Path)))
            _remarks.Add($"{_video.Path}: its clips are called {_list.Name}, since there are others of its name");
        IReadOnlySet<PlannedClip> before = _list.Done();
        Finding? left = null;
        // What the container says of the times is mostly true, and known soon. Frames that cannot be decoded make it wrong.
        foreach (bool areDecoded in (bool[])[false, true])
        {
            if ((areDecoded ? ReadDecodedTimes() : ReadStatedTimes()) is not { Length: > 0 } times)
                continue;
            ClipPlan plan = ClipPlan.Make(_video, times, timeline, _list.Name, options);
            Replace(plan);
            PlannedClip[] own = [.. plan.Clips.Where(c => _work is null || _work.Shard.Holds($"{c.Class}/{c.Name}"))];
            PlannedClip[] missing = [.. own.Where(c => !_list.IsDone(c))];
            _work?.Found(own.Length, own.Length - missing.Length);
            left ??= _work is null ? ShardReports.Missing(_data, Verb, [.. missing.Select(c => c.Name)]) : null;
            if (CutAll(plan, missing, times, areDecoded ? double.PositiveInfinity : RoundingSeconds))
            {
                RequireSameList(plan, missing);
                int alreadyDone = own.Count(before.Contains);
                return new ClipCutResult(plan, own.Length - alreadyDone, alreadyDone, before.Except(plan.Clips).Count(),
                    [.. _remarks, .. plan.Remarks, .. left is null ? (Finding[])[] : [left]]);
            }
        }
        throw new InputException($"{_video.Path}: gives other frames each time it is decoded; replace the file");
    }

    private void Replace(ClipPlan plan)
    {
        if (_work is null)
        {
            _list.Replace(plan.Clips);
            return;
        }
        using FileStream brief = _list.Lock(Patience);
        // Mostly another shard has written it by now.
        ClipList now = ClipList.Of(_data, _video.Path);
        if (now.Name != _list.Name)
            throw new InputException($"{_list.Path}: a run with another video of this name has just begun", Remedy.WaitForCutting);
        _list = now;
        _list.Replace(plan.Clips);
    }

    // Shards do not keep each other off the list. A run with other labels may have been there, and knows nothing of what was cut here.
    private void RequireSameList(ClipPlan plan, PlannedClip[] cut)
    {
        if (_work is null || ClipList.Of(_data, _video.Path) is var now && now.Is(plan.Clips))
            return;
        foreach (PlannedClip clip in cut.Where(c => !now.IsDone(c)))
            File.Delete(_list.FileOf(clip));
        throw new InputException($"{_list.Path}: a run with other labels or options is cutting clips out of this video",
            Remedy.WaitForCutting);
    }

    // Up to a constant, which the first frame tells.
    private double[]? ReadStatedTimes()
    {
        if (VideoProbe.PacketTimes(_video, _ct) is not { Count: > 0 } stated)
            return null;
        using var reader = new FrameReader(_video.Path, 2, 2, frames: [0], ct: _ct);
        return reader.Read(stackalloc byte[2 * 2 * 3], out double first) ? [.. stated.Select(t => t - stated[0] + first)] : null;
    }

    private double[] ReadDecodedTimes()
    {
        (List<double> times, VideoDamage? damage) = FrameTimes.Decode(_video.Path, _ct);
        if (damage is not null)
            _remarks.Add($"{_video.Path}: {damage}; the clips are of the {times.Count} frames that can be decoded");
        return [.. times];
    }

    // False if the frames are not those of the plan.
    private bool CutAll(ClipPlan plan, PlannedClip[] clips, double[] times, double tolerance)
    {
        long total = clips.Sum(c => (long)c.Frames), done = 0;
        return Passes(clips)
            .All(pass => CutPass(plan, pass, times, tolerance, frames => _progress?.Report(new WorkProgress(done += frames, total))));
    }

    private bool CutPass(ClipPlan plan, PlannedClip[] clips, double[] times, double tolerance, Action<int> onFrames)
    {
        long[] wanted = [.. clips.SelectMany(c => Enumerable.Range(c.First, c.Frames)).Distinct().Order().Select(f => (long)f)];
        var waiting = new Queue<PlannedClip>(clips);
        var writing = new List<(PlannedClip Clip, ClipWriter Writer)>();
        var finishing = new Queue<Task>();
        byte[] picture = new byte[checked(_height * _width * 3 / 2)];
        try
        {
            using FrameReader reader = FrameReader.OpenStored(_video.Path, _height, _width, wanted, _ct);
            foreach (long frame in wanted)
            {
                if (!reader.Read(picture, out double seconds) || Math.Abs(seconds - times[frame]) > tolerance)
                    return false;
                while (waiting.TryPeek(out PlannedClip? next) && next.First == frame)
                    writing.Add((waiting.Dequeue(), Begin(plan, next, times)));
                foreach ((_, ClipWriter writer) in writing)
                    writer.Write(picture);
                onFrames(writing.Count);
                foreach ((PlannedClip clip, ClipWriter writer) in writing.Where(w => w.Clip.End == frame + 1).ToArray())
                {
                    // The encoder has frames to finish; meanwhile the next clip begins.
                    writing.Remove((clip, writer));
                    finishing.Enqueue(Task.Run(() => Finish(writer, _work), CancellationToken.None));
                    if (finishing.Count > Workers.Count)
                        finishing.Dequeue().GetAwaiter().GetResult();
                }
            }
            while (finishing.TryDequeue(out Task? task))
                task.GetAwaiter().GetResult();
            return true;
        }
        finally
        {
            foreach ((_, ClipWriter writer) in writing)
                writer.Dispose();
            foreach (Task task in finishing)
                Task.WaitAny(task);
        }
    }

    private ClipWriter Begin(ClipPlan plan, PlannedClip clip, double[] times) => new(
        _list.FileOf(clip), _height, _width, _video.IsHighDynamicRange ? "" : _video.Matrix, plan.Rate,
            plan.IsConstant ? null : [.. times.Skip(clip.First).Take(clip.Frames).Select(t => t - times[clip.First])], _ct);

    private static void Finish(ClipWriter writer, ShardWork? work)
    {
        using (writer)
            writer.Finish();
        work?.Done();
    }

    // Each clip into the first lane in which none is written at its time.
    private static IEnumerable<PlannedClip[]> Passes(PlannedClip[] clips)
    {
        var laneEnds = new List<int>();
        var passes = new SortedDictionary<int, List<PlannedClip>>();
        foreach (PlannedClip clip in clips)
        {
            int lane = laneEnds.FindIndex(end => end <= clip.First);
            if (lane < 0)
            {
                lane = laneEnds.Count;
                laneEnds.Add(0);
            }
            laneEnds[lane] = clip.End;
            if (!passes.TryGetValue(lane / MostAtOnce, out List<PlannedClip>? pass))
                passes[lane / MostAtOnce] = pass = [];
            pass.Add(clip);
        }
        return passes.Values.Select(p => p.ToArray());
    }
}
