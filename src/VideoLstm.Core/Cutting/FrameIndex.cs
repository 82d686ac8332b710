using System.Globalization;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Cutting;

/// <summary>
/// When the frames of a video are shown, and how they are coded: in which order, how large, which of them are key frames. Some
/// 30 bytes a frame. Packets are in decoding order, frames in the order in which they are shown.
/// </summary>
internal sealed class FrameIndex
{
    private FrameIndex(CutSource source, long[] ticks)
    {
        TickSeconds = source.TimeBase.Value;
        StartSeconds = source.StartSeconds;
        Ticks = ticks;
        MeanStep = Count > 1
            ? Math.Max(1, (long)Math.Round((double)(ticks[^1] - ticks[0]) / (Count - 1)))
            : Math.Max(1, (long)Math.Round(1 / (25 * TickSeconds)));
    }

    /// <summary>Times of the frames in units of the source's time base, rising.</summary>
    public long[] Ticks { get; }

    /// <summary>Unit of the source's time base, seconds.</summary>
    public double TickSeconds { get; }

    /// <summary>Number of frames.</summary>
    public int Count => Ticks.Length;

    /// <summary>Where in <see cref="Ticks"/> the file starts, seconds.</summary>
    public double StartSeconds { get; }

    /// <summary>Mean time between two frames, in units of the time base.</summary>
    public long MeanStep { get; }

    /// <summary>Size of each packet, bytes; empty if the packets are not known.</summary>
    public int[] Sizes { get; private init; } = [];

    /// <summary>Decoding time of each packet, in units of the time base.</summary>
    public long[] DecodingTicks { get; private init; } = [];

    /// <summary>Number of the frame that each packet holds.</summary>
    public int[] Frames { get; private init; } = [];

    /// <summary>Whether each packet is a key frame.</summary>
    public bool[] Keys { get; private init; } = [];

    /// <summary>
    /// Whether the packets before each hold just the frames that are shown before all from it on; one more than there are packets.
    /// </summary>
    public bool[] Clean { get; private init; } = [];

    /// <summary>Time of a frame from the start of the file, seconds; of the end for the frame after the last.</summary>
    public double Seconds(int frame) => TickOf(frame) * TickSeconds - StartSeconds;

    /// <summary>Time of a frame in units of the time base; of the end for the frame after the last.</summary>
    public long TickOf(int frame) => frame < Count ? Ticks[frame] : Ticks[^1] + MeanStep;

    /// <summary>A time at which frames before <paramref name="frame"/> have begun and it has not, seconds.</summary>
    public double Before(int frame) =>
        frame == 0 ? Seconds(0) - 1 : frame == Count ? Seconds(Count) + 1e6 : (Seconds(frame - 1) + Seconds(frame)) / 2;

    /// <summary>The frame whose beginning is nearest to a time; <see cref="Count"/> for the end.</summary>
    public int Nearest(double seconds)
    {
        int next = FrameTimes.FirstFrom(Count, Seconds, seconds);
        return next > 0 && seconds - Seconds(next - 1) < Seconds(next) - seconds ? next - 1 : next;
    }

    /// <summary>Reads the packets, without decoding; null if the container does not say when each frame is shown.</summary>
    /// <exception cref="RestartingTimesException">One time is that of several places.</exception>
    public static FrameIndex? ReadPackets(CutSource source, CancellationToken ct)
    {
        List<long> shown = [], decoded = [];
        List<int> sizes = [];
        List<bool> keys = [];
        bool isWhole = true;
        int restarts = 0;
        long? previous = null;
        using (var process = new MediaProcess(
            "ffprobe", [.. Ffmpeg.ProbeStart, "-select_streams", source.Video.Selector, "-show_entries", "packet=pts,dts,size,flags",
                "-print_format", "compact", .. Ffmpeg.Input(source.Video.Path)], ct: ct))
        {
            process.ReadLines(line =>
            {
                string[] fields = line.Trim().Split('|');
                if (fields[0] != "packet")
                    return;
                bool isShown = TryField(fields, "pts=", out long pts), isDecoded = TryField(fields, "dts=", out long dts);
                string flags = fields.FirstOrDefault(f => f.StartsWith("flags=", StringComparison.Ordinal)) ?? "";
                // Discarded: decoded, but not shown.
                isWhole &= isShown && TryField(fields, "size=", out _) && !flags.Contains('D', StringComparison.Ordinal);
                _ = TryField(fields, "size=", out long size);
                restarts += isDecoded && SteadyTimes.IsRestart(previous, dts, source.TimeBase.Value) ? 1 : 0;
                previous = isDecoded ? dts : previous;
                shown.Add(pts);
                decoded.Add(isDecoded ? dts : pts);
                sizes.Add((int)size);
                keys.Add(flags.Contains('K', StringComparison.Ordinal));
            });
            process.Wait();
        }
        // Elsewhere ffmpeg takes a leap for what it says: a gap.
        if (source.Video.IsBroadcast && restarts > 0)
            throw new RestartingTimesException(source.Video.Path, restarts);
        if (!isWhole || shown.Count == 0)
            return null;
        long[] ticks = [.. shown];
        int[] packets = [.. Enumerable.Range(0, ticks.Length)];
        Array.Sort(ticks, packets);
        for (int i = 1; i < ticks.Length; i++)
        {
            if (ticks[i] == ticks[i - 1])
                return null;
        }
        int[] frames = new int[ticks.Length];
        for (int i = 0; i < packets.Length; i++)
            frames[packets[i]] = i;
        bool[] clean = new bool[ticks.Length + 1];
        int last = -1;
        for (int i = 0; i < frames.Length; i++)
        {
            clean[i] = last == i - 1;
            last = Math.Max(last, frames[i]);
        }
        clean[^1] = true;
        return new FrameIndex(source, ticks) { Sizes = [.. sizes], DecodingTicks = [.. decoded], Frames = frames, Keys = [.. keys],
            Clean = clean };
    }

    /// <summary>Reads the times by decoding all frames.</summary>
    /// <returns>The times, and what a viewer of the video misses, if anything.</returns>
    /// <exception cref="InputException">Not a single frame can be decoded.</exception>
    public static (FrameIndex Index, VideoDamage? Damage) ReadFrames(CutSource source, CancellationToken ct)
    {
        (List<double> times, VideoDamage? damage) = FrameTimes.Decode(source.Video.Path, ct);
        long[] ticks = [.. times.Select(seconds => (long)Math.Round((seconds + source.StartSeconds) / source.TimeBase.Value))];
        for (int i = 1; i < ticks.Length; i++)
            ticks[i] = Math.Max(ticks[i], ticks[i - 1] + 1);
        return (new FrameIndex(source, ticks), damage);
    }

    private static bool TryField(string[] fields, string name, out long value)
    {
        value = 0;
        return fields.FirstOrDefault(f => f.StartsWith(name, StringComparison.Ordinal)) is { } field
            && long.TryParse(field.AsSpan(name.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}
