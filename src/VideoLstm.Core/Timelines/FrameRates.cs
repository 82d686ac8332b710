using VideoLstm.Core.Media;

namespace VideoLstm.Core.Timelines;

/// <summary>Frame rates as editing programs state them.</summary>
internal static class FrameRates
{
    // A thousandth lies between the rates of NTSC and the whole ones: less is rounding, or a video whose rate varies a little.
    private const double Same = 4e-4;

    /// <summary>The rate as a fraction: whole, of NTSC (n * 1000/1001), or to the millionth of a frame.</summary>
    public static Rational Of(double fps)
    {
        double whole = Math.Round(fps), ntsc = Math.Round(fps * 1.001);
        return Math.Abs(fps - whole) < 1e-6 && whole > 0 ? new Rational((long)whole, 1)
            : Math.Abs(fps - ntsc / 1.001) < 1e-4 * fps && ntsc > 0 ? new Rational((long)ntsc * 1000, 1001)
            : new Rational((long)Math.Round(fps * 1_000_000), 1_000_000).Limit(1_000_000_000);
    }

    /// <summary>Whether a rate is one of NTSC, and the whole number that editors call it by, at least 1.</summary>
    public static (int Nominal, bool IsNtsc) Nominal(double fps)
    {
        Rational rate = Of(fps);
        return (Math.Max(1, (int)Math.Round(fps)), rate.Denominator == 1001);
    }

    /// <summary>
    /// The rate that a file's frames are counted by: the one of the video where the file can mean it, else what the file states.
    /// </summary>
    public static double Counted(double stated, double? video) =>
        video is { } known && Math.Abs(known - stated) <= Same * known ? known : stated;
}
