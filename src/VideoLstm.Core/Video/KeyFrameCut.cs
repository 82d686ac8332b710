using System.Globalization;

namespace VideoLstm.Core.Video;

/// <summary>
/// Cuts without coding anything anew: packets are dropped and the others' times moved, by ffmpeg's bitstream filters in one pass. Each
/// stretch begins with the key frame nearest to its beginning, and ends where the packets up to it hold all frames up to it.
/// </summary>
internal sealed class KeyFrameCut : ICut
{
    private const double SeekMargin = 10, RoundingSeconds = 0.0011;

    // What the systems take for a command line, less what else is on it.
    private static readonly int LongestFilter = OperatingSystem.IsWindows() ? 14_000 : 120_000;

    private readonly CutSource _source;
    private readonly Action<string> _remark;
    private readonly CancellationToken _ct;

    public KeyFrameCut(CutSource source, Action<string> remark, CancellationToken ct)
    {
        (_source, _remark, _ct) = (source, remark, ct);
        Index = FrameIndex.ReadPackets(source, byDecoding: true, ct)
            ?? throw new InputException($"{source.Video.Path}: does not tell when its frames are shown without decoding them; cut with --exact");
    }

    public FrameIndex Index { get; }

    private double TickSeconds => _source.TimeBase.Value;

    public CutResult Write(CutOutput output, string partial, Action<long> progress)
    {
        List<Part> parts = Choose(output, CutPlan.Snap(Index, output.Stretches, _source));
        var plan = new CutPlan(Index, [.. parts.Select(p => p.Frames)]);
        string? complaint = null;
        // Not every file can be read from its middle.
        foreach (double seek in new[] { Math.Max(0, Index.Seconds(plan.Ranges[0].First) - SeekMargin), 0 }.Distinct())
        {
            File.Delete(partial);
            complaint = Run(VideoCutter.FormatOf(output.Path), partial, parts, plan, seek) ?? Check(partial, plan);
            if (complaint is not null)
                continue;
            progress(plan.Frames);
            return new CutResult(output.Path, parts.Count, plan.Frames, plan.Begins[^1] * TickSeconds, "nothing coded anew");
        }
        throw new InputException($"{output.Path}: cannot be written without coding anew{VideoProbe.Because(complaint)}; cut with --exact, or give another extension");
    }

    public void Dispose()
    {
    }

    private List<Part> Choose(CutOutput output, IReadOnlyList<FrameRange> ranges)
    {
        int[] keys = [.. Enumerable.Range(0, Index.Keys.Length).Where(i => Index.Keys[i])];
        if (keys.Length == 0)
            throw new InputException($"{_source.Video.Path}: has no key frame; cut with --exact");
        var parts = new List<Part>();
        foreach (FrameRange range in ranges)
        {
            int key = Nearest(keys, i => Index.Frames[i], range.First, i => Index.Frames[i] < range.End);
            int end = Nearest([.. Enumerable.Range(0, Index.Clean.Length).Where(i => Index.Clean[i] && i > key && i > Index.Frames[key])], i => i, range.End, _ => true);
            if (parts.Count > 0 && key <= parts[^1].EndPacket)
            {
                _remark(string.Create(CultureInfo.InvariantCulture,
                    $"{output.Path}: what is between {Index.Seconds(parts[^1].Wanted.End):0.000} and {Index.Seconds(range.First):0.000} s stays in, no key frame is near enough to its end"));
                end = Math.Max(end, parts[^1].EndPacket);
                parts[^1] = parts[^1] with { EndPacket = end, Frames = parts[^1].Frames with { End = end }, Wanted = parts[^1].Wanted with { End = range.End } };
            }
            else
            {
                parts.Add(new Part(key, end, new FrameRange(Index.Frames[key], end), range));
            }
        }
        foreach (Part part in parts)
            _remark($"{output.Path}: begins {Deviation(part.Wanted.First, part.Frames.First)}, ends {Deviation(part.Wanted.End, part.Frames.End)}");
        return parts;
    }

    // Of equally near ones the first. One that fits always comes before one that does not.
    private int Nearest(IReadOnlyList<int> packets, Func<int, int> frameOf, int wanted, Func<int, bool> fits) =>
        packets.OrderBy(i => fits(i) ? 0 : 1).ThenBy(i => Math.Abs(Index.Seconds(frameOf(i)) - Index.Seconds(wanted))).First();

    private string Deviation(int wanted, int found)
    {
        double seconds = Index.Seconds(found) - Index.Seconds(wanted);
        return string.Create(CultureInfo.InvariantCulture, $"{Index.Seconds(found):0.000} s instead of {Index.Seconds(wanted):0.000} s ({(found == wanted ? "exact" : $"{seconds:+0.000;-0.000} s, {found - wanted:+0;-0} frames")})");
    }

    private string? Run(string format, string partial, List<Part> parts, CutPlan plan, double seek)
    {
        double[] decoded = [.. parts.SelectMany(p => (double[])[DecodedBefore(p.KeyPacket) - seek, DecodedBefore(p.EndPacket) - seek])];
        double[] shown = [.. parts.SelectMany(p => (double[])[Index.Seconds(p.Frames.First) - seek, Index.Seconds(p.Frames.End) - seek])];
        string pictures = Filters("st(0,dts*tb)", "st(0,DTS*TB)", decoded, k => string.Create(CultureInfo.InvariantCulture, $"lt(pts*tb,{Index.Before(parts[k].Frames.First) - seek:0.######})"));
        string sound = Filters("st(0,(pts+d/2)*tb)", "st(0,(PTS+DURATION/2)*TB)", shown, _ => "0");
        if (pictures.Length > LongestFilter)
            throw new InputException($"{_source.Video.Path}: {parts.Count} stretches are too many to cut without coding anew; cut with --exact");
        double end = Index.Seconds(plan.Ranges[^1].End) + SeekMargin;
        string[] arguments =
        [
            .. Ffmpeg.Start(), "-ss", Text(seek), "-to", Text(end), .. Ffmpeg.Input(_source.Video.Path), "-map", "0:V:0", "-map", "0:a?", "-c", "copy", "-bsf:v", pictures, "-bsf:a", sound,
            "-map_chapters", "-1", "-max_muxing_queue_size", "4096",
            .. format is "mp4" or "mov" ? (string[])["-video_track_timescale", _source.TimeBase.Denominator.ToString(CultureInfo.InvariantCulture)] : [],
            "-f", format, "file:" + partial,
        ];
        using var process = new MediaProcess("ffmpeg", arguments, ct: _ct);
        process.CloseInput();
        process.ReadLines(_ => { });
        return process.Wait() == 0 ? null : process.Complaint ?? "ffmpeg fails";

        // Times of pictures without any stay without.
        string Filters(string lowerTime, string upperTime, double[] borders, Func<int, string> dropInside)
        {
            string drop = CutPlan.ExpressionTree("ld(0)", borders, i => i % 2 == 0 ? "1" : dropInside(i / 2));
            string move = CutPlan.ExpressionTree("ld(0)", [.. borders.Skip(2).Where((_, i) => i % 2 == 0)], k => Text(Index.Seconds(parts[k].Frames.First) - seek - plan.Begins[k] * TickSeconds));
            return $"noise=drop='{lowerTime};{drop}',setts=pts='if(eq(PTS,NOPTS),NOPTS,{upperTime};PTS-round(({move})/TB))':dts='if(eq(DTS,NOPTS),NOPTS,{upperTime};DTS-round(({move})/TB))'";
        }
    }

    private string? Check(string partial, CutPlan plan)
    {
        if (VideoProbe.PacketTimes(partial, _ct) is not { } times)
            return null;
        long[] planned = plan.Times();
        if (times.Count != planned.Length)
            return string.Create(CultureInfo.InvariantCulture, $"the result has {times.Count} frames, expected {planned.Length}");
        for (int i = 0; i < planned.Length; i++)
        {
            if (Math.Abs(times[i] - times[0] - (planned[i] - planned[0]) * TickSeconds) > RoundingSeconds)
                return string.Create(CultureInfo.InvariantCulture, $"frame {i} of the result is not shown at its time");
        }
        return null;
    }

    // A time between the decoding of the packet before and of this one, seconds from the start of the file.
    private double DecodedBefore(int packet)
    {
        if (packet == 0)
            return -1e6;
        if (packet == Index.DecodingTicks.Length)
            return 1e9;
        return (Index.DecodingTicks[packet - 1] + Index.DecodingTicks[packet]) / 2.0 * TickSeconds - Index.StartMicroseconds / 1e6;
    }

    private static string Text(double seconds) => seconds.ToString("0.######", CultureInfo.InvariantCulture);

    /// <param name="KeyPacket">The first packet.</param>
    /// <param name="EndPacket">The one after the last.</param>
    /// <param name="Frames">The frames that are kept.</param>
    /// <param name="Wanted">The frames that were to be kept.</param>
    private sealed record Part(int KeyPacket, int EndPacket, FrameRange Frames, FrameRange Wanted);
}
