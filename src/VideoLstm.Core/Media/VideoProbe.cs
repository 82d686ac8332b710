using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Media;

/// <summary>Asks ffprobe and ffmpeg what a file is.</summary>
public static class VideoProbe
{
    private const int LargestSide = 1 << 16;

    // Several steps of a verb ask for the same file.
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written, int? Stream), VideoInfo> Answers = [];

    /// <summary>
    /// Which stream of every video is read, as ffprobe numbers streams; null for <see cref="VideoStream.Choose"/>. One choice for the whole
    /// program, as the number of threads is.
    /// </summary>
    public static int? Stream { get; set; }

    /// <summary>Reads what a video says of itself, without decoding it. A file is asked once, until it changes.</summary>
    /// <exception cref="InputException">It is no video that can be read, or has not the stream that was chosen: one line says
    /// why.</exception>
    public static VideoInfo Read(string path, CancellationToken ct = default) => Find(path, out var key) ?? (Answers[key] =
        Ask(path, (root, complaint) => Describe(path, root, complaint, ct), ["-show_programs"], ct));

    /// <summary>What a video says of itself, if it was asked before and has not changed since; else null.</summary>
    /// <exception cref="InputException">There is no such file, or it is empty.</exception>
    internal static VideoInfo? Known(string path) => Find(path, out _);

    private static VideoInfo? Find(string path, out (string Path, long Length, DateTime Written, int? Stream) key)
    {
        CheckFile(path);
        FileSystemInfo link = new FileInfo(path);
        var file = (FileInfo)(link.ResolveLinkTarget(returnFinalTarget: true) ?? link);
        key = (path, file.Length, file.LastWriteTimeUtc, Stream);
        return Answers.GetValueOrDefault(key);
    }

    /// <summary>Asks ffprobe what streams a file has.</summary>
    /// <param name="path">The file.</param>
    /// <param name="describe">Given ffprobe's answer and its complaint.</param>
    /// <param name="options">Further options of ffprobe.</param>
    /// <param name="ct">Ends it.</param>
    internal static T Ask<T>(string path, Func<JsonElement, string?, T> describe, string[] options, CancellationToken ct)
    {
        using var process = new MediaProcess(
            "ffprobe", [.. Ffmpeg.ProbeStart, "-print_format", "json", "-show_streams", "-show_format", .. options, .. Ffmpeg.Input(path)],
                ct: ct);
        string text = process.ReadText();
        process.Wait();
        try
        {
            using JsonDocument json = JsonText.Parse(text);
            return describe(json.RootElement, process.Complaint);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: is no video: {process.Complaint ?? "ffprobe cannot read it"}", e);
        }
    }

    /// <summary>Counts the frames by decoding them all.</summary>
    /// <param name="path">The video.</param>
    /// <param name="onRemark">Told in one line of damage that is tolerated.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="InputException">It is no video that can be read, or is too damaged.</exception>
    public static long CountFrames(string path, Action<Finding>? onRemark = null, CancellationToken ct = default)
    {
        (long frames, string? complaint) = CountDecodable(path, ct);
        if (complaint is not null && VideoDamage.Find(path, complaint, ct)?.Accept() is { } remark)
            onRemark?.Invoke(remark);
        return frames;
    }

    /// <summary>Counts the frames of a file that we wrote, and that has one video stream.</summary>
    /// <exception cref="InputException">It cannot be decoded without a complaint.</exception>
    internal static long CountWritten(string path, CancellationToken ct)
    {
        (long frames, string? complaint) = Count(path, "0:V:0", ct);
        return complaint is null ? frames : throw new InputException($"{path}: {frames} frames can be decoded, then: {complaint}");
    }

    /// <summary>Counts the frames that can be decoded, and says of what the decoder complained, if it did.</summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    internal static (long Frames, string? Complaint) CountDecodable(string path, CancellationToken ct = default) =>
        Count(path, Read(path, ct).Map, ct);

    private static (long Frames, string? Complaint) Count(string path, string stream, CancellationToken ct)
    {
        using var process = new MediaProcess(
            "ffmpeg", [.. Ffmpeg.Start(), .. Ffmpeg.Input(path), "-map", stream, "-vf", Ffmpeg.RisingTimes, .. Ffmpeg.Passthrough,
                .. Ffmpeg.SourceTimeBase, "-progress", "pipe:1", "-f", "null", "-"], ct: ct);
        long frames = process.ReadProgress();
        int exitCode = process.Wait();
        if (frames == 0)
            throw new InputException($"{path}: no frame can be decoded{Because(process.Complaint)}; replace the file");
        return (frames, process.FaultOf(exitCode));
    }

    /// <summary>
    /// When each frame is shown, seconds, never falling, as the container says and without decoding; null if it does not say so of each.
    /// Where their number is that of the frames that can be decoded, they are their times, up to a constant.
    /// </summary>
    /// <param name="video">The video.</param>
    /// <param name="ct">Ends it.</param>
    internal static List<double>? PacketTimes(VideoInfo video, CancellationToken ct) => PacketTimes(video.Path, video.Selector, ct);

    /// <summary>The same of one stream of a file that we wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">Which stream, as ffmpeg writes it.</param>
    /// <param name="ct">Ends it.</param>
    internal static List<double>? PacketTimes(string path, string stream = "V:0", CancellationToken ct = default)
    {
        var times = new List<double>();
        bool areAllKnown = true;
        using var process = new MediaProcess(
            "ffprobe", [.. Ffmpeg.ProbeStart, "-select_streams", stream, "-show_entries", "packet=pts_time,flags", "-print_format",
                "csv=print_section=0", .. Ffmpeg.Input(path)], ct: ct);
        process.ReadLines(line =>
        {
            string[] fields = line.Trim().Split(',');
            // Discarded: decoded, but not shown.
            if (fields.Length < 2 || fields[1].Contains('D', StringComparison.Ordinal))
                return;
            bool isKnown = double.TryParse(fields[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds);
            areAllKnown &= isKnown;
            times.Add(seconds);
        });
        process.Wait();
        // Packets come in the order in which they are decoded.
        times.Sort();
        return areAllKnown ? times : null;
    }

    internal static string Because(string? complaint) => complaint is null ? "" : $" ({complaint})";

    private static void CheckFile(string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path}: is a folder, expected a video");
        var file = new FileInfo(path);
        // A dead link exists and leads nowhere.
        if (!file.Exists || file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: false })
            throw new InputException($"{path}: no such file");
        if (file.Length == 0 && file.LinkTarget is null)
            throw new InputException($"{path}: is empty, expected a video");
    }

    /// <summary>What ffprobe's answer, and its complaint, say of a file.</summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    internal static VideoInfo Describe(string path, JsonElement root, string? complaint, CancellationToken ct)
    {
        JsonElement[] streams = [.. root.Items("streams")];
        if (streams.Length == 0)
            throw new InputException($"{path}: is no video{Because(complaint)}");
        // A cover picture is a video stream to ffprobe, but no video.
        JsonElement[] videos = [.. streams.Where(s => s.Text("codec_type") == "video" && !IsPicture(s))];
        if (videos.Length == 0)
        {
            IEnumerable<string> kinds = streams.Select(s => IsPicture(s) ? "a cover picture" : s.Text("codec_type") ?? "data").Distinct();
            throw new InputException($"{path}: holds no video, only {string.Join(", ", kinds)}");
        }
        VideoStream[] candidates = [.. videos.Select(Candidate)];
        if (candidates.Length > 1 && candidates.Any(c => c.Frames is null))
        {
            Dictionary<int, int> counts = CountFirstPackets(path, ct);
            candidates = [.. candidates.Select(c => c.Frames is null ? c with { Frames = counts.GetValueOrDefault(c.Index) } : c)];
        }
        VideoStream chosen = Stream is not { } number ? VideoStream.Choose(candidates)
            : candidates.FirstOrDefault(c => c.Index == number)
                ?? throw new InputException(
                    $"{path}: stream {number} is no video; expected {string.Join(", ", candidates.Select(c => c.ToString()))}",
                    Remedy.ChooseStream);
        JsonElement video = videos[Array.IndexOf(candidates, chosen)];
        string codec = video.Text("codec_name") is { } name && name != "unknown"
            ? name
            : throw new InputException(
                $"{path}: is coded in a way that this ffmpeg does not know{Because(complaint)}; install a newer ffmpeg");
        (int width, int height) = (Integer(video, "width"), Integer(video, "height"));
        if (width is < 1 or > LargestSide || height is < 1 or > LargestSide)
            throw new InputException(
                $"{path}: no picture can be decoded: its size is {width} x {height}{Because(complaint)}; replace the file");

        // Of several programmes, the audio of the one that the pictures are of.
        int[] programme = [.. root.Items("programs").Select(p => p.Items("streams").Select(s => Integer(s, "index")).ToArray())
            .FirstOrDefault(p => p.Contains(chosen.Index)) ?? []];
        JsonElement audio = streams.Where(s => s.Text("codec_type") == "audio")
            .OrderByDescending(s => programme.Contains(Integer(s, "index"))).FirstOrDefault();
        JsonElement format = root.Property("format") ?? default;
        bool isTurned = video.Items("side_data_list").Select(s => Integer(s, "rotation")).FirstOrDefault(r => r != 0) % 180 is 90 or -90;
        double aspect = Rational.Parse((video.Text("sample_aspect_ratio") ?? "").Replace(':', '/')) is { Value: > 0 } ratio
            ? ratio.Value
            : 1;
        int shown = (int)Math.Clamp(Math.Round(width * aspect), 1, LargestSide);
        Rational baseRate = Rational.Parse(video.Text("r_frame_rate")) ?? new Rational(25, 1);
        return new VideoInfo
        {
            Path = path,
            Container = format.Text("format_name") ?? "unknown",
            Codec = codec,
            Streams = candidates,
            StreamIndex = chosen.Index,
            Width = isTurned ? height : shown,
            Height = isTurned ? shown : height,
            DecodedWidth = isTurned ? height : width,
            DecodedHeight = isTurned ? width : height,
            PixelAspect = isTurned ? 1 / aspect : aspect,
            FrameRate = Rational.Parse(video.Text("avg_frame_rate")) ?? baseRate,
            BaseRate = baseRate,
            DurationSeconds = new[] { video, format }.Select(e => e.Real("duration")).FirstOrDefault(d => d > 0),
            FrameCount = video.Whole("nb_frames") is > 0 and var frames ? frames : null,
            AudioCodec = audio.ValueKind == JsonValueKind.Undefined ? null : audio.Text("codec_name") ?? "unknown",
            AudioIndex = audio.ValueKind == JsonValueKind.Undefined ? 0 : Integer(audio, "index"),
            Transfer = video.Text("color_transfer") ?? "",
            PixelFormat = video.Text("pix_fmt") ?? "",
            Matrix = video.Text("color_space") is { } matrix and not ("gbr" or "rgb" or "unknown" or "reserved") ? matrix : "",
        };
    }

    internal static bool IsPicture(JsonElement stream) =>
        stream.Property("disposition") is { } d && (Integer(d, "attached_pic") == 1 || Integer(d, "timed_thumbnails") == 1);

    private static VideoStream Candidate(JsonElement stream) => new(
        Integer(stream, "index"), stream.Text("codec_name") is { } name and not "unknown" ? name : "",
        Math.Max(0, Integer(stream, "width")), Math.Max(0, Integer(stream, "height")),
        stream.Property("disposition") is { } d && Integer(d, "default") == 1, stream.Whole("nb_frames"));

    // What has one packet among the first of the file is a still.
    private static Dictionary<int, int> CountFirstPackets(string path, CancellationToken ct)
    {
        var counts = new Dictionary<int, int>();
        using var process = new MediaProcess(
            "ffprobe", [.. Ffmpeg.ProbeStart, "-select_streams", "V", "-read_intervals", "%+#400", "-show_entries", "packet=stream_index",
                "-print_format", "csv=print_section=0", .. Ffmpeg.Input(path)], ct: ct);
        process.ReadLines(line =>
        {
            if (int.TryParse(line.Trim().Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                counts[index] = counts.GetValueOrDefault(index) + 1;
        });
        process.Wait();
        return counts;
    }

    internal static int Integer(JsonElement element, string key) => element.Integer(key) ?? 0;
}
