using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using TorchSharp;
using VideoLstm.Core.Compute;
using VideoLstm.Torch.Layers;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>
/// Frames in, features out, in order. One thread reads frames into the next batch while another has the network compute; the caller takes
/// the features of the batch before. All batches are of one shape, the last filled up: for each new shape cuDNN would look for its ways
/// anew.
/// </summary>
internal sealed class TorchFeatureExtractor : IFeatureExtractor
{
    private const int Batches = 3, CpuFrames = 8, CudaFrames = 32;

    // Pixels of a batch at most, so that large frames take no more memory than many small ones.
    private const int MostPixels = CudaFrames * 320 * 320;

    private readonly ExtractorSpec _spec;
    private readonly Device _device;
    private readonly TorchLayer[] _layers;
    private readonly int _frames;

    /// <summary>A network with its weights on a device.</summary>
    /// <exception cref="ArgumentException">Torch has no such layer, or it gives no features of pictures.</exception>
    public TorchFeatureExtractor(ExtractorSpec spec, Device device)
    {
        if (spec.Network is not { InputShape: [var height, var width, 3], OutputShape.Count: 1 })
            throw new ArgumentException("expected a network from [height, width, 3] to [features]", nameof(spec));
        (_spec, _device) = (spec, device);
        _layers = TorchLayers.Create(spec.Network.Layers, device, spec.Weights);
        foreach (TorchParameter parameter in _layers.SelectMany(l => l.Parameters))
            parameter.Load(spec.Weights[parameter.Spec.Name].Values.Span);
        _frames = (int)Math.Clamp(MostPixels / ((long)height * width), 1, device.type == DeviceType.CUDA ? CudaFrames : CpuFrames);
    }

    /// <inheritdoc/>
    public int Height => _spec.Network.InputShape[0];

    /// <inheritdoc/>
    public int Width => _spec.Network.InputShape[1];

    /// <inheritdoc/>
    public int Features => _spec.Network.OutputShape[0];

    private int FrameBytes => checked(Height * Width * 3);

    /// <inheritdoc/>
    public IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Run<TTag>(FrameSource<TTag> source, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Extract(source, ct);
    }

    private IEnumerable<(TTag Tag, ReadOnlyMemory<float> Features)> Extract<TTag>(FrameSource<TTag> source, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var free = new BlockingCollection<Batch<TTag>>();
        using var read = new BlockingCollection<Batch<TTag>>();
        using var done = new BlockingCollection<Batch<TTag>>();
        Batch<TTag>[] batches = [.. Enumerable.Range(0, Batches).Select(_ => new Batch<TTag>(NewFrames(), _frames, Features))];
        foreach (Batch<TTag> batch in batches)
            free.Add(batch, CancellationToken.None);
        Task[] tasks =
        [
            Start(() => ReadFrames(source, free, read, stop.Token), stop), Start(() => RunNetwork(read, done, stop.Token), stop),
        ];
        try
        {
            while (Next(done, stop.Token) is { } batch)
            {
                for (int i = 0; i < batch.Count; i++)
                    yield return (batch.Tags[i], batch.Features.AsMemory(i * Features, Features));
                free.Add(batch, CancellationToken.None);
            }
        }
        finally
        {
            stop.Cancel();
            Task.WhenAll(tasks).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait(CancellationToken.None);
            foreach (Batch<TTag> batch in batches)
                batch.Frames.Dispose();
        }

        Exception? fault = tasks.Select(t => t.Exception?.InnerException)
            .FirstOrDefault(e => e is not null and not OperationCanceledException);
        if (fault is not null)
            ExceptionDispatchInfo.Throw(fault);
        ct.ThrowIfCancellationRequested();
    }

    // Null at the end, and when it is over for a reason that is the caller's or a fault of one of the tasks.
    private static Batch<TTag>? Next<TTag>(BlockingCollection<Batch<TTag>> done, CancellationToken ct)
    {
        try
        {
            return done.TryTake(out Batch<TTag>? batch, Timeout.Infinite, ct) ? batch : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
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

    private Tensor NewFrames()
    {
        Tensor frames = HostTensor.Empty([_frames, Height, Width, 3], uint8, _device.type == DeviceType.CUDA);
        return frames.DetachFromDisposeScope();
    }

    private void ReadFrames<TTag>(
        FrameSource<TTag> source, BlockingCollection<Batch<TTag>> free, BlockingCollection<Batch<TTag>> read, CancellationToken ct)
    {
        bool more = true;
        while (more)
        {
            Batch<TTag> batch = free.Take(ct);
            batch.Count = 0;
            while (batch.Count < _frames && more)
            {
                ct.ThrowIfCancellationRequested();
                more = source(batch.Frames.bytes.Slice(batch.Count * FrameBytes, FrameBytes), out TTag tag);
                if (more)
                    batch.Tags[batch.Count++] = tag;
            }
            if (batch.Count > 0)
                read.Add(batch, ct);
        }
        read.CompleteAdding();
    }

    private void RunNetwork<TTag>(BlockingCollection<Batch<TTag>> read, BlockingCollection<Batch<TTag>> done, CancellationToken ct)
    {
        // Both hold for this thread.
        using IDisposable without = inference_mode();
        var pass = new TorchPass(_frames, null, null);
        foreach (Batch<TTag> batch in read.GetConsumingEnumerable(ct))
        {
            using DisposeScope scope = NewDisposeScope();
            // Bytes go to the device, a quarter of what floats are.
            Tensor x = batch.Frames.to(_device, non_blocking: true).to(float32) / _spec.Divisor + _spec.Offset;
            HostTensor.CopyTo(TorchLayers.Forward(_layers, _spec.Network.Layers, x, pass), batch.Features);
            done.Add(batch, ct);
        }
        done.CompleteAdding();
    }

    private sealed class Batch<TTag>(Tensor frames, int count, int features)
    {
        public readonly Tensor Frames = frames;
        public readonly TTag[] Tags = new TTag[count];
        public readonly float[] Features = new float[count * features];
        public int Count;
    }
}
