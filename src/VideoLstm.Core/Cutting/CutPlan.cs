using System.Globalization;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>Which frames of a video are kept, and when they are shown in what is left.</summary>
internal sealed class CutPlan
{
    private readonly FrameIndex _index;

    /// <summary>Plans.</summary>
    /// <param name="index">The video's frames.</param>
    /// <param name="ranges">The frames to keep, in order.</param>
    public CutPlan(FrameIndex index, IReadOnlyList<FrameRange> ranges)
    {
        _index = index;
        Ranges = ranges;
        Begins = new long[ranges.Count + 1];
        for (int i = 0; i < ranges.Count; i++)
            Begins[i + 1] = Begins[i] + index.TickOf(ranges[i].End) - index.TickOf(ranges[i].First);
    }

    /// <summary>The frames that are kept; no two ranges touch.</summary>
    public IReadOnlyList<FrameRange> Ranges { get; }

    /// <summary>When each range begins in what is left, in units of the source's time base; and the end.</summary>
    public long[] Begins { get; }

    /// <summary>Number of frames kept.</summary>
    public long Frames => Ranges.Sum(r => (long)r.Count);

    /// <summary>When each frame is shown in what is left, in units of the source's time base.</summary>
    public long[] Times() =>
        [.. Ranges.SelectMany((r, k) => Enumerable.Range(r.First, r.Count)
            .Select(f => Begins[k] + _index.TickOf(f) - _index.TickOf(r.First)))];

    /// <summary>What is wrong with the times of a result, if anything.</summary>
    /// <param name="times">When each of its frames is shown, seconds, up to a constant; never falling.</param>
    /// <param name="tolerance">How far each may be from where it was planned, seconds.</param>
    public string? FaultOf(List<double> times, double tolerance)
    {
        long[] planned = Times();
        if (times.Count != planned.Length)
            return $"the result has {times.Count} frames, expected {planned.Length}";
        for (int i = 0; i < planned.Length; i++)
        {
            if (Math.Abs(times[i] - times[0] - (planned[i] - planned[0]) * _index.TickSeconds) > tolerance)
                return $"frame {i} of the result is not shown at its time";
        }
        return null;
    }

    /// <summary>
    /// Where a time of the source comes to be in what is left, seconds: one that is cut away, where the next that is kept begins.
    /// </summary>
    /// <param name="seconds">From the start of the source.</param>
    public double Moved(double seconds)
    {
        int k = 0;
        while (k < Ranges.Count && _index.Seconds(Ranges[k].End) <= seconds)
            k++;
        return Begins[k] * _index.TickSeconds + (k < Ranges.Count ? Math.Max(0, seconds - _index.Seconds(Ranges[k].First)) : 0);
    }

    /// <summary>
    /// The frames of stretches: each border falls where the nearest frame begins. Stretches that touch become one; what is behind the last
    /// frame is nothing.
    /// </summary>
    /// <param name="index">The video's frames.</param>
    /// <param name="stretches">In order of time; they do not overlap.</param>
    /// <returns>No range at all if each stretch is shorter than half a frame.</returns>
    public static IReadOnlyList<FrameRange> Snap(FrameIndex index, IEnumerable<Stretch> stretches)
    {
        var ranges = new List<FrameRange>();
        foreach (Stretch stretch in stretches)
        {
            var range = new FrameRange(index.Nearest(stretch.Start), index.Nearest(stretch.End));
            if (ranges.Count > 0 && ranges[^1].End >= range.First)
                ranges[^1] = ranges[^1] with { End = Math.Max(ranges[^1].End, range.End) };
            else if (range.Count > 0)
                ranges.Add(range);
        }
        return ranges;
    }

    /// <summary>ffmpeg's filters that keep the frames and close the gaps, for times as they are in the file (<c>-copyts</c>).</summary>
    public string Filters()
    {
        FrameRange[] ranges = [.. Ranges];
        double[] borders = [.. ranges.SelectMany(r => (double[])[_index.Before(r.First), _index.Before(r.End)])
            .Select(t => t + _index.StartSeconds)];
        string keep = Ffmpeg.ExpressionTree("t", borders, i => i % 2 == 0 ? "0" : "1");
        string move = Ffmpeg.ExpressionTree(
            "PTS", [.. ranges.Skip(1).Select(r => _index.TickOf(r.First) - 0.5)], k =>
                (_index.TickOf(ranges[k].First) - Begins[k]).ToString(CultureInfo.InvariantCulture));
        return $"select='{keep}',setpts='PTS-({move})',{Ffmpeg.RisingTimes}";
    }
}
