using System.Globalization;
using System.Runtime.ExceptionServices;

namespace VideoLstm.Numerics;

/// <summary>How kernels use several cores. No result depends on how many there are.</summary>
public static class Workers
{
    /// <summary>The environment variable that sets <see cref="Count"/>.</summary>
    public const string EnvironmentVariable = "VLSTM_THREADS";

    /// <summary>The most threads that can be asked for.</summary>
    public const int Most = 1024;

    private static int _count;

    /// <summary>
    /// Threads that a kernel may keep busy, from 1 to <see cref="Most"/>. Unless set: what
    /// <see cref="EnvironmentVariable"/> says, else one for each processor.
    /// </summary>
    /// <exception cref="FormatException">The variable holds no such number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Set to no such number.</exception>
    public static int Count
    {
        get => _count != 0 ? _count : _count = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Most);
            _count = value;
        }
    }

    internal static int Choose(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Math.Min(Environment.ProcessorCount, Most);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most)
            return count;
        throw new FormatException(
            $"{EnvironmentVariable}={text}: expected a number of threads from 1 to {Most}; unset it to use every processor");
    }

    /// <summary>
    /// Runs <paramref name="body"/> once for each number from 0 to <paramref name="count"/> - 1, in any order and on
    /// up to <see cref="Count"/> threads, and returns when all are done. The caller's thread takes its share, so a
    /// busy thread pool makes this slower but never stuck.
    /// </summary>
    public static void For(int count, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        int others = Math.Min(Count, count) - 1;
        if (others <= 0)
        {
            for (int i = 0; i < count; i++)
                body(i);
            return;
        }
        var job = new Job(count, body);
        for (int i = 0; i < others; i++)
            ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
        job.Execute();
        job.Wait();
    }

    private sealed class Job(int count, Action<int> body) : IThreadPoolWorkItem
    {
        /// <summary>How often to look before going to sleep: the others are mostly a few microseconds behind.</summary>
        private const int Looks = 20;

        private readonly object _end = new();
        private int _next;
        private int _finished;
        private ExceptionDispatchInfo? _error;

        public void Execute()
        {
            int i;
            while ((i = Interlocked.Increment(ref _next) - 1) < count)
            {
                try
                {
                    if (_error is null)
                        body(i);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
                }
                if (Interlocked.Increment(ref _finished) == count)
                {
                    lock (_end)
                        Monitor.PulseAll(_end);
                }
            }
        }

        public void Wait()
        {
            for (int look = 0; look < Looks && Volatile.Read(ref _finished) < count; look++)
                Thread.SpinWait(50);
            lock (_end)
            {
                while (Volatile.Read(ref _finished) < count)
                    Monitor.Wait(_end);
            }
            _error?.Throw();
        }
    }
}
