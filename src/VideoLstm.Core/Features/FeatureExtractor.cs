using System.Collections.Concurrent;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>Fills the next frame, RGB <c>[height, width, 3]</c>; false when there is none.</summary>
/// <typeparam name="TTag">What the caller wants to know of the frame when its features are there.</typeparam>
public delegate bool FrameSource<TTag>(Span<byte> rgb, out TTag tag);

/// <summary>Takes the features <c>[2048]</c> of a frame.</summary>
/// <typeparam name="TTag">What the source said of the frame.</typeparam>
public delegate void FeatureSink<TTag>(TTag tag, ReadOnlySpan<float> features);

/// <summary>
/// Frames in, features out, in order: one thread reads frames ahead while every core runs the network, a frame each, or
/// where frames are so large that this would take much memory, several cores a frame. The memory is that of a few frames,
/// however many there are.
/// </summary>
public sealed class FeatureExtractor(InferenceNetwork network)
{
    private const int SlotsPerThread = 4;
    private const long NetworkBytes = 400 << 20;

    /// <summary>Height of the frames, pixels.</summary>
    public int Height => network.InputHeight;

    /// <summary>Width of the frames, pixels.</summary>
    public int Width => network.InputWidth;

    /// <summary>Extracts until the source ends. Source and sink are called by one thread each; the sink by the caller's.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; every thread has ended.</exception>
    public void Run<TTag>(FrameSource<TTag> source, FeatureSink<TTag> sink, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        int slots = Workers.Count * (SlotsPerThread + network.Frames);
        using var free = new BlockingCollection<Slot<TTag>>();
        using var work = new BlockingCollection<Slot<TTag>>();
        using var ordered = new BlockingCollection<Slot<TTag>>();
        for (int i = 0; i < slots; i++)
            free.Add(new Slot<TTag>(Height * Width * 3, network.OutputLength), CancellationToken.None);

        Task[] tasks =
        [
            Start(() => ReadFrames(source, free, work, ordered, stop.Token), stop),
            .. Threads(Workers.Count, network.ArenaBytes).Select(threads => Start(() => RunNetwork(threads, work, stop.Token), stop)),
        ];
        try
        {
            foreach (Slot<TTag> slot in ordered.GetConsumingEnumerable(stop.Token))
            {
                slot.Ready.Wait(stop.Token);
                sink(slot.Tag, slot.Features);
                free.Add(slot, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The reason is either the caller's or a fault of one of the tasks, which comes first.
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(tasks).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        Exception? fault = tasks.Select(t => t.Exception?.InnerException).FirstOrDefault(e => e is not null and not OperationCanceledException);
        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>How many threads share each frame that is in work: as many frames as <see cref="NetworkBytes"/> hold, at least one.</summary>
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
        FrameSource<TTag> source, BlockingCollection<Slot<TTag>> free, BlockingCollection<Slot<TTag>> work, BlockingCollection<Slot<TTag>> ordered, CancellationToken ct)
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
