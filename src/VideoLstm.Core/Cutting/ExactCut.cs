using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Media;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Cutting;

/// <summary>Cuts to the frame and to the sample, and looks afterwards whether the result is what was planned.</summary>
internal sealed partial class ExactCut : ICut
{
    // Containers that count milliseconds round each time.
    private const double RoundingSeconds = 0.0011, SeekMargin = 10;
    private const string Vp9Encoder = "libvpx-vp9";
    private const int LongestFragment = 8 << 20;

    private readonly CutSource _source;
    private readonly CutExtras _extras;
    private readonly Action<Finding> _remark;
    private readonly CancellationToken _ct;
    private readonly List<AudioTrack> _audioTracks = [];
    private H264Splice? _splice;
    private string? _whyNoSplice;

    public ExactCut(CutSource source, CutExtras extras, Action<Finding> remark, CancellationToken ct)
    {
        (_source, _extras, _remark, _ct) = (source, extras, remark, ct);
        Index = FrameIndex.ReadPackets(source, ct) ?? ReadFrames();
        for (int i = 0; i < source.AudioTracks.Count; i++)
        {
            var track = new AudioTrack(source, i, ct);
            track.Read(0, new byte[track.SampleBytes]);
            if (track.Decoded > 0)
            {
                _audioTracks.Add(track);
                continue;
            }
            remark(Invariant(
                $"{source.Video.Path}: audio track {i + 1} left out, it cannot be decoded{VideoProbe.Because(track.Complaint)}"));
            track.Dispose();
        }
    }

    public FrameIndex Index { get; private set; }

    private double TickSeconds => _source.TimeBase.Value;

    public CutResult? Write(CutOutput output, string partial, Action<long> progress)
    {
        Container container = VideoCutter.ContainerOf(output.Path);
        CutPlan plan = PlanOf(output);
        if (WhyNoSplice(container) is null)
        {
            try
            {
                long coded = Splice(partial, container, plan, progress);
                Verify(partial, container, plan);
                return Result(output, plan, partial, Invariant($"{coded} frames around the cuts re-encoded, {plan.Frames - coded} copied"));
            }
            catch (InvalidDataException e)
            {
                _whyNoSplice = e.Message;
            }
        }
        string how = $"all frames re-encoded: {WhyNoSplice(container)}";
        double seek = Math.Max(0, Index.Seconds(plan.Ranges[0].First) - SeekMargin);
        string? complaint = null;
        // Not every file can be read from its middle, and in a damaged one not every packet becomes a frame.
        foreach (Action prepare in (Action[])[() => { }, () => seek = 0, ReadAnew])
        {
            prepare();
            if (plan.Frames == 0)
                return null;
            complaint = Encode(partial, container, plan, seek, progress);
            try
            {
                Verify(partial, container, plan);
                return Result(output, plan, partial, how);
            }
            catch (InvalidDataException e)
            {
                complaint = e.Message + VideoProbe.Because(complaint);
            }
        }
        throw new InputException($"{output.Path}: cannot be written{VideoProbe.Because(complaint)}");

        void ReadAnew()
        {
            Index = ReadFrames();
            plan = PlanOf(output);
        }
    }

    public void Dispose()
    {
        _splice?.Dispose();
        _audioTracks.ForEach(s => s.Dispose());
    }

    private CutPlan PlanOf(CutOutput output) => new(Index, CutPlan.Snap(Index, output.Stretches));

    private CutResult Result(CutOutput output, CutPlan plan, string partial, string how) =>
        new(output.Path, plan.Ranges.Count, plan.Frames, plan.Begins[^1] * TickSeconds, how,
            _extras.Missing(partial, plan, VideoCutter.ContainerOf(output.Path)));

    private FrameIndex ReadFrames()
    {
        (FrameIndex index, VideoDamage? damage) = FrameIndex.ReadFrames(_source, _ct);
        if (damage is not null)
            _remark($"{_source.Video.Path}: {damage}; the {index.Count} frames that can be decoded are cut");
        return index;
    }

    private string? WhyNoSplice(Container container)
    {
        if (_whyNoSplice is not null)
            return _whyNoSplice;
        if (!container.HasH264)
            return $"only H.264 can be copied, which {container} does not hold";
        if (_source.Matrix is not null && !container.IsQuickTime)
            return $"{container} cannot say that the picture is turned";
        try
        {
            _splice ??= new H264Splice(_source, Index, _ct);
            return null;
        }
        catch (InvalidDataException e)
        {
            return _whyNoSplice = e.Message;
        }
    }

    private long Splice(string partial, Container container, CutPlan plan, Action<long> progress)
    {
        PictureTrack pictures = new((uint)_splice!.TimeScale, _splice.Configuration(plan.Ranges), _source.Width, _source.Height,
            _source.PixelAspect, _source.Matrix, (uint)(_splice.Delay * FirstStep(plan)));
        (string[] inputs, string[] extras) = _extras.Arguments(plan, container, inputs: 1);
        string[] arguments =
        [
            .. Ffmpeg.Start(), "-f", "mov", "-i", "pipe:0", .. inputs, "-map", "0:v:0", "-c:v", "copy", .. Audio(container, input: 0),
            .. extras, .. Ending(partial, container, pictures.TimeScale),
        ];
        using var process = new MediaProcess("ffmpeg", arguments, ct: _ct);
        Feed(process, () => FeedSplice(new FragmentWriter(process.Input, pictures, [.. _audioTracks.Select(s => s.Info)]), plan, progress));
        int exitCode = process.Wait();
        WrittenVideo.ThrowIfBroken(process);
        if (process.FaultOf(exitCode) is { } fault)
            throw new InvalidDataException(fault);
        return _splice.CountCoded(plan.Ranges);
    }

    private void FeedSplice(FragmentWriter writer, CutPlan plan, Action<long> progress)
    {
        long unit = _source.TimeBase.Numerator;
        long[] shown = [.. plan.Times().Select(t => t * unit)];
        long delay = _splice!.Delay, step = FirstStep(plan);
        // A frame is decoded when the one `delay` before it is shown; all times later by that much, since none may be below 0. The last one
        // lasts to the end, as containers take the length from the times of decoding.
        long DecodedAt(long i) =>
            i == shown.Length ? plan.Begins[^1] * unit + delay * step : i < delay ? i * step : shown[i - delay] + delay * step;

        var audio = new AudioFeed(_audioTracks, plan, Index, TickSeconds);
        var fragment = new List<CodedFrame>();
        long number = 0;
        for (int k = 0; k < plan.Ranges.Count; k++)
        {
            FrameRange range = plan.Ranges[k];
            long origin = plan.Begins[k] - Index.TickOf(range.First);
            foreach (SplicedFrame frame in _splice.Frames(range))
            {
                long decoded = DecodedAt(number), time = (origin + Index.TickOf(frame.Frame)) * unit + delay * step;
                fragment.Add(new CodedFrame(frame.Data, decoded, time, DecodedAt(number + 1) - decoded, frame.IsKey));
                number++;
                if (decoded - fragment[0].Decoded < _splice.TimeScale && fragment.Sum(f => (long)f.Data.Length) < LongestFragment)
                    continue;
                Flush(decoded);
            }
        }
        Flush(long.MaxValue);
        audio.WriteUntil(writer, plan.Begins[^1] * TickSeconds);

        void Flush(long decoded)
        {
            if (fragment.Count > 0)
                writer.WritePictures(fragment);
            fragment.Clear();
            if (decoded < long.MaxValue)
                audio.WriteUntil(writer, (double)(decoded - delay * step) / _splice.TimeScale);
            progress(number);
        }
    }

    // From the first frame that is kept to the next, units of the splice's time.
    private long FirstStep(CutPlan plan) =>
        (Index.TickOf(plan.Ranges[0].First + 1) - Index.TickOf(plan.Ranges[0].First)) * _source.TimeBase.Numerator;

    private string? Encode(string partial, Container container, CutPlan plan, double seek, Action<long> progress)
    {
        bool isTurned = _source.Matrix is not null && !container.IsQuickTime;
        using var folder = new ScratchFolder();
        string filterFile = folder.File("filters.txt");
        File.WriteAllText(filterFile, plan.Filters() + Conversion(container, isTurned));
        string[] audioInput = _audioTracks.Count > 0 ? ["-f", "mov", "-i", "pipe:0"] : [];
        (string[] inputs, string[] extras) = _extras.Arguments(plan, container, inputs: _audioTracks.Count > 0 ? 2 : 1);
        string[] arguments =
        [
            .. Ffmpeg.Start(), "-copyts", .. isTurned ? (string[])[] : ["-noautorotate"],
            .. seek > 0 ? (string[])["-ss", seek.ToString("F6", CultureInfo.InvariantCulture)] : [],
            // Read no further than needed; a limit on the frames that are written would end the audio too.
            "-to", (Index.Seconds(plan.Ranges[^1].End) + SeekMargin).ToString("F6", CultureInfo.InvariantCulture),
            .. _source.HasAlphaStream && Transparent(container) is not null ? (string[])["-c:v", AlphaDecoder] : [],
            "-reinit_filter", "0", .. Ffmpeg.Input(_source.Video.Path), .. audioInput, .. inputs, "-map", _source.Video.Map,
            Ffmpeg.FilterFileOption + ":0", filterFile,
            .. RateOptions(container), .. VideoCodec(container), .. Audio(container, input: 1), .. extras, "-progress", "pipe:1",
            .. Ending(partial, container, _source.TimeBase.Denominator),
        ];
        using var process = new MediaProcess("ffmpeg", arguments, ct: _ct);
        Task feed = Task.Run(() => Feed(process, () =>
        {
            if (_audioTracks.Count > 0)
                new AudioFeed(_audioTracks, plan, Index, TickSeconds)
                    .WriteUntil(new FragmentWriter(process.Input, null, [.. _audioTracks.Select(s => s.Info)]),
                        plan.Begins[^1] * TickSeconds);
        }), _ct);
        process.ReadProgress(progress);
        int exitCode = process.Wait();
        feed.GetAwaiter().GetResult();
        WrittenVideo.ThrowIfBroken(process);
        return exitCode == 0 ? null : process.Complaint;
    }

    private static void Feed(MediaProcess process, Action feed)
    {
        try
        {
            feed();
        }
        catch (IOException)
        {
            // ffmpeg has ended before it read all, and says why.
        }
        finally
        {
            process.CloseInput();
        }
    }

    private void Verify(string partial, Container container, CutPlan plan)
    {
        long frames;
        try
        {
            frames = VideoProbe.CountWritten(partial, _ct);
        }
        catch (InputException e)
        {
            throw new InvalidDataException(
                $"the result cannot be decoded: {e.Message.Replace(partial + ": ", "", StringComparison.Ordinal)}", e);
        }
        if (frames != plan.Frames)
            throw new InvalidDataException(Invariant($"the result has {frames} frames, expected {plan.Frames}"));
        double tolerance = RoundingSeconds + (container.HasOneRate ? 0.5 * Index.MeanStep * TickSeconds : 0);
        if (VideoProbe.PacketTimes(partial, ct: _ct) is { } times && plan.FaultOf(times, tolerance) is { } fault)
            throw new InvalidDataException(fault);
    }

    private static string[] Ending(string partial, Container container, long timeScale) =>
    [
        "-max_muxing_queue_size", "4096",
        .. container.IsQuickTime && timeScale <= int.MaxValue
            ? (string[])["-video_track_timescale", timeScale.ToString(CultureInfo.InvariantCulture)]
            : [],
        .. container.HasOneRate ? (string[])["-avoid_negative_ts", "disabled"] : [], .. container.Unvarying, "-f", container.Format, "-y",
        "file:" + partial,
    ];

    private string Conversion(Container container, bool isTurned)
    {
        bool hasMoreColours = container.PictureEncoder is Ffmpeg.H264Encoder or Vp9Encoder;
        string pixels = Transparent(container) is { } way ? way.PixelFormat : _source.PixelFormat switch
        {
            "yuv420p" or "yuvj420p" => "yuv420p",
            "yuv422p" or "yuvj422p" or "yuv444p" or "yuvj444p" or "yuv420p10le" or "yuv422p10le" or "yuv444p10le" when hasMoreColours =>
                _source.PixelFormat,
            var other when hasMoreColours && DeepColour().IsMatch(other) => "yuv420p10le",
            _ => "yuv420p",
        };
        (int width, int height) = (_source.Width, _source.Height);
        if (isTurned && _source.Matrix![1] != 0)
            (width, height) = (height, width);
        // The same size for all frames, though the source may change it. Colours at half the size need an even one.
        string size = Invariant($",scale={width}:{height}:flags=bicubic");
        string even = container.PictureEncoder == Vp9Encoder || !pixels.Contains("42", StringComparison.Ordinal)
            ? ""
            : ",pad=ceil(iw/2)*2:ceil(ih/2)*2";
        string rate = container.HasOneRate && AviRate is { } r ? Invariant($",settb={r.Denominator}/{r.Numerator},setpts=N") : "";
        string kept = _source.PixelFormat == "yuvj420p" ? pixels.Replace("yuv420p", "yuvj420p", StringComparison.Ordinal) : pixels;
        return $"{size}{even}{(pixels == _source.PixelFormat && !_source.HasAlphaStream ? "" : $",format={kept}")}{rate}";
    }

    // AVI has one rate and no time stamps: frames at a constant rate are counted through.
    private Rational? AviRate
    {
        get
        {
            double length = Index.Seconds(Index.Count - 1) - Index.Seconds(0), step = Index.MeanStep * TickSeconds;
            bool isConstant = Enumerable.Range(1, Index.Count - 1)
                .All(i => Math.Abs(Index.Seconds(i) - Index.Seconds(0) - i * length / (Index.Count - 1)) < 0.25 * step);
            return isConstant ? _source.Video.ExactRate(Index.Count, length, step)?.Limit(ushort.MaxValue) : null;
        }
    }

    private string[] RateOptions(Container container)
    {
        if (!container.HasOneRate)
            return [.. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase];
        if (AviRate is { } rate)
            return ["-r", rate.ToString(), .. Ffmpeg.ConstantRate];
        return _source.Video.Container == Container.Avi.Format && _source.TimeBase.Denominator <= ushort.MaxValue
            ? [.. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase]
            : throw new InputException($"{_source.Video.Path}: its frames do not come at a constant rate, which avi needs",
                Remedy.WriteMatroska);
    }

    private string AlphaDecoder => _source.Video.Codec == "vp8" ? "libvpx" : Vp9Encoder;

    private (string Encoder, string PixelFormat)? Transparent(Container container) =>
        _source.IsTransparent && (!_source.HasAlphaStream || Ffmpeg.HasDecoder(AlphaDecoder))
            ? container.Transparent(_source.Video.Codec, _source.PixelFormat)
            : null;

    private string[] VideoCodec(Container container)
    {
        if (Transparent(container) is { } way)
        {
            return way.Encoder switch
            {
                Vp9Encoder =>
                    ["-c:v", way.Encoder, "-deadline", "good", "-cpu-used", "5", "-row-mt", "1", "-auto-alt-ref", "0", "-crf", "24", "-b:v",
                        "0"],
                "prores_ks" => ["-c:v", way.Encoder, "-profile:v", "4444"],
                _ => ["-c:v", way.Encoder],
            };
        }
        string[] fields = _source.IsInterlaced && container.PictureEncoder != Vp9Encoder ? ["-flags", "+ilme+ildct"] : [];
        return
        [
            .. container.PictureCodec,
            .. container.PictureEncoder switch
            {
                Vp9Encoder => (string[])["-deadline", "good", "-cpu-used", "5", "-row-mt", "1", "-crf", "24", "-b:v", "0"],
                Ffmpeg.H264Encoder => ["-preset", "fast", "-crf", "18"],
                _ => ["-q:v", "2"],
            },
            .. fields,
        ];
    }

    private string[] Audio(Container container, int input)
    {
        var options = new List<string>();
        for (int i = 0; i < _audioTracks.Count; i++)
        {
            AudioInfo audio = _audioTracks[i].Info;
            string encoder = container.LosslessAudioEncoder(audio.Codec) ?? container.AudioEncoder;
            options.AddRange(["-map", Invariant($"{input}:a:{i}"), Invariant($"-c:a:{i}"), encoder]);
            if (!encoder.StartsWith("pcm", StringComparison.Ordinal) && encoder != "flac")
                options.AddRange([Invariant($"-b:a:{i}"), Invariant($"{96 * Math.Min(audio.Channels, 6)}k")]);
            if (encoder == "libmp3lame" && audio.Channels > 2)
                options.AddRange([Invariant($"-ac:a:{i}"), "2"]);
            // AVI has no times at which audio could begin before 0, as that of encoders does: as much is left out at its beginning.
            if (container.HasOneRate && encoder is "libmp3lame" or "ac3")
                options.AddRange([Invariant($"-filter:a:{i}"),
                    $"atrim=start_sample={(encoder == "ac3" ? 256 : 1105)},asetpts=PTS-STARTPTS"]);
            options.AddRange(audio.Notes.Arguments("a", i));
        }
        return [.. options];
    }

    [GeneratedRegex("(9|10|12|14|16)(le|be)$", RegexOptions.ExplicitCapture)]
    private static partial Regex DeepColour();

    /// <summary>Reads from each audio track what belongs to the kept frames, and writes it on.</summary>
    private sealed class AudioFeed(IReadOnlyList<AudioTrack> tracks, CutPlan plan, FrameIndex index, double tickSeconds)
    {
        private readonly long[] _written = new long[tracks.Count];
        private readonly int[] _range = new int[tracks.Count];

        public void WriteUntil(FragmentWriter writer, double seconds)
        {
            for (int t = 0; t < tracks.Count; t++)
            {
                int rate = tracks[t].Info.Rate;
                long target = (long)Math.Round(Math.Min(seconds, plan.Begins[^1] * tickSeconds) * rate);
                while (_written[t] < target)
                {
                    long begin = Begin(_range[t], rate), end = Begin(_range[t] + 1, rate);
                    if (_written[t] >= end)
                    {
                        _range[t]++;
                        continue;
                    }
                    int count = (int)Math.Min(Math.Min(target, end) - _written[t], rate);
                    byte[] samples = new byte[count * tracks[t].SampleBytes];
                    long first = (long)Math.Round(index.Seconds(plan.Ranges[_range[t]].First) * rate);
                    tracks[t].Read(Math.Max(0, first + _written[t] - begin), samples);
                    writer.WriteAudio(t, _written[t], samples);
                    _written[t] += count;
                }
            }
        }

        // Counted from the start, so that what is rounded does not add up.
        private long Begin(int range, int rate) => (long)Math.Round(plan.Begins[range] * tickSeconds * rate);
    }
}
