using System.Diagnostics;
using System.Globalization;

namespace VideoLstm.Tests;

/// <summary>How long this thread has computed: what a test may limit on a machine that has other things to do as well.</summary>
internal static class ThreadTime
{
    private const string Scheduler = "/proc/thread-self/schedstat";

    /// <summary>Processor time of the current thread; where the system does not say, the time of day, which a busy machine lengthens.</summary>
    public static TimeSpan Now => File.Exists(Scheduler)
        ? TimeSpan.FromTicks(long.Parse(File.ReadAllText(Scheduler).Split(' ')[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
        : Stopwatch.GetElapsedTime(0);
}
