using System.Globalization;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Media;

/// <summary>
/// Writes a video again with labels drawn in: every frame, the source's size, rate and audio. ffmpeg decodes the source a second
/// time, which costs little beside the network, so nothing has to be kept while the labels are worked out.
/// </summary>
public sealed class LabelledVideo
{
    private const int LargestAviRate = 240;

    // Those with at most two pixels a value of chroma; ffmpeg takes the one that is nearest to the source's.
    private const string PaddedFormats = "yuv420p|yuv422p|yuv444p|yuv420p10|yuv422p10|yuv444p10|gbrp|gbrp10|gray|gray10|rgb24|rgba";

    // MPEG-4 part 2 counts time in 16 bits.
    private const long LargestMpeg4TimeBase = 65535;

    private readonly VideoInfo _source;
    private readonly string _output, _folder;
    private readonly Container _container;
    private readonly FrameTiming _timing;

    private LabelledVideo(VideoInfo source, string output, Container container, FrameTiming timing, string folder) =>
        (_source, _output, _container, _timing, _folder) = (source, output, container, timing, folder);

    /// <summary>Container of an output, by its extension.</summary>
    /// <exception cref="InputException">The extension is none that can be written.</exception>
    public static Container ContainerOf(string output) => Container.Of(output) is { } container && container != Container.MpegTs
        ? container
        : throw new InputException($"{output}: expected a name that ends with .avi, .mp4, .mov, .mkv or .webm");

    /// <summary>Makes sure that an output will be H.264 in a container that browsers play.</summary>
    /// <exception cref="InputException">The extension is that of another container, or this ffmpeg has no encoder.</exception>
    public static void RequireH264(string output)
    {
        if (!ContainerOf(output).HasH264)
            throw new InputException($"{output}: H.264 goes into .mp4, .mov or .mkv", Remedy.RenameOutputSo);
        if (!Ffmpeg.HasEncoder(Ffmpeg.H264Encoder))
            throw new InputException($"{output}: this ffmpeg cannot write H.264, it has no {Ffmpeg.H264Encoder}", Remedy.DoWithoutH264);
    }

    /// <summary>Writes the labelled video, whole or not at all.</summary>
    /// <param name="source">The video.</param>
    /// <param name="output">Where to; its extension says the container.</param>
    /// <param name="labels">The labels, in order.</param>
    /// <param name="timing">Times of the source's frames.</param>
    /// <param name="style">How the labels look; null: as by default.</param>
    /// <param name="progress">Told the number of frames written.</param>
    /// <param name="ct">Stops the work; nothing stays.</param>
    /// <returns>One line if the audio had to be left out, else null.</returns>
    /// <exception cref="InputException">It cannot be written: one line says why.</exception>
    public static string? Write(
        string source, string output, IEnumerable<FrameLabel> labels, FrameTiming timing, LabelStyle? style = null,
            Action<long>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(timing);
        Container container = ContainerOf(output);
        if (RealPath.Of(source) == RealPath.Of(output))
            throw new InputException($"{output}: is the video itself; give another name for the labelled one");
        VideoInfo video = VideoProbe.Read(source, ct);

        using var folder = new ScratchFolder();
        using (StreamWriter writer = File.CreateText(folder.File("labels.ass")))
            LabelScript.Write(writer, labels, timing, video, style ?? new LabelStyle());
        return PartialFile.Use(output, partial =>
        {
            string? remark = new LabelledVideo(video, output, container, timing, folder.Path).Write(partial.Path, progress, ct);
            partial.Commit();
            return remark;
        });
    }

    private string? Write(string partial, Action<long>? progress, CancellationToken ct)
    {
        string? complaint = Run(partial, withAudio: _source.HasAudio, progress, ct);
        if (complaint is null)
            return null;
        string? audioComplaint = complaint;
        if (_source.HasAudio)
            complaint = Run(partial, withAudio: false, progress, ct);
        return complaint is null
            ? $"{_output}: has no audio, that of the source cannot be taken over ({audioComplaint})"
            : throw new InputException($"{_output}: cannot be written ({complaint})");
    }

    /// <summary>Writes the video.</summary>
    /// <returns>Null; or one line, if it may be for the audio that there is not what should be.</returns>
    /// <exception cref="IOException">It cannot be written, whether with audio or without.</exception>
    private string? Run(string partial, bool withAudio, Action<long>? progress, CancellationToken ct)
    {
        string[] arguments =
        [
            .. Ffmpeg.Start("warning"), "-reinit_filter", "0", .. Ffmpeg.Input(_source.Path), .. AudioInput(withAudio), "-map", _source.Map,
            .. Audio(withAudio), "-vf", Filters(), .. RateOptions(), .. VideoCodec(),
            "-map_metadata", "-1", "-max_muxing_queue_size", "4096",
            .. (_container.IsQuickTime ? (string[])["-movflags", "+faststart"] : []), "-progress", "pipe:1", .. _container.Unvarying, "-f",
            _container.Format, "-y", "file:" + partial,
        ];
        using var process = new MediaProcess("ffmpeg", arguments, folder: _folder, ct: ct);
        process.Input.Close();
        long frames = process.ReadProgress(written => progress?.Invoke(Math.Min(written, _timing.Frames)));
        int exitCode = process.Wait();
        if (process.LacksFonts)
            throw new InputException(
                $"{_output}: the labels cannot be drawn, no font is installed; install one, e.g. `apt-get install fonts-dejavu-core`");
        WrittenVideo.ThrowIfBroken(process);
        if (exitCode > 128 && !OperatingSystem.IsWindows() && process.Complaint is null)
            throw new IOException(Invariant($"ffmpeg was ended by signal {exitCode - 128}"));
        // A damaged source makes ffmpeg complain as it did in the first pass; what counts is that the frames are there.
        if (exitCode != 0 || frames < _timing.Frames)
            return process.Complaint ?? Invariant($"ffmpeg ends with {exitCode} after {frames} of {_timing.Frames} frames");
        WrittenVideo written = WrittenVideo.Read(process, partial, ct);
        if (written.Frames < _timing.Frames)
            throw new IOException(Invariant(
                $"it holds {written.Frames} frames, expected {_timing.Frames}{VideoProbe.Because(process.Complaint)}"));
        return withAudio && written.AudioPackets is not > 0 ? process.Complaint ?? "none of it could be decoded" : null;
    }

    private string Filters()
    {
        string restore = IsCounted
            ? Invariant($"settb={AviRate.Denominator}/{AviRate.Numerator},setpts=N")
            : $"setpts=PTS/{LabelScript.TimeScale},{(_container.HasOneRate ? $"fps={AviRate}:start_time=0" : Ffmpeg.RisingTimes)}";
        return $"{SteadySize()},{Ffmpeg.ToneMapping(_source)}setpts=PTS*{LabelScript.TimeScale},ass=labels.ass,{restore},format=yuv420p";
    }

    // Where the source changes its size or shape, the frames are fitted into those of its first ones: filters that began anew would count
    // anew, and an encoder takes one size. Frames that do not change pass through. Padding is to whole pixels of chroma, and so to even
    // sizes.
    private string SteadySize()
    {
        (int width, int height, double aspect) = (_source.DecodedWidth, _source.DecodedHeight, _source.PixelAspect);
        string isWider = Invariant($"if(gt(dar,{width * aspect / height:R})");
        string fitted = Invariant($"w='{isWider},{width},clip(round({height}*dar/{aspect:R}),1,{width}))'")
            + Invariant($":h='{isWider},clip(round({width}*{aspect:R}/dar),1,{height}),{height})'");
        string even = $"pad={width + width % 2}:{height + height % 2}:(ow-iw)/2:(oh-ih)/2:eval=frame";
        return $"scale={fitted}:eval=frame:flags=bicubic,format={PaddedFormats},{even}";
    }

    // AVI has one rate and no time stamps. Frames of a constant rate are counted through, so that each is there exactly once.
    private bool IsCounted => _container.HasOneRate && (_timing.IsConstant || NeededRate > LargestAviRate);

    private double NeededRate => _timing.ShortestStep > 0 ? 1 / _timing.ShortestStep : double.PositiveInfinity;

    private Rational AviRate
    {
        get
        {
            Rational rate = IsCounted
                ? _source.ExactRate(_timing) ?? _timing.MeanRate
                // Fine enough that no two frames fall on one place; the places between repeat a frame.
                : _source.BaseRate.Value >= 0.98 * NeededRate && _source.BaseRate.Value <= LargestAviRate
                    ? _source.BaseRate
                    : new Rational((long)Math.Ceiling(NeededRate), 1);
            return rate.Limit(LargestMpeg4TimeBase);
        }
    }

    private string[] RateOptions() => _container.HasOneRate
        ? ["-r", AviRate.ToString(), .. Ffmpeg.ConstantRate]
        : [.. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase];

    private string[] VideoCodec() =>
    [
        .. _container.PictureCodec,
        .. _container.PictureEncoder switch
        {
            Ffmpeg.H264Encoder => (string[])["-preset", "veryfast", "-crf", "20"],
            "libvpx-vp9" => ["-deadline", "realtime", "-cpu-used", "6", "-crf", "30", "-b:v", "0"],
            _ => ["-q:v", "3"],
        },
    ];

    // Frames that are counted through begin at 0; audio from before the first of them has no place in the file.
    private double AudioBegins => IsCounted && _timing.FirstSeconds >= _timing.MeanStep / 2 ? _timing.FirstSeconds : 0;

    private string[] AudioInput(bool withAudio) => withAudio && AudioBegins > 0
        ? ["-ss", AudioBegins.ToString("F6", CultureInfo.InvariantCulture), .. Ffmpeg.Input(_source.Path)]
        : [];

    private string[] Audio(bool withAudio)
    {
        if (!withAudio)
            return ["-an"];
        string map = Invariant($"{(AudioBegins > 0 ? 1 : 0)}:{_source.AudioIndex}");
        if (_container.CopiesAudio(_source.AudioCodec!))
            return ["-map", map, "-c:a", "copy"];
        return ["-map", map, "-c:a", _container.AudioEncoder, "-ac", "2", "-ar", "48000"];
    }
}
