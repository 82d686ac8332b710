using System.Diagnostics;

namespace VideoLstm.Core.Compute;

/// <summary>
/// How long something that does several things at a time was at work: waiting does not count, and half its work counts half.
/// </summary>
/// <param name="capacity">How many things it can do at a time; more that are begun wait for each other.</param>
internal sealed class BusyClock(int capacity)
{
    private readonly Lock _lock = new();
    private long _sum, _last;
    private int _begun;

    /// <summary>Seconds that it would have taken for all that was done, always at work with all that it can.</summary>
    public double Seconds
    {
        get
        {
            lock (_lock)
            {
                Count();
                return _sum / ((double)Stopwatch.Frequency * capacity);
            }
        }
    }

    /// <summary>Begins one thing.</summary>
    public void Begin() => Change(1);

    /// <summary>Ends one.</summary>
    public void End() => Change(-1);

    private void Change(int by)
    {
        lock (_lock)
        {
            Count();
            _begun += by;
        }
    }

    private void Count()
    {
        long now = Stopwatch.GetTimestamp();
        _sum += Math.Min(_begun, capacity) * (now - _last);
        _last = now;
    }
}
