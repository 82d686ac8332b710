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

    private readonly BusyClock _busy = new(Threads(Workers.Count, network.ArenaBytes).Count());
    private long _frames;

    /// <inheritdoc/>
    public int Height => network.InputHeight;

    /// <inheritdoc/>
    public int Width => network.InputWidth;

    /// <inheritdoc/>
    public int Features => network.OutputLength;

    /// <inheritdoc/>
    public ExtractorRates Rates => new(Interlocked.Read(ref _frames) / Math.Max(_busy.Seconds, 1e-9));

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
        int slots = Workers.Count * (SlotsPerThread + network.Frames);
        using var free = new BlockingCollection<Slot<TTag>>();
        using var work = new BlockingCollection<Slot<TTag>>();
        using var ordered = new BlockingCollection<Slot<TTag>>();
        using var workers = new WorkerGroup(ct);
        for (int i = 0; i < slots; i++)
            free.Add(new Slot<TTag>(Height * Width * 3, Features), CancellationToken.None);

        workers.Start(() => ReadFrames(source, free, work, ordered, workers.Stopped));
        foreach (int threads in Threads(Workers.Count, network.ArenaBytes))
            workers.Start(() => RunNetwork(threads, work, workers.Stopped));
        while (workers.TryTake(ordered, out Slot<TTag>? slot) && workers.TryWait(slot.Ready))
        {
            yield return (slot.Tag, slot.Features);
            free.Add(slot, CancellationToken.None);
        }
        workers.Finish();
    }

    /// <summary>
    /// How many threads share each frame that is in work: as many frames as <see cref="NetworkBytes"/> hold, at least one.
    /// </summary>
    internal static IEnumerable<int> Threads(int threads, long arenaBytes)
    {
        int frames = (int)Math.Clamp(NetworkBytes / Math.Max(1, arenaBytes), 1, threads);
        return Enumerable.Range(0, frames).Select(i => threads * (i + 1) / frames - threads * i / frames);
    }

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
            _busy.Begin();
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
            _busy.End();
            Interlocked.Add(ref _frames, slots.Count);
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
