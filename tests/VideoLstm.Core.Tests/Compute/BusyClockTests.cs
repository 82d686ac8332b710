using System.Diagnostics;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Tests.Compute;

public class BusyClockTests
{
    [Fact]
    public void Waiting_does_not_count_half_its_work_counts_half_and_no_more_than_all()
    {
        BusyClock idle = new(1), half = new(2), full = new(2), overfull = new(1);
        long start = Stopwatch.GetTimestamp();
        half.Begin();
        full.Begin();
        full.Begin();
        overfull.Begin();
        overfull.Begin();
        Thread.Sleep(20);
        double atLeast = Stopwatch.GetElapsedTime(start).TotalSeconds / 2;
        half.End();
        full.End();
        full.End();
        overfull.End();
        overfull.End();
        double atMost = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Thread.Sleep(20);
        Assert.Equal(0, idle.Seconds);
        Assert.InRange(half.Seconds, 0.01, atMost / 2);
        Assert.InRange(full.Seconds, atLeast, atMost);
        Assert.InRange(overfull.Seconds, atLeast, atMost);
    }
}
