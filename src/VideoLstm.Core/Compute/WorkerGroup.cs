using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace VideoLstm.Core.Compute;

/// <summary>
/// Threads that work for one caller. The first that fails, a cancellation, or the caller's end stops them all, and none is left behind.
/// </summary>
/// <param name="ct">Stops them.</param>
internal sealed class WorkerGroup(CancellationToken ct) : IDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
    private readonly List<Task> _workers = [];

    /// <summary>Cancelled when they are to stop.</summary>
    public CancellationToken Stopped => _stop.Token;

    /// <summary>Starts a thread.</summary>
    /// <param name="work">Ends when its work is done or <see cref="Stopped"/> is cancelled.</param>
    public void Start(Action work) => _workers.Add(Task.Factory.StartNew(
        () =>
        {
            try
            {
                work();
            }
            catch
            {
                _stop.Cancel();
                throw;
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    /// <summary>Waits for what the threads hand on.</summary>
    /// <returns>False when there is no more, or they are to stop.</returns>
    public bool TryTake<T>(BlockingCollection<T> queue, [MaybeNullWhen(false)] out T item)
    {
        ArgumentNullException.ThrowIfNull(queue);
        try
        {
            return queue.TryTake(out item, Timeout.Infinite, Stopped);
        }
        catch (OperationCanceledException)
        {
            item = default;
            return false;
        }
    }

    /// <summary>Waits for what a thread signals.</summary>
    /// <returns>False when they are to stop.</returns>
    public bool TryWait(SemaphoreSlim signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        try
        {
            signal.Wait(Stopped);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends them, and says what stopped them before they were done, if anything did.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Finish()
    {
        End();
        Exception? fault = _workers.Select(w => w.Exception?.InnerException)
            .FirstOrDefault(e => e is not null and not OperationCanceledException);
        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>Ends them.</summary>
    public void Dispose()
    {
        End();
        _stop.Dispose();
    }

    private void End()
    {
        _stop.Cancel();
        Task.WhenAll(_workers).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
    }
}
