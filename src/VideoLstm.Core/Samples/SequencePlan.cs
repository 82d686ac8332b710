using VideoLstm.Core.Datasets;
using VideoLstm.Core.Media;

namespace VideoLstm.Core.Samples;

/// <summary>Which frames of a clip go through the network, each once, and which of them the sequences are made of.</summary>
internal sealed class SequencePlan
{
    // Containers that count milliseconds round each time.
    private const double RoundingSeconds = 0.001;

    private SequencePlan(SequenceWindow[] windows, long[][] framesOfWindows, long leftOut)
    {
        Windows = windows;
        LeftOut = leftOut;
        Frames = [.. framesOfWindows.SelectMany(f => f).Distinct().Order()];
        Rows = [.. framesOfWindows.Select(w => w.Select(f => Array.BinarySearch(Frames, f)).ToArray())];
    }

    /// <summary>Numbers of all frames that are needed, rising.</summary>
    public long[] Frames { get; }

    /// <summary>The sequences.</summary>
    public IReadOnlyList<SequenceWindow> Windows { get; }

    /// <summary>For each sequence, the places in <see cref="Frames"/> of its real frames, in order.</summary>
    public IReadOnlyList<int[]> Rows { get; }

    /// <summary>Windows that have fewer frames than a sequence.</summary>
    public long LeftOut { get; }

    /// <summary>One sequence for a whole clip.</summary>
    /// <exception cref="InputException">The clip is shorter than the sequence, and may not be padded.</exception>
    public static SequencePlan OfClip(Clip clip, SequenceSpec spec)
    {
        if (clip.Frames < 1 || (clip.Frames < spec.Length && !spec.Pad))
            throw new InputException($"{clip.Label}: {clip.Frames} frames, shorter than the sequence of {spec.Length}", Remedy.PadClip);
        int real = (int)Math.Min(spec.Length, clip.Frames);
        return new SequencePlan([new SequenceWindow(0, clip.Frames, real)], [FrameSampler.Indices(clip.Frames, real, spec.Sampling)], 0);
    }

    /// <summary>
    /// A sequence for each window that lies in the clip: <see cref="SequenceSpec.WindowSeconds"/> from its first frame on, then
    /// <see cref="SequenceSpec.StepSeconds"/> later, and so on; where they are 0, windows of nearly the whole clip, a frame apart.
    /// </summary>
    /// <param name="clip">The clip.</param>
    /// <param name="times">When each of its frames is shown, seconds, never falling.</param>
    /// <param name="spec">What to take.</param>
    /// <exception cref="InputException">There is no window, or there are more than one file can hold.</exception>
    public static SequencePlan OfWindows(Clip clip, IReadOnlyList<double> times, SequenceSpec spec)
    {
        if (times.Count != clip.Frames || times.Count == 0)
            throw new InputException($"{clip.Label}: data_file.csv says {clip.Frames} frames, {times.Count} can be decoded",
                Remedy.ExtractFilesAgain);
        if (spec.WindowSeconds == 0)
            return OfShiftedClip(clip, spec);
        double[] sorted = [.. times];
        var timing = new FrameTiming();
        foreach (double time in sorted)
            timing.Add(time);

        var windows = new List<SequenceWindow>();
        var frames = new List<long[]>();
        long leftOut = 0, mostWindows = MostWindows(spec);
        // How long the last frame is shown nobody says; as long as the one before, and half a frame may be missing.
        double lastStep = timing.IsConstant ? timing.MeanStep : sorted[^1] - sorted[^2], end = timing.LastSeconds + 1.5 * lastStep;
        for (long k = 0; StartOf(k) + spec.WindowSeconds <= end; k++)
        {
            double start = StartOf(k);
            int first = FirstFrom(sorted, start), next = FirstFrom(sorted, start + spec.WindowSeconds);
            if (first == next)
            {
                // A gap, which may be as long as a file claims: on to the first window with a frame in it.
                if (next == sorted.Length)
                    break;
                long reaching = (long)Math.Min(
                    (sorted[next] - spec.WindowSeconds - timing.FirstSeconds) / spec.StepSeconds, long.MaxValue / 2);
                leftOut += Math.Max(reaching, k) - k + 1;
                k = Math.Max(reaching, k);
                continue;
            }
            if (next - first < spec.Length && !spec.Pad)
            {
                leftOut++;
                continue;
            }
            int real = Math.Min(spec.Length, next - first);
            windows.Add(new SequenceWindow(first, next - first, real));
            frames.Add(timing.IsConstant
                ? [.. FrameSampler.Indices(next - first, real, FrameSampling.Even).Select(i => first + i)]
                : ByTime(sorted, first, next, real, start, spec.WindowSeconds));
            if (windows.Count > mostWindows)
                throw TooMany(clip, spec);
        }
        if (windows.Count > 0)
            return new SequencePlan([.. windows], [.. frames], leftOut);
        if (leftOut > 0)
            throw new InputException(
                $"{clip.Label}: none of its windows of {spec.WindowSeconds} s has the {spec.Length} frames of a sequence",
                Remedy.PadWindows);
        return spec.Pad
            ? OfClip(clip, spec)
            : throw new InputException(
                $"{clip.Label}: {timing.LastSeconds + lastStep - timing.FirstSeconds:0.##} s, shorter than a window of "
                    + $"{spec.WindowSeconds} s",
                Remedy.ShortenWindows);

        double StartOf(long k) => timing.FirstSeconds + k * spec.StepSeconds;
    }

    // As SlidingFrameGenerator of keras-video-generators takes them where no time is given: as many frames fewer than the clip has as there
    // are in a sequence, and a frame later each time.
    private static SequencePlan OfShiftedClip(Clip clip, SequenceSpec spec)
    {
        if (clip.Frames < spec.Length)
            return OfClip(clip, spec);
        long frames = Math.Max(spec.Length, clip.Frames - spec.Length), count = clip.Frames - frames + 1;
        if (count > MostWindows(spec))
            throw TooMany(clip, spec);
        long[] chosen = FrameSampler.Indices(frames, spec.Length, FrameSampling.Even);
        return new SequencePlan(
            [.. Enumerable.Range(0, (int)count).Select(first => new SequenceWindow(first, frames, spec.Length))],
            [.. Enumerable.Range(0, (int)count).Select(first => chosen.Select(frame => first + frame).ToArray())], 0);
    }

    // What a file of features can hold; frames are kept in none.
    private static long MostWindows(SequenceSpec spec) => int.MaxValue / ((long)spec.Length * Math.Max(1, spec.Features));

    private static InputException TooMany(Clip clip, SequenceSpec spec) =>
        new($"{clip.Label}: has more windows than the {MostWindows(spec)} that one file can hold", Remedy.TakeFewerWindows);

    // The frame that is shown in the middle of each of equal parts: at a constant rate, the same as by number.
    private static long[] ByTime(double[] times, int first, int next, int count, double start, double seconds)
    {
        if (next - first <= count)
            return [.. Enumerable.Range(first, count).Select(i => (long)i)];
        var frames = new long[count];
        for (int i = 0; i < count; i++)
            frames[i] = Math.Clamp(FirstFrom(times, start + (2 * i + 1) * seconds / (2 * count) + 2 * RoundingSeconds) - 1, first,
                next - 1);
        return frames;
    }

    // Number of the first frame that is shown at a time or later.
    private static int FirstFrom(double[] times, double seconds) =>
        FrameTimes.FirstFrom(times.Length, i => times[i], seconds - RoundingSeconds);
}
