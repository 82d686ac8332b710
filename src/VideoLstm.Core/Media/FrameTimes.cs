namespace VideoLstm.Core.Media;

/// <summary>When frames are shown.</summary>
internal static class FrameTimes
{
    /// <summary>Number of the first frame that is shown at a time or later; that of all frames if there is none.</summary>
    /// <param name="count">Number of frames.</param>
    /// <param name="timeOf">When each is shown, in seconds or any other unit, never falling.</param>
    /// <param name="seconds">The time, in the same unit.</param>
    public static int FirstFrom(int count, Func<int, double> timeOf, double seconds)
    {
        int low = 0;
        while (low < count)
        {
            int middle = (low + count) / 2;
            if (timeOf(middle) < seconds)
                low = middle + 1;
            else
                count = middle;
        }
        return low;
    }

    /// <summary>
    /// The times of all frames that can be decoded, seconds from the start of the file, never falling, and what a viewer misses, if
    /// anything.
    /// </summary>
    /// <exception cref="InputException">It is no video that can be read.</exception>
    public static (List<double> Times, VideoDamage? Damage) Decode(string path, CancellationToken ct)
    {
        const int side = 2;
        var times = new List<double>();
        Span<byte> rgb = stackalloc byte[side * side * 3];
        using var reader = new FrameReader(path, side, side, ct: ct);
        while (reader.Read(rgb, out double seconds))
            times.Add(times.Count > 0 ? Math.Max(seconds, times[^1]) : seconds);
        return (times, reader.Complaint is { } complaint ? VideoDamage.Find(path, complaint, ct) : null);
    }
}
