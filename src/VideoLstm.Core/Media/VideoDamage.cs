using System.Collections.Concurrent;

namespace VideoLstm.Core.Media;

/// <summary>
/// What a viewer of a video misses. A decoder complains of much that nobody sees, above all at the start of a recording that begins inside
/// a group of pictures; so its complaints only lead to this, which looks at the frames: those that are missing between others and at the
/// end, and those that it could not decode whole.
/// </summary>
/// <param name="Path">The video.</param>
/// <param name="Frames">Frames that the decoder gives.</param>
/// <param name="Missing">Frames that are not there: after the first, by the times of the others, and up to the end that the container
/// states.</param>
/// <param name="Broken">Frames that are there in parts, after the first whole one.</param>
/// <param name="LateSeconds">From the first picture in the file to the first that can be decoded, seconds.</param>
/// <param name="Complaint">What the decoder said.</param>
public sealed record VideoDamage(string Path, long Frames, long Missing, long Broken, double LateSeconds, string Complaint)
{
    /// <summary>The share of frames that a video may lose and still be taken, unless it is said otherwise.</summary>
    public const double Tolerable = 0.02;

    // ffmpeg takes a step of so many seconds for a clock that was set anew.
    private const double Discontinuity = 10;

    // The end that a container states may be that of the audio, seconds.
    private const double EndTolerance = 1;

    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written, int Stream), VideoDamage?> Known = [];

    /// <summary>What is done with damaged videos. One choice for the whole program, as the number of threads is.</summary>
    public static DamagePolicy Policy { get; set; }

    /// <summary>Frames that a viewer misses.</summary>
    public long Lost => Missing + Broken;

    /// <summary>Their share of all.</summary>
    public double Share => Lost == 0 ? 0 : (double)Lost / (Frames + Missing);

    /// <summary>What is damaged, in words.</summary>
    public override string ToString() => Lost > 0
        ? Invariant($"{Lost} of {Frames + Missing} frames ({Math.Max(0.1, 100 * Share):0.#} %) are lost or broken ({Complaint})")
        : Invariant($"its first {LateSeconds:0.##} s cannot be decoded ({Complaint})");

    /// <summary>Takes the video as the user wants it.</summary>
    /// <returns>One line that is worth knowing, or null.</returns>
    /// <exception cref="LeftOutException">Damaged videos are left out.</exception>
    /// <exception cref="InputException">It is too damaged.</exception>
    public Finding? Accept() => Lost == 0 ? (LateSeconds > 0 ? $"{Path}: {this}; it begins with the next frame" : null)
        : IsAcceptable ? $"{Path}: {this}; it is taken as it is"
        : Policy == DamagePolicy.Skip ? throw new LeftOutException($"{Path}: is left out: {this}")
        : Policy == DamagePolicy.Fail ? throw new InputException($"{Path}: is damaged: {this}; replace the file")
        : throw new InputException($"{Path}: is damaged: {this}", Remedy.KeepDamaged);

    /// <summary>Whether the user takes it.</summary>
    public bool IsAcceptable => IsAcceptableTo(Policy);

    internal bool IsAcceptableTo(DamagePolicy policy) =>
        Lost == 0 || policy == DamagePolicy.Keep || (policy == DamagePolicy.KeepSlight && Share <= Tolerable);

    /// <summary>
    /// Looks at a video of which the decoder complained. Decodes it once more; a file is looked at once, until it changes.
    /// </summary>
    /// <param name="path">The video.</param>
    /// <param name="complaint">What it said.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Null if a viewer misses nothing.</returns>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public static VideoDamage? Find(string path, string complaint, CancellationToken ct)
    {
        VideoInfo video = VideoProbe.Read(path, ct);
        var file = new FileInfo(path);
        (string, long, DateTime, int) key = (path, file.Length, file.LastWriteTimeUtc, video.StreamIndex);
        if (!Known.TryGetValue(key, out VideoDamage? damage))
            Known[key] = damage = Look(video, complaint, ct) is { } found && (found.Lost > 0 || found.LateSeconds > 0) ? found : null;
        return damage;
    }

    private static VideoDamage Look(VideoInfo video, string complaint, CancellationToken ct)
    {
        var times = new List<double>();
        (double numerator, double denominator) = (1, 1);
        long broken = 0;
        bool isBroken = false, wasWhole = false;
        // The decoder's word on a frame comes before that of the filter.
        using var process = new MediaProcess(
            "ffmpeg",
            [.. Ffmpeg.Start("repeat+info"), "-copyts", .. Ffmpeg.Input(video.Path), "-map", video.Map, "-vf", "showinfo=checksum=0",
                .. Ffmpeg.Passthrough, "-f", "null", "-"],
            line =>
            {
                if (line.Contains("corrupt decoded frame", StringComparison.Ordinal))
                    isBroken = true;
                else if (FrameReader.ReadTimeBase(line) is { } unit)
                    (numerator, denominator) = unit;
                else if (FrameReader.ReadTicks(line, out long? ticks))
                {
                    broken += isBroken && wasWhole ? 1 : 0;
                    wasWhole |= !isBroken;
                    isBroken = false;
                    times.Add(ticks * numerator / denominator ?? double.NaN);
                }
            },
            ct: ct);
        process.Input.Close();
        process.ReadProgress();
        process.Wait();
        if (times.Count == 0)
            throw new InputException($"{video.Path}: no frame can be decoded{VideoProbe.Because(process.Complaint)}; replace the file");

        List<double>? packets = VideoProbe.PacketTimes(video, ct);
        double[] steps = [.. times.Zip(times.Skip(1), (a, b) => b - a).Where(s => s is > 0 and < Discontinuity)];
        double[] sorted = [.. steps.Order()];
        double step = sorted.Length > 0 ? sorted[sorted.Length / 2] : 1 / video.FrameRate.Value;
        long leading = packets?.Count(t => t < times[0] - step / 2) ?? 0;
        bool isConstant = steps.Count(s => Math.Abs(s - step) < 0.25 * step) >= 0.8 * steps.Length;
        // What follows the first frame may lean on what came before it, and is missing like that.
        long missing = isConstant
            ? steps.Skip(1).Where(s => s > 1.5 * step).Sum(s => (long)Math.Round(s / step) - 1)
            : Math.Max(0, (packets?.Count ?? 0) - leading - times.Count);
        if (video.FrameCount is { } stated)
            missing = Math.Max(missing, stated - leading - times.Count);
        else if (!video.IsBroadcast && video.DurationSeconds is { } duration
            && times.Count * step + leading * step + missing * step < duration - EndTolerance)
            missing = (long)Math.Round(duration / step) - leading - times.Count;
        return new VideoDamage(video.Path, times.Count, missing, broken, leading > 0 ? times[0] - packets![0] : 0, complaint);
    }
}
