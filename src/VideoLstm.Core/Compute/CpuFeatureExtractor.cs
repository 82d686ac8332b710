using System.Collections.Concurrent;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Compute;

/// <summary>
/// Frames in, features out, in order: one thread reads frames ahead while every core runs the network, a frame each, or
/// where frames are so large that this would take much memory, several cores a frame. The memory is that of a few frames,
/// however many there are.
/// </summary>
internal sealed class CpuFeatureExtractor(InferenceNetwork network) : IFeatureExtractor
{
    private const int SlotsPerThread = 4;
    private const long NetworkBytes = 400 << 20;

    /// <inheritdoc/>
    public int Height => network.InputHeight;

    /// <inheritdoc/>
    public int Width => network.InputWidth;

    /// <inheritdoc/>
    public int Features => network.OutputLength;

    /// <inheritdoc/>
    public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Extract(source, ct);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Its memory is the process's own.
    }

    private IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Extract<TTag>(FrameSource<TTag> source, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        int slots = Workers.Count * (SlotsPerThread + network.Frames);
        using var free = new BlockingCollection<Slot<TTag>>();
        using var work = new BlockingCollection<Slot<TTag>>();
        using var ordered = new BlockingCollection<Slot<TTag>>();
        for (int i = 0; i < slots; i++)
            free.Add(new Slot<TTag>(Height * Width * 3, Features), CancellationToken.None);

        Task[] tasks =
        [
            Start(() => ReadFrames(source, free, work, ordered, stop.Token), stop),
            .. Threads(Workers.Count, network.ArenaBytes).Select(threads => Start(() => RunNetwork(threads, work, stop.Token), stop)),
        ];
        try
        {
            while (Next(ordered, stop.Token) is { } slot)
            {
                yield return (slot.Tag, slot.Features);
                free.Add(slot, CancellationToken.None);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(tasks).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        Exception? fault = tasks.Select(t => t.Exception?.InnerException)
            .FirstOrDefault(e => e is not null and not OperationCanceledException);
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        ct.ThrowIfCancellationRequested();
    }

    // Null at the end, and when it is over for a reason that is the caller's or a fault of one of the tasks.
    private static Slot<TTag>? Next<TTag>(BlockingCollection<Slot<TTag>> ordered, CancellationToken ct)
    {
        try
        {
            if (!ordered.TryTake(out Slot<TTag>? slot, Timeout.Infinite, ct))
                return null;
            slot.Ready.Wait(ct);
            return slot;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>
    /// How many threads share each frame that is in work: as many frames as <see cref="NetworkBytes"/> hold, at least one.
    /// </summary>
    internal static IEnumerable<int> Threads(int threads, long arenaBytes)
    {
        int frames = (int)Math.Clamp(NetworkBytes / Math.Max(1, arenaBytes), 1, threads);
        return Enumerable.Range(0, frames).Select(i => threads * (i + 1) / frames - threads * i / frames);
    }

    private static Task Start(Action action, CancellationTokenSource stop) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                action();
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void ReadFrames<TTag>(
        FrameSource<TTag> source, BlockingCollection<Slot<TTag>> free, BlockingCollection<Slot<TTag>> work,
        BlockingCollection<Slot<TTag>> ordered, CancellationToken ct)
    {
        while (true)
        {
            Slot<TTag> slot = free.Take(ct);
            if (!source(slot.Frame, out slot.Tag))
                break;
            ordered.Add(slot, ct);
            work.Add(slot, ct);
        }
        ordered.CompleteAdding();
        work.CompleteAdding();
    }

    private void RunNetwork<TTag>(int threads, BlockingCollection<Slot<TTag>> work, CancellationToken ct)
    {
        using Session session = network.CreateSession(threads);
        List<Slot<TTag>> slots = [];
        foreach (Slot<TTag> first in work.GetConsumingEnumerable(ct))
        {
            // As many together as there are already: nobody waits for more.
            Slot<TTag>? slot = first;
            do
            {
                session.Add(slot.Frame);
                slots.Add(slot);
            }
            while (slots.Count < network.Frames && work.TryTake(out slot));
            session.Finish();
            for (int i = 0; i < slots.Count; i++)
            {
                session.Features(i).CopyTo(slots[i].Features);
                slots[i].Ready.Release();
            }
            slots.Clear();
        }
    }

#pragma warning disable CA1001 // A SemaphoreSlim without a wait handle holds nothing that needs disposing.
    private sealed class Slot<TTag>(int frameBytes, int features)
    {
        public readonly byte[] Frame = new byte[frameBytes];
        public readonly float[] Features = new float[features];
        public readonly SemaphoreSlim Ready = new(0);
        public TTag Tag = default!;
    }
#pragma warning restore CA1001
}
