using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Media;

/// <summary>
/// The frames of a video, or of picture files, as RGB, 8 bits, <c>[height, width, 3]</c>: the one way on which frames reach the
/// network. ffmpeg decodes, rotates as the video says, converts by the stream's own matrix and range, and scales (bicubic, which
/// widens with the reduction and so averages; bit-exact on every machine). Frame n is the n-th that the decoder gives.
/// </summary>
public sealed partial class FrameReader : IDisposable
{
    private const string Scaling = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact";

    private const string StoredPixels = $"scale=out_range=tv:{Scaling},format=yuv420p";

    private const int LongestSelection = 1000;

    // Between what ffmpeg has written and what we have read of it.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly Func<Selected, string[]> _arguments;
    private readonly int _frameBytes;
    private readonly BlockingCollection<(double Seconds, string Shape)> _times = [];
    private readonly bool _keepsShape;
    private readonly Thread? _feeder;
    private readonly IReadOnlyList<long>? _frames;
    private readonly CancellationToken _ct;
    private readonly CancellationTokenRegistration _refused;
    private Source _source;
    private MediaProcess _process;
    private IReadOnlyList<long>? _wanted;
    private string? _shape;
    private (double Numerator, double Denominator) _timeBase = (1, 1);
    private volatile string? _unreadable;
    private readonly bool _isTimed;
    private readonly ManualResetEventSlim _isDescribed = new();
    private volatile bool _isOpen, _isInput, _isSpecial;
    private volatile int _videoStreams;
    private bool _isPresumed;
    private long _next;
    private bool _ended;

    /// <summary>Opens a video.</summary>
    /// <param name="path">The video.</param>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="fit">How they come to that size.</param>
    /// <param name="frames">Numbers of the frames wanted, from 0, rising, at least one; null for all.</param>
    /// <param name="ct">Ends the reader.</param>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public FrameReader(string path, int height, int width, FrameFit fit = FrameFit.Resize, IReadOnlyList<long>? frames = null,
        CancellationToken ct = default)
        : this(Source.OfFile(VideoProbe.Read(path, ct), HardwareDecoder.Chosen, ct), height, width, fit, frames, ct)
    {
    }

    private FrameReader(Source source, int height, int width, FrameFit fit, IReadOnlyList<long>? frames, CancellationToken ct,
        bool asStored = false, int threads = 0, bool isTimed = true)
    {
        (_source, _frames, _ct, _keepsShape) = (source, frames, ct, fit == FrameFit.CenterCrop);
        _isTimed = isTimed || _keepsShape;
        _isPresumed = source.IsPresumed;
        _frameBytes = checked(asStored ? height * width * 3 / 2 : height * width * 3);
        string pixels = asStored ? StoredPixels : "format=rgb24";
        string[] workers = threads > 0 ? ["-filter_threads", Invariant($"{threads}"), "-threads", Invariant($"{threads}")] : [];
        _arguments = selected =>
        [
            .. Ffmpeg.Start("info"), .. workers, .. selected.Options, .. _source.Input, "-map", _source.Video?.Map ?? "0:V:0", "-vf",
            $"{_source.Download}{selected.Filter}{(_isTimed ? "showinfo=checksum=0," : "")}{Fit(fit, height, width)}," +
                $"{_source.ToneMapping}{pixels},{Ffmpeg.RisingTimes}",
            .. Ffmpeg.Passthrough, .. Ffmpeg.SourceTimeBase,
            .. selected.Limit is { } limit ? ["-frames:v", limit.ToString(CultureInfo.InvariantCulture)] : (string[])[], "-f", "rawvideo",
            "pipe:1",
        ];
        _process = Start(Selection(frames));
        _refused = source.Relay?.Refused.Register(_process.Kill) ?? default;
        if (source.Pictures is { } pictures)
        {
            _feeder = new Thread(() => Feed(pictures)) { IsBackground = true, Name = "pictures" };
            _feeder.Start();
        }
    }

    /// <summary>
    /// Opens a video without asking first what it is, which takes as long as decoding a short clip: that of its streams is read which is
    /// its only one, as almost always, and ffmpeg says whether it is while it decodes. Else it is opened again as usual. Its frames have no
    /// times: to say and to read them takes a thirtieth of the time of a short clip.
    /// </summary>
    /// <param name="path">The video.</param>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="fit">How they come to that size.</param>
    /// <param name="frames">Numbers of the frames wanted, from 0, rising, at least one.</param>
    /// <param name="threads">Threads that decode; 0: as many as the decoder likes.</param>
    /// <param name="ct">Ends the reader.</param>
    /// <exception cref="InputException">It is no video that can be read; reading may say so later.</exception>
    internal static FrameReader OpenPresumed(
        string path, int height, int width, FrameFit fit, IReadOnlyList<long> frames, int threads, CancellationToken ct)
    {
        VideoInfo? video = VideoProbe.Known(path);
        Source source = video is null && VideoProbe.Stream is null && HardwareDecoder.Chosen is null
            ? new Source(path, Ffmpeg.Input(path)) { IsPresumed = true }
            : Source.OfFile(video ?? VideoProbe.Read(path, ct), HardwareDecoder.Chosen, ct);
        return new FrameReader(source, height, width, fit, frames, ct, threads: threads, isTimed: false);
    }

    /// <summary>Opens a video at the size of its own, as a decoder of the hardware gives its frames, or ffmpeg's own.</summary>
    /// <param name="video">The video.</param>
    /// <param name="hardware">The decoder; null: ffmpeg's own.</param>
    /// <param name="frames">Numbers of the frames wanted, from 0, rising, at least one.</param>
    /// <param name="ct">Ends the reader.</param>
    internal static FrameReader OpenWith(VideoInfo video, HardwareDecoder? hardware, IReadOnlyList<long> frames, CancellationToken ct) =>
        new(Source.Of(video, hardware), video.DecodedHeight, video.DecodedWidth, FrameFit.Resize, frames, ct);

    private MediaProcess Start(Selected selected)
    {
        (_wanted, _next) = (selected.Counted, 0);
        bool inheritsInput = _source.Live is { IsStandardInput: true };
        var process = new MediaProcess(
            "ffmpeg", _arguments(selected), OnMessage, inheritInput: inheritsInput, environment: _source.Relay?.Environment, ct: _ct);
        if (!inheritsInput && _source.Pictures is null)
            process.Input.Close();
        return process;
    }

    /// <summary>Frames delivered so far.</summary>
    public long FramesDecoded { get; private set; }

    /// <summary>
    /// After the end: what the decoder complained of, which may be damage (<see cref="VideoDamage.Find"/>) or not; null: of nothing. What
    /// could be decoded was delivered.
    /// </summary>
    public string? Complaint { get; private set; }

    /// <summary>What ffmpeg last complained of; null: of nothing.</summary>
    internal string? LastComplaint => _source.Relay?.Failure ?? _process.LastComplaint;

    /// <summary>What ffmpeg first complained of; null: of nothing.</summary>
    internal string? FirstComplaint => _process.Complaint;

    /// <summary>Whether it said how long it is, as a recording does and what happens now does not; known with the first frame.</summary>
    internal bool StatesDuration { get; private set; }

    /// <summary>Opens what happens now.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="fit">How they come to that size.</param>
    /// <param name="ct">Ends the reader.</param>
    internal static FrameReader Open(LiveSource source, int height, int width, FrameFit fit, CancellationToken ct = default)
    {
        LiveRelay? relay = source.StartRelay();
        try
        {
            return new FrameReader(new Source(source.Name, source.InputThrough(relay)) { Live = source, Relay = relay }, height, width, fit,
                null, ct);
        }
        catch
        {
            relay?.Dispose();
            throw;
        }
    }

    /// <summary>Opens picture files, JPEG, one frame each; their sizes may differ.</summary>
    /// <param name="files">The files, in order; at least one.</param>
    /// <param name="height">Height of the frames, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="fit">How they come to that size.</param>
    /// <param name="threads">Threads that decode; 0: as many as the decoder likes.</param>
    /// <param name="ct">Ends the reader.</param>
    public static FrameReader OpenPictures(
        IReadOnlyList<string> files, int height, int width, FrameFit fit = FrameFit.Resize, int threads = 0, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfZero(files.Count, nameof(files));
        string[] input = ["-f", "image2pipe", "-c:v", "mjpeg", "-i", "pipe:0"];
        return new FrameReader(new Source(files[0], input) { Pictures = files }, height, width, fit, null, ct, threads: threads);
    }

    /// <summary>
    /// Opens a video for writing it again: frames as most videos store them, luma <c>[height, width]</c> and two chroma planes of half the
    /// height and width (yuv420p), limited range, by the stream's own matrix if it has one (<see cref="VideoInfo.Matrix"/>), else by that
    /// of BT.601.
    /// </summary>
    /// <param name="path">The video.</param>
    /// <param name="height">Height of the frames, pixels, even.</param>
    /// <param name="width">Their width, pixels, even.</param>
    /// <param name="frames">Numbers of the frames wanted, from 0, rising, at least one.</param>
    /// <param name="ct">Ends the reader.</param>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    internal static FrameReader OpenStored(string path, int height, int width, IReadOnlyList<long> frames, CancellationToken ct) =>
        new(Source.Of(VideoProbe.Read(path, ct), null), height, width, FrameFit.Resize, frames, ct, asStored: true);

    /// <summary>Reads what is left, so that <see cref="Complaint"/> is known.</summary>
    internal void ReadToEnd()
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent(_frameBytes);
        while (Read(frame.AsSpan(0, _frameBytes), out _))
        {
            // Nobody wants it.
        }
        ArrayPool<byte>.Shared.Return(frame);
    }

    /// <summary>Reads the next frame.</summary>
    /// <param name="rgb">Filled with <c>[height, width, 3]</c>, or as <see cref="OpenStored"/> says.</param>
    /// <param name="seconds">When it is shown, from the start of the file; 0 if it was opened without times.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="InputException">Not a single frame can be decoded, or a picture file cannot be read.</exception>
    public bool Read(Span<byte> rgb, out double seconds)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, _frameBytes, nameof(rgb));
        seconds = 0;
        if (_ended)
            return false;
        while (true)
        {
            int read = _process.Read(rgb);
            // The frame's line was written before the frame was.
            bool isFrame = TryTakeTime(read, out seconds, out string shape);
            if (_isPresumed)
            {
                _isPresumed = false;
                // Written before the first frame, too.
                if (!isFrame || !_isDescribed.Wait(LongestDelay, _ct) || _videoStreams != 1 || _isSpecial)
                {
                    _source = Source.OfFile(VideoProbe.Read(_source.Name, _ct), HardwareDecoder.Chosen, _ct);
                    Restart(Selection(_frames));
                    continue;
                }
            }
            if (!isFrame)
            {
                End(read);
                return false;
            }
            _shape ??= shape;
            // Filters that choose frames must not begin anew, and those that cut out the centre must where the shape of the frames
            // changes: then all frames come, and those wanted are counted out here.
            if (_wanted is null && _frames is not null && _keepsShape && shape != _shape)
            {
                Restart(Selected.AllUpTo(_frames));
                continue;
            }
            if (_wanted is null || (FramesDecoded < _wanted.Count && _wanted[(int)FramesDecoded] == _next))
                break;
            _next++;
        }
        _next++;
        FramesDecoded++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _refused.Dispose();
        _process.Dispose();
        _source.Relay?.Dispose();
        _feeder?.Join();
        _times.Dispose();
        _isDescribed.Dispose();
    }

    private void Restart(Selected selected)
    {
        _process.Dispose();
        while (_times.TryTake(out _))
        {
            // Those of the frames that were on their way.
        }
        _process = Start(selected);
    }

    private bool TryTakeTime(int read, out double seconds, out string shape)
    {
        (double Seconds, string Shape) time = (0, "");
        try
        {
            return read == _frameBytes && (!_isTimed || _times.TryTake(out time, LongestDelay));
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            (seconds, shape) = time;
        }
    }

    // Nothing came that could have been understood or not: it was neither opened, nor is it said of what came that it is nothing known or
    // ends too soon.
    private bool IsUnreached => _source.Live is { IsStandardInput: false } && !_isOpen
        && !((string[])["Invalid data", "ends prematurely"])
            .Any(said => _process.Complaint?.Contains(said, StringComparison.Ordinal) == true);

    private void End(int rest)
    {
        _ended = true;
        int exitCode = _process.Wait();
        if (_unreadable is not null)
            throw new InputException(_unreadable);
        if (_source.Relay?.Refusal is { } refusal)
            throw refusal;
        if (_next == 0)
        {
            string what = IsUnreached ? "cannot be reached" : "no frame can be decoded",
                because = VideoProbe.Because(_source.Relay?.Failure ?? _process.Complaint);
            if (_source.Hardware is { } hardware)
                throw new InputException($"{_source.Name}: no frame can be decoded by {hardware}{because}", Remedy.DecodeInSoftware);
            throw new InputException($"{_source.Name}: {what}{because}{(_source.Live is null ? "; replace the file" : "")}");
        }
        Complaint = _process.FaultOf(exitCode) ?? (rest != 0 ? $"ffmpeg ends with {exitCode}" : null);
    }

    // showinfo states each frame's time in units of the time base, which it states first.
    private void OnMessage(string line)
    {
        if (line.StartsWith("[info] Input #0", StringComparison.Ordinal))
            _isOpen = _isInput = true;
        if (line.StartsWith("[info] Stream mapping:", StringComparison.Ordinal))
        {
            _isInput = false;
            _isDescribed.Set();
        }
        if (_isInput && VideoStreamLine().IsMatch(line))
        {
            _videoStreams++;
            _isSpecial |= SpecialStream().IsMatch(line);
        }
        StatesDuration |= Duration().IsMatch(line);
        if (ReadTimeBase(line) is { } unit)
            _timeBase = unit;
        else if (FrameTime().Match(line) is { Success: true } frame)
            _times.Add((Ticks(frame) * _timeBase.Numerator / _timeBase.Denominator ?? 0, _keepsShape ? frame.Groups["shape"].Value : ""),
                CancellationToken.None);
    }

    /// <summary>
    /// Seconds per unit, as a fraction, of the times that showinfo states after this line; null if the line does not say.
    /// </summary>
    internal static (double Numerator, double Denominator)? ReadTimeBase(string line) => TimeBase().Match(line) is { Success: true } m
        ? (double.Parse(m.Groups["n"].Value, CultureInfo.InvariantCulture),
            double.Parse(m.Groups["d"].Value, CultureInfo.InvariantCulture)) : null;

    /// <summary>Whether the line is that of showinfo on a frame; and its time, null if it has none.</summary>
    internal static bool ReadTicks(string line, out long? ticks)
    {
        Match frame = FrameTime().Match(line);
        ticks = Ticks(frame);
        return frame.Success;
    }

    private static long? Ticks(Match frame) =>
        long.TryParse(frame.Groups["pts"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ticks)
            ? ticks
            : null;

    private void Feed(IReadOnlyList<string> pictures)
    {
        try
        {
            using Stream input = _process.Input;
            foreach (string picture in pictures)
            {
                using FileStream? file = TryOpen(picture);
                if (file is null)
                    return;
                file.CopyTo(input);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // ffmpeg has ended before it read all; End says why.
        }
    }

    private FileStream? TryOpen(string picture)
    {
        try
        {
            return StoreFault.Outlast(() => File.OpenRead(picture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _unreadable = $"{picture}: cannot be read: {e.Message}";
            return null;
        }
    }

    private static string Fit(FrameFit fit, int height, int width)
    {
        string size = fit == FrameFit.Resize
            ? Invariant($"scale={width}:{height}:{Scaling}")
            : Invariant($"scale=w='max({width},round({height}*dar))':h='max({height},round({width}/dar))':{Scaling},crop={width}:{height}");
        return size + ",setsar=1";
    }

    /// <summary>
    /// How frames are chosen. ffmpeg's select filter does it before they are scaled; a search tree, since its expressions are
    /// at most a hundred deep. Where a video changes its size the filters would begin again and count from 0: they are told
    /// not to. A list too long for a command line is dense, and counted out here.
    /// </summary>
    private static Selected Selection(IReadOnlyList<long>? frames)
    {
        if (frames is null)
            return new Selected("", [], null, null);
        // Where frames that follow each other begin, and where they end.
        var borders = new List<double>();
        foreach (long frame in frames)
        {
            if (borders.Count > 0 && borders[^1] == frame)
                borders[^1]++;
            else
                borders.AddRange([frame, frame + 1]);
        }
        return borders.Count <= 2 * LongestSelection
            ? new Selected($"select='{Ffmpeg.ExpressionTree("n", borders, i => i % 2 == 0 ? "0" : "1")}',", ["-reinit_filter", "0"],
                frames.Count, null)
            : Selected.AllUpTo(frames);
    }

    /// <param name="Name">What it is called in messages.</param>
    /// <param name="Input">ffmpeg's arguments that open it.</param>
    private sealed record Source(string Name, IReadOnlyList<string> Input)
    {
        /// <summary>What it says of itself, if it is a file.</summary>
        public VideoInfo? Video { get; private init; }

        /// <summary>Where it comes from, if it happens now.</summary>
        public LiveSource? Live { get; init; }

        /// <summary>What all that it leads to goes through, if anything.</summary>
        public LiveRelay? Relay { get; init; }

        /// <summary>The files, if it is pictures.</summary>
        public IReadOnlyList<string>? Pictures { get; init; }

        /// <summary>What decodes it, if that is not ffmpeg itself.</summary>
        public HardwareDecoder? Hardware { get; private init; }

        /// <summary>Filters that must stand first, with a comma behind.</summary>
        public string Download => Hardware is null ? "" : HardwareDecoder.Download(Video!);

        /// <summary>Filters behind the size, with a comma behind.</summary>
        public string ToneMapping => Video is null ? "" : Ffmpeg.ToneMapping(Video);

        /// <summary>Whether it is not known yet that it has one video stream, whose frames need no more than to be scaled.</summary>
        public bool IsPresumed { get; init; }

        public static Source OfFile(VideoInfo video, HardwareDecoder? hardware, CancellationToken ct)
        {
            hardware?.Check(video, ct);
            return Of(video, hardware);
        }

        public static Source Of(VideoInfo video, HardwareDecoder? hardware) =>
            new(video.Path, [.. hardware?.Options ?? [], .. Ffmpeg.Input(video.Path)]) { Video = video, Hardware = hardware };
    }

    /// <param name="Filter">A filter with a comma behind.</param>
    /// <param name="Options">Options of the input.</param>
    /// <param name="Limit">Frames that ffmpeg delivers at most.</param>
    /// <param name="Counted">Frames to pick from what it delivers.</param>
    private readonly record struct Selected(string Filter, string[] Options, long? Limit, IReadOnlyList<long>? Counted)
    {
        public static Selected AllUpTo(IReadOnlyList<long> frames) => new("", [], frames[^1] + 1, frames);
    }

    [GeneratedRegex(@"^\[info\]   Duration: \d")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^\[info\] +Stream #0:\d+.*?: Video: ")]
    private static partial Regex VideoStreamLine();

    // Pictures beside a video are none, and those of high dynamic range are mapped to the standard one.
    [GeneratedRegex(@"smpte2084|arib-std-b67|\((attached pic|still image|timed thumbnails)\)")]
    private static partial Regex SpecialStream();

    // From the beginning of the line: titles and file names, which are reported too, may hold anything.
    [GeneratedRegex(@"^\[Parsed_showinfo_\d+ @ [0-9a-fA-Fx]+\] \[info\] config in time_base: (?<n>\d+)/(?<d>[1-9]\d*)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex TimeBase();

    [GeneratedRegex(@"^\[Parsed_showinfo_\d+ @ [0-9a-fA-Fx]+\] \[info\] n: *\d+ pts: *(?<pts>-?\d+|NOPTS).*? (?<shape>sar:\S+ s:\S+)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex FrameTime();
}
