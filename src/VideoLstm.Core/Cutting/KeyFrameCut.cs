using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// Cuts without re-encoding anything: packets are dropped and the others' times moved, by ffmpeg's bitstream filters in one pass. Each
/// stretch begins with the key frame nearest to its beginning, and ends where the packets up to it hold all frames up to it.
/// </summary>
internal sealed class KeyFrameCut : ICut
{
    private const double SeekMargin = 10, RoundingSeconds = 0.0011;

    // What the systems take for a command line, less what else is on it.
    private static readonly int LongestFilter = OperatingSystem.IsWindows() ? 30_000 : 120_000,
        LongestFilters = OperatingSystem.IsWindows() ? 30_000 : 1_500_000;

    private readonly CutSource _source;
    private readonly CutExtras _extras;
    private readonly Action<Finding> _remark;
    private readonly CancellationToken _ct;

    public KeyFrameCut(CutSource source, CutExtras extras, Action<Finding> remark, CancellationToken ct)
    {
        (_source, _extras, _remark, _ct) = (source, extras, remark, ct);
        Index = FrameIndex.ReadPackets(source, ct)
            ?? throw new InputException($"{source.Video.Path}: does not tell when each of its frames is shown, which takes decoding",
                Remedy.CutExactly);
    }

    public FrameIndex Index { get; }

    private double TickSeconds => _source.TimeBase.Value;

    public CutResult? Write(CutOutput output, string partial, Action<long> progress)
    {
        List<Part> parts = Choose(output, CutPlan.Snap(Index, output.Stretches));
        var plan = new CutPlan(Index, [.. parts.Select(p => p.Frames)]);
        Container container = VideoCutter.ContainerOf(output.Path);
        List<Rational> units = Try(container, partial, out string? complaint);
        // Not every file can be read from its middle. Up to ffmpeg 5 packets come to the filters in the unit of time of the output, which
        // the filters are not told; later in the one that they are told.
        double start = Math.Max(0, Index.Seconds(plan.Ranges[0].First) - SeekMargin);
        IReadOnlyList<Rational>?[] ways = Ffmpeg.IsOlderThan(6, 0) ? [units, null] : [null, units];
        foreach ((double seek, IReadOnlyList<Rational>? way)
            in from seek in new[] { start, 0 }.Distinct() from way in ways select (seek, way))
        {
            if (units.Count == 0)
                break;
            complaint = Run(container, partial, parts, plan, seek, way) ?? Check(partial, parts, plan);
            if (complaint is not null)
                continue;
            progress(plan.Frames);
            return new CutResult(output.Path, parts.Count, plan.Frames, plan.Begins[^1] * TickSeconds, "nothing re-encoded",
                _extras.Missing(partial, plan, container));
        }
        throw new InputException($"{output.Path}: cannot be written without re-encoding{VideoProbe.Because(complaint)}",
            Remedy.CutExactlyOrRename);
    }

    public void Dispose()
    {
    }

    private List<Part> Choose(CutOutput output, IReadOnlyList<FrameRange> ranges)
    {
        int[] keys = [.. Enumerable.Range(0, Index.Keys.Length).Where(i => Index.Keys[i])];
        if (keys.Length == 0)
            throw new InputException($"{_source.Video.Path}: has no key frame", Remedy.CutExactly);
        var parts = new List<Part>();
        foreach (FrameRange range in ranges)
        {
            int key = Nearest(keys, i => Index.Frames[i], range.First, i => Index.Frames[i] < range.End);
            int end = Nearest([.. Enumerable.Range(0, Index.Clean.Length).Where(i => Index.Clean[i] && i > key && i > Index.Frames[key])],
                i => i, range.End, _ => true);
            if (parts.Count > 0 && key <= parts[^1].EndPacket)
            {
                string between = Invariant($"{Index.Seconds(parts[^1].Wanted.End):0.000} and {Index.Seconds(range.First):0.000} s");
                _remark($"{output.Path}: what is between {between} stays in, no key frame is near enough to its end");
                end = Math.Max(end, parts[^1].EndPacket);
                parts[^1] = parts[^1] with { EndPacket = end, Frames = parts[^1].Frames with { End = end },
                    Wanted = parts[^1].Wanted with { End = range.End } };
            }
            else
            {
                parts.Add(new Part(key, end, new FrameRange(Index.Frames[key], end), range));
            }
        }
        foreach (Part part in parts)
            _remark($"{output.Path}: begins {Deviation(part.Wanted.First, part.Frames.First)}, ends "
                + $"{Deviation(part.Wanted.End, part.Frames.End)}");
        return parts;
    }

    // Of equally near ones the first. One that fits always comes before one that does not.
    private int Nearest(IReadOnlyList<int> packets, Func<int, int> frameOf, int wanted, Func<int, bool> fits) =>
        packets.OrderBy(i => fits(i) ? 0 : 1).ThenBy(i => Math.Abs(Index.Seconds(frameOf(i)) - Index.Seconds(wanted))).First();

    private string Deviation(int wanted, int found)
    {
        double seconds = Index.Seconds(found) - Index.Seconds(wanted);
        return
            Invariant($"{Index.Seconds(found):0.000} s instead of {Index.Seconds(wanted):0.000} s ")
                + Invariant($"({(found == wanted ? "exact" : $"{seconds:+0.000;-0.000} s, {found - wanted:+0;-0} frames")})");
    }

    // The units of time in which such an output counts, pictures first; none if the source cannot be copied into it.
    private List<Rational> Try(Container container, string partial, out string? complaint)
    {
        complaint = Copy(container, partial, ["-t", "1"], [], null);
        if (complaint is not null)
            return [];
        (List<Rational> units, complaint) = VideoProbe.Ask(
            partial,
            (root, trouble) =>
                (root.Items("streams").Select(s => Rational.Parse(s.Text("time_base")) ?? _source.TimeBase).ToList(), trouble),
            [], _ct);
        complaint = units.Count > 0 ? null : $"what is copied cannot be read again{VideoProbe.Because(complaint)}";
        return units;
    }

    private string? Run(Container container, string partial, List<Part> parts, CutPlan plan, double seek, IReadOnlyList<Rational>? units)
    {
        double[] decoded = [.. parts.SelectMany(p => (double[])[DecodedBefore(p.KeyPacket), DecodedBefore(p.EndPacket)])];
        double[] shown = [.. parts.SelectMany(p => (double[])[
            Index.Seconds(p.Frames.First) + Index.StartSeconds, Index.Seconds(p.Frames.End) + Index.StartSeconds])];
        double[] moved = [.. parts.Select((p, k) => Index.Seconds(p.Frames.First) + Index.StartSeconds - plan.Begins[k] * TickSeconds)];
        string[] filters = ["-bsf:v:0",
            Filters(0, "dts", "DTS", decoded, k => $"lt(pts,{Text(Index.Before(parts[k].Frames.First) + Index.StartSeconds)}/UNIT)")];
        for (int i = 0; i < _source.AudioTracks.Count; i++)
            filters = [.. filters, Invariant($"-bsf:a:{i}"), Filters(i + 1, "(pts+d/2)", "(PTS+DURATION/2)", shown, _ => "0")];
        if (filters.Sum(f => f.Length) > LongestFilters || filters.Max(f => f.Length) > LongestFilter)
            throw new InputException($"{_source.Video.Path}: {parts.Count} stretches are too many to cut without re-encoding",
                Remedy.CutExactly);
        return Copy(container, partial, ["-ss", Text(seek), "-to", Text(Index.Seconds(plan.Ranges[^1].End) + SeekMargin)], filters, plan);

        // Packets without a time stay without.
        string Filters(int stream, string dropTime, string moveTime, double[] borders, Func<int, string> dropInside)
        {
            string lower = units is null ? "tb" : $"({units[Math.Min(stream, units.Count - 1)]})", upper = units is null ? "TB" : lower;
            string drop = Ffmpeg.ExpressionTree("ld(0)", borders, i => i % 2 == 0 ? "1" : dropInside(i / 2))
                .Replace("UNIT", lower, StringComparison.Ordinal);
            string by = Ffmpeg.ExpressionTree("ld(0)", [.. borders.Skip(2).Where((_, i) => i % 2 == 0)], k => Text(moved[k]));
            string move = $"st(0,{moveTime}*{upper});%-round(({by})/{upper})";
            string Moved(string time) => $"'if(eq({time},NOPTS),NOPTS,{move.Replace("%", time, StringComparison.Ordinal)})'";
            return $"noise=drop='st(0,{dropTime}*{lower});{drop}',setts=pts={Moved("PTS")}:dts={Moved("DTS")}";
        }
    }

    private string? Copy(Container container, string partial, string[] range, string[] filters, CutPlan? plan)
    {
        (string[] inputs, string[] extras) = plan is null ? ([], ["-map_chapters", "-1"]) : _extras.Arguments(plan, container, inputs: 1);
        string[] arguments =
        [
            .. Ffmpeg.Start(), "-copyts", .. range, .. Ffmpeg.Input(_source.Video.Path), .. inputs, "-map", _source.Video.Map, "-map",
            "0:a?", "-c", "copy", .. filters,
            .. _source.AudioTracks.SelectMany((s, i) => s.Notes.Arguments("a", i)), .. extras, .. Tags(container), "-max_muxing_queue_size",
            "4096",
            .. container.IsQuickTime
                ? (string[])["-video_track_timescale", _source.TimeBase.Denominator.ToString(CultureInfo.InvariantCulture)]
                : [],
            .. container.Unvarying, "-f", container.Format, "-y", "file:" + partial,
        ];
        using var process = new MediaProcess("ffmpeg", arguments, ct: _ct);
        process.CloseInput();
        int exitCode = process.Wait();
        WrittenVideo.ThrowIfBroken(process);
        return exitCode == 0 ? null : process.FaultOf(exitCode);
    }

    // Apple's players take HEVC under this name only. The alpha of VP8 and VP9 is not decoded without the tag.
    private string[] Tags(Container container) =>
    [
        .. _source.Video.Codec == "hevc" && container.IsQuickTime && !_source.CodecTag.StartsWith("dv", StringComparison.Ordinal)
            ? (string[])["-tag:v:0", "hvc1"]
            : [],
        .. _source.HasAlphaStream ? (string[])["-metadata:s:v:0", "alpha_mode=1"] : [],
    ];

    private string? Check(string partial, List<Part> parts, CutPlan plan)
    {
        if (VideoProbe.PacketTimes(partial, ct: _ct) is { } times && plan.FaultOf(times, RoundingSeconds) is { } fault)
            return fault;
        for (int i = 0; i < _source.AudioTracks.Count; i++)
        {
            string stream = Invariant($"a:{i}");
            int? found = VideoProbe.PacketTimes(partial, stream, _ct)?.Count;
            // Those at the borders may be counted to either side.
            int? expected = VideoProbe.PacketTimes(_source.Video.Path, stream, _ct)?
                .Count(t => parts.Exists(p => t - Index.StartSeconds >= Index.Seconds(p.Frames.First)
                    && t - Index.StartSeconds < Index.Seconds(p.Frames.End)));
            if (found is not null && expected is not null && Math.Abs(found.Value - expected.Value) > 2 * parts.Count + 1)
                return Invariant($"the result has {found} packets of audio, expected {expected}");
        }
        return null;
    }

    // A time between the decoding of the packet before and of this one, seconds, in the time of the file.
    private double DecodedBefore(int packet)
    {
        if (packet == 0)
            return -1e6;
        if (packet == Index.DecodingTicks.Length)
            return 1e9;
        return (Index.DecodingTicks[packet - 1] + Index.DecodingTicks[packet]) / 2.0 * TickSeconds;
    }

    private static string Text(double seconds) => seconds.ToString("0.######", CultureInfo.InvariantCulture);

    /// <param name="KeyPacket">The first packet.</param>
    /// <param name="EndPacket">The one after the last.</param>
    /// <param name="Frames">The frames that are kept.</param>
    /// <param name="Wanted">The frames that were to be kept.</param>
    private sealed record Part(int KeyPacket, int EndPacket, FrameRange Frames, FrameRange Wanted);
}
