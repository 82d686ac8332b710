using System.Collections.Concurrent;

namespace VideoLstm.Core.Compute;

/// <summary>
/// Frames in, features out, in order, a batch at a time: one thread reads frames into the next batch while others compute those before.
/// All batches are of one size, the last filled up: what plans for a shape plans once.
/// </summary>
/// <param name="batch">Samples of a batch.</param>
/// <param name="threads">Threads that compute, a batch each.</param>
internal abstract class BatchedExtractor(int batch, int threads) : IFeatureExtractor
{
    private readonly BusyClock _busy = new(threads);
    private long _computed;

    /// <inheritdoc/>
    public abstract int Height { get; }

    /// <inheritdoc/>
    public abstract int Width { get; }

    /// <inheritdoc/>
    public abstract int Features { get; }

    /// <inheritdoc/>
    public virtual int ClipFrames => 1;

    /// <inheritdoc/>
    public ExtractorRates Rates => new(Interlocked.Read(ref _computed) / Math.Max(_busy.Seconds, 1e-9));

    /// <summary>Samples of a batch.</summary>
    protected int BatchSize => batch;

    /// <inheritdoc/>
    public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Extract(source, ct);
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>How many samples go together: at most so many, and no more than some memory holds.</summary>
    /// <param name="most">At most.</param>
    /// <param name="sampleBytes">RGB bytes of a sample.</param>
    protected static int BatchOf(int most, long sampleBytes) => (int)Math.Clamp(MostBatchBytes / Math.Max(1, sampleBytes), 1, most);

    /// <summary>Computes a batch, on one of several threads.</summary>
    /// <param name="frames">RGB <c>[batch, clip frames, height, width, 3]</c>, all of them, those behind the last real one too.</param>
    /// <param name="features">Filled, <c>[batch, features]</c>.</param>
    protected abstract void Compute(byte[] frames, float[] features);

    private const long MostBatchBytes = 8 << 20;

    private IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Extract<TTag>(FrameSource<TTag> source, CancellationToken ct)
    {
        int sample = checked(ClipFrames * Height * Width * 3);
        using var free = new BlockingCollection<Batch<TTag>>();
        using var work = new BlockingCollection<Batch<TTag>>();
        using var ordered = new BlockingCollection<Batch<TTag>>();
        using var workers = new WorkerGroup(ct);
        // Beside those that are computed, one is read into and one is waiting or given to the caller.
        for (int i = 0; i < threads + 2; i++)
            free.Add(new Batch<TTag>(sample, batch, Features), CancellationToken.None);
        workers.Start(() => ReadFrames(source, sample, free, work, ordered, workers.Stopped));
        for (int i = 0; i < threads; i++)
            workers.Start(() => RunNetwork(work, workers.Stopped));
        while (workers.TryTake(ordered, out Batch<TTag>? done) && workers.TryWait(done.Ready))
        {
            for (int i = 0; i < done.Count; i++)
                yield return (done.Tags[i], done.Features.AsMemory(i * Features, Features));
            free.Add(done, CancellationToken.None);
        }
        workers.Finish();
    }

    private void ReadFrames<TTag>(
        FrameSource<TTag> source, int sample, BlockingCollection<Batch<TTag>> free, BlockingCollection<Batch<TTag>> work,
        BlockingCollection<Batch<TTag>> ordered, CancellationToken ct)
    {
        bool more = true;
        while (more)
        {
            Batch<TTag> next = free.Take(ct);
            next.Count = 0;
            while (next.Count < batch && more)
            {
                ct.ThrowIfCancellationRequested();
                more = source(next.Frames.AsSpan(next.Count * sample, sample), out TTag tag);
                if (more)
                    next.Tags[next.Count++] = tag;
            }
            if (next.Count == 0)
                break;
            ordered.Add(next, ct);
            work.Add(next, ct);
        }
        ordered.CompleteAdding();
        work.CompleteAdding();
    }

    private void RunNetwork<TTag>(BlockingCollection<Batch<TTag>> work, CancellationToken ct)
    {
        foreach (Batch<TTag> next in work.GetConsumingEnumerable(ct))
        {
            _busy.Begin();
            Compute(next.Frames, next.Features);
            _busy.End();
            Interlocked.Add(ref _computed, next.Count);
            next.Ready.Release();
        }
    }

#pragma warning disable CA1001 // A SemaphoreSlim without a wait handle holds nothing that needs disposing.
    private sealed class Batch<TTag>(int sample, int count, int features)
    {
        public readonly byte[] Frames = new byte[checked(sample * count)];
        public readonly TTag[] Tags = new TTag[count];
        public readonly float[] Features = new float[count * features];
        public readonly SemaphoreSlim Ready = new(0);
        public int Count;
    }
#pragma warning restore CA1001
}
