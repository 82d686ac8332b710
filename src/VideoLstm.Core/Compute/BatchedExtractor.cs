using System.Collections.Concurrent;

namespace VideoLstm.Core.Compute;

/// <summary>
/// Frames in, features out, in order, a batch at a time: one thread reads frames into the next batch while others compute those before.
/// All batches are of one size, the last filled up: what plans for a shape plans once.
/// </summary>
/// <typeparam name="TFrames">What a batch's frames lie in.</typeparam>
/// <param name="batch">Samples of a batch.</param>
/// <param name="threads">Threads that compute, a batch each.</param>
/// <param name="capacity">Batches that are computed at a time, others that are begun wait for them; null: as many as threads.</param>
public abstract class BatchedExtractor<TFrames>(int batch, int threads, int? capacity = null) : IFeatureExtractor
    where TFrames : class
{
    // Large pictures take no more memory than 32 small ones.
    private const long MostBatchBytes = 32 * 320 * 320 * 3;

    private readonly BusyClock _busy = new(capacity ?? threads);
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
    public ExtractorRates Rates
    {
        get
        {
            long computed = Interlocked.Read(ref _computed);
            double seconds = _busy.Seconds - (computed / Copying ?? 0);
            return new ExtractorRates(computed / Math.Max(seconds, 1e-9), Copying);
        }
    }

    /// <summary>Samples of a batch.</summary>
    protected int BatchSize => batch;

    /// <summary>What goes to the device while it computes nothing, samples/s; null where nothing is copied.</summary>
    protected virtual double? Copying => null;

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

    /// <summary>Memory of a batch, <c>[batch, clip frames, height, width, 3]</c>.</summary>
    protected abstract TFrames Allocate();

    /// <summary>The bytes that lie in it.</summary>
    protected abstract Span<byte> Bytes(TFrames frames);

    /// <summary>Gives it back.</summary>
    protected virtual void Free(TFrames frames)
    {
        // The garbage collector's.
    }

    /// <summary>Computes a batch, on one of several threads.</summary>
    /// <param name="frames">RGB <c>[batch, clip frames, height, width, 3]</c>; those behind the last real one are left from others.</param>
    /// <param name="count">How many are real.</param>
    /// <param name="features">Filled, <c>[batch, features]</c>: those of the real ones at least.</param>
    protected abstract void Compute(TFrames frames, int count, float[] features);

    private IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Extract<TTag>(FrameSource<TTag> source, CancellationToken ct)
    {
        List<Batch<TTag>> batches = [];
        try
        {
            // Beside those that are computed, one is read into and one is waiting or given to the caller.
            while (batches.Count < threads + 2)
                batches.Add(new Batch<TTag>(Allocate(), batch, Features));
            using var free = new BlockingCollection<Batch<TTag>>();
            using var work = new BlockingCollection<Batch<TTag>>();
            using var ordered = new BlockingCollection<Batch<TTag>>();
            using var workers = new WorkerGroup(ct);
            foreach (Batch<TTag> empty in batches)
                free.Add(empty, CancellationToken.None);
            workers.Start(() => ReadFrames(source, free, work, ordered, workers.Stopped));
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
        finally
        {
            foreach (Batch<TTag> done in batches)
                Free(done.Frames);
        }
    }

    private void ReadFrames<TTag>(
        FrameSource<TTag> source, BlockingCollection<Batch<TTag>> free, BlockingCollection<Batch<TTag>> work,
        BlockingCollection<Batch<TTag>> ordered, CancellationToken ct)
    {
        int sample = checked(ClipFrames * Height * Width * 3);
        bool more = true;
        while (more)
        {
            Batch<TTag> next = free.Take(ct);
            next.Count = 0;
            while (next.Count < batch && more)
            {
                ct.ThrowIfCancellationRequested();
                more = source(Bytes(next.Frames).Slice(next.Count * sample, sample), out TTag tag);
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
            Compute(next.Frames, next.Count, next.Features);
            _busy.End();
            Interlocked.Add(ref _computed, next.Count);
            next.Ready.Release();
        }
    }

#pragma warning disable CA1001 // A SemaphoreSlim without a wait handle holds nothing that needs disposing.
    private sealed class Batch<TTag>(TFrames frames, int count, int features)
    {
        public readonly TFrames Frames = frames;
        public readonly TTag[] Tags = new TTag[count];
        public readonly float[] Features = new float[count * features];
        public readonly SemaphoreSlim Ready = new(0);
        public int Count;
    }
#pragma warning restore CA1001
}
