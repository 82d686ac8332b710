using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;
using VideoLstm.Core.Timelines;

namespace VideoLstm.Core.Clips;

/// <summary>
/// Clips of equal length, one after the other from the start of each segment. At a constant rate all have the same number of frames,
/// <c>round(length * rate)</c>, and begin at the frame nearest to where the segment does; at a variable rate each has the frames of its
/// time.
/// </summary>
public sealed class ClipPlan
{
    // Containers that count milliseconds round each time.
    private const double RoundingSeconds = 0.001;

    private readonly double[] _times;
    private readonly FrameTiming _timing = new();
    private readonly ClipOptions _options;
    private readonly string _video;
    private readonly int _length, _step;

    private ClipPlan(IReadOnlyList<double> times, VideoInfo video, ClipOptions options)
    {
        _times = [.. times];
        foreach (double time in _times)
            _timing.Add(time);
        (_options, _video) = (options, video.Path);
        Rate = video.ExactRate(_timing) ?? _timing.MeanRate;
        IsConstant = _timing.IsConstant;
        (double length, double step) = (options.LengthSeconds * Rate.Value, options.StepSeconds * Rate.Value);
        if (length > _times.Length + 1)
            throw new InputException(Invariant(
                $"{video.Path}: has {_timing.EndSeconds - _timing.FirstSeconds:0.###} s, less than a clip of {options.LengthSeconds} s"),
                    Remedy.ShortenClips);
        _length = (int)Math.Round(length, MidpointRounding.AwayFromZero);
        if (_length < 1)
            throw new InputException(Invariant(
                $"{video.Path}: a clip of {options.LengthSeconds} s has no frame at {Rate.Value:0.###} frames/s"), Remedy.LengthenClips);
        _step = (int)Math.Clamp(Math.Round(step, MidpointRounding.AwayFromZero), 1, int.MaxValue / 4);
    }

    /// <summary>The clips, in order of time.</summary>
    public IReadOnlyList<PlannedClip> Clips { get; private set; } = [];

    /// <summary>What becomes of each class, by name.</summary>
    public IReadOnlyList<ClassClips> Classes { get; private set; } = [];

    /// <summary>Seconds of <see cref="Segment.Unknown"/> that are passed over.</summary>
    public double UnknownSeconds { get; private set; }

    /// <summary>One line for each thing that a user should know.</summary>
    public IReadOnlyList<Finding> Remarks { get; private set; } = [];

    /// <summary>Whether the frames of the recording follow each other at a constant rate.</summary>
    public bool IsConstant { get; }

    /// <summary>Their rate, frames/s; at a variable rate the mean.</summary>
    public Rational Rate { get; }

    /// <summary>Plans the clips of a recording.</summary>
    /// <param name="video">The recording.</param>
    /// <param name="times">When each of its frames is shown, seconds, never falling.</param>
    /// <param name="timeline">What is when in it.</param>
    /// <param name="name">What the names of the clips begin with.</param>
    /// <param name="options">Which clips.</param>
    /// <exception cref="InputException">There is no clip, or two classes would share a folder.</exception>
    public static ClipPlan Make(VideoInfo video, IReadOnlyList<double> times, Timeline timeline, string name, ClipOptions options)
    {
        ArgumentNullException.ThrowIfNull(video);
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentNullException.ThrowIfNull(options);
        var plan = new ClipPlan(times, video, options);
        plan.Fill(timeline, name);
        return plan;
    }

    private void Fill(Timeline timeline, string name)
    {
        Segment[] used = [.. timeline.Segments.Where(s => _options.IncludeUnknown || s.Class != Segment.Unknown)];
        // The last one may end at infinity.
        UnknownSeconds = timeline.Segments.Except(used).Sum(s => Math.Min(s.End, Math.Max(s.Start, _timing.EndSeconds)) - s.Start);
        Dictionary<string, string> folders = Folders(used.Select(s => s.Class).Distinct(StringComparer.Ordinal));
        var remarks = new List<Finding>(folders.Where(f => f.Key != f.Value)
            .Select(f => new Finding($"class {Printable.Quote(f.Key)}: its folder is {f.Value}")));
        double labelled = timeline.Segments.Count == 0 ? 0
            : double.IsFinite(timeline.Segments[^1].End) ? timeline.Segments[^1].End
            : timeline.Segments[^1].Start;
        if (labelled > _timing.EndSeconds + 1)
            remarks.Add(Invariant($"the labels go on to {labelled:0.###} s, the video ends at {_timing.EndSeconds:0.###} s"));

        Candidate[] all = [.. used.SelectMany((s, i) => Candidates(s, i, folders[s.Class])).OrderBy(c => c.First)];
        if (all.Length == 0)
            throw new InputException(Invariant($"{_video}: no segment is as long as a clip of {_options.LengthSeconds} s"),
                Remedy.ShortenClipsOrLengthenSegments);
        var sets = new Dictionary<Candidate, ClipSet>();
        foreach (IGrouping<string, Candidate> ofClass in all.GroupBy(c => c.Class, StringComparer.Ordinal))
            Divide([.. ofClass], used, name, sets, remarks);
        var numbers = new HashSet<long>();
        Clips =
        [
            .. all.Select(c => (Clip: c, Number: NumberOf(c, numbers))).Where(c => sets.ContainsKey(c.Clip))
                .Select(c => new PlannedClip(Invariant($"{name}-{c.Number:0000}"), sets[c.Clip], c.Clip.Class, c.Clip.First,
                    c.Clip.Frames)),
        ];
        Classes =
        [
            .. folders.Values.Order(StringComparer.Ordinal).Select(folder => new ClassClips(
                folder, Clips.Count(c => c.Class == folder && c.Set == ClipSet.Train),
                Clips.Count(c => c.Class == folder && c.Set == ClipSet.Test),
                used.Select((s, i) => folders[s.Class] == folder ? Rest(s, all.LastOrDefault(c => c.Segment == i)) : 0).Sum(),
                all.Count(c => c.Class == folder && !sets.ContainsKey(c)))),
        ];
        Remarks = remarks;
    }

    private IEnumerable<Candidate> Candidates(Segment segment, int number, string folder)
    {
        (int first, int end) = (Border(segment.Start), Border(segment.End));
        if (IsConstant)
        {
            for (int start = first; start + _length <= end; start += _step)
                yield return new Candidate(number, folder, start, _length, _times[start]);
            yield break;
        }
        if (first >= end)
            yield break;
        double limit = TimeOf(end) + RoundingSeconds;
        for (long k = 0; ; k++)
        {
            double start = _times[first] + k * _options.StepSeconds;
            if (start + _options.LengthSeconds > limit)
                yield break;
            (int from, int to) = (FirstFrom(start), Math.Min(FirstFrom(start + _options.LengthSeconds), end));
            // A gap in which no frame begins may be as long as a file claims: on to the frame behind it.
            if (from == to)
                k = Math.Max(k, (long)((TimeOf(to) - _options.LengthSeconds - _times[first]) / _options.StepSeconds));
            else
                yield return new Candidate(number, folder, from, to - from, start);
        }
    }

    // By where it is in the recording: labels corrected elsewhere give it no other name, nor does another share for the test.
    private long NumberOf(Candidate clip, HashSet<long> taken)
    {
        long number = IsConstant
            ? clip.First / Math.Min(_step, _length)
            : (long)((clip.Start - _timing.FirstSeconds) / Math.Min(_options.StepSeconds, _options.LengthSeconds));
        do
            number++;
        while (!taken.Add(number));
        return number;
    }

    // Seconds behind the last clip of a segment.
    private double Rest(Segment segment, Candidate? last)
    {
        (int first, int end) = (Border(segment.Start), Border(segment.End));
        return first >= end ? 0 : Math.Max(0, TimeOf(end) - (last is null ? TimeOf(first) : TimeOf(last.First + last.Frames)));
    }

    // Whole stretches of time go to the test, so that no frame of a train clip is beside one of a test clip.
    private void Divide(Candidate[] clips, Segment[] segments, string name, Dictionary<Candidate, ClipSet> sets, List<Finding> remarks)
    {
        List<List<Candidate>> stretches = Stretches(clips, segments);
        int wanted = (int)Math.Clamp(Math.Round(_options.TestShare * clips.Length), 1, clips.Length);
        foreach (Candidate clip in clips)
            sets[clip] = _options.Set ?? ClipSet.Train;
        if (_options.Set is not null)
            return;
        if (stretches.Count > 1)
        {
            foreach (Candidate clip in TestStretches(stretches, wanted, name).SelectMany(s => s))
                sets[clip] = ClipSet.Test;
            return;
        }
        // The end of the only stretch, as far as a clip's length before it can stay free.
        for (int tests = wanted; tests > 0; tests--)
        {
            double gapStart = clips[^tests].Start - _options.LengthSeconds;
            int trains = clips.Count(c => c.Start + _options.LengthSeconds <= gapStart + RoundingSeconds);
            if (trains == 0)
                continue;
            for (int i = trains; i < clips.Length; i++)
            {
                if (i < clips.Length - tests)
                    sets.Remove(clips[i]);
                else
                    sets[clips[i]] = ClipSet.Test;
            }
            return;
        }
        remarks.Add($"class {clips[0].Class}: has no test clip, its one stretch is too short to be divided; label another");
    }

    // Segments of a class that are less than a clip apart.
    private List<List<Candidate>> Stretches(Candidate[] clips, Segment[] segments)
    {
        var stretches = new List<List<Candidate>>();
        double end = double.NegativeInfinity;
        foreach (Candidate clip in clips)
        {
            Segment segment = segments[clip.Segment];
            if (segment.Start - end >= _options.LengthSeconds)
                stretches.Add([]);
            stretches[^1].Add(clip);
            end = segment.End;
        }
        return stretches;
    }

    // The greatest that still fit, of equal ones any, the same each time; at least the smallest.
    private static List<List<Candidate>> TestStretches(List<List<Candidate>> stretches, int wanted, string name)
    {
        List<Candidate>[] ordered = [.. stretches.OrderByDescending(s => s.Count)
            .ThenBy(s => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Invariant($"{name}/{s[0].Class}/{s[0].First}")))),
                StringComparer.Ordinal)];
        var chosen = new List<List<Candidate>>();
        foreach (List<Candidate> stretch in ordered)
        {
            if (stretch.Count <= wanted - chosen.Sum(s => s.Count) && chosen.Count < ordered.Length - 1)
                chosen.Add(stretch);
        }
        return chosen.Count > 0 ? chosen : [ordered[^1]];
    }

    private Dictionary<string, string> Folders(IEnumerable<string> classes)
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in classes)
        {
            folders[name] = FolderName.Of(name);
            if (!owners.TryAdd(folders[name], name))
                throw new InputException(
                    $"{_video}: classes {Printable.Quote(owners[folders[name]])} and {Printable.Quote(name)} would share the folder "
                        + $"{folders[name]}; write them alike, or give one another name");
        }
        return folders;
    }

    // Number of the frame border that is nearest to a time.
    private int Border(double seconds)
    {
        int next = FirstFrom(seconds);
        return next > 0 && seconds - _times[next - 1] < TimeOf(next) - seconds ? next - 1 : next;
    }

    private double TimeOf(int frame) => frame < _times.Length ? _times[frame] : _timing.EndSeconds;

    private int FirstFrom(double seconds) => FrameTimes.FirstFrom(_times.Length, i => _times[i], seconds - RoundingSeconds);

    private sealed record Candidate(int Segment, string Class, int First, int Frames, double Start);
}
