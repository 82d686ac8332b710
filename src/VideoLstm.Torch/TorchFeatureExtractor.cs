using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Inference;
using VideoLstm.Torch.Layers;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

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
    private readonly ScalarType _type;
    private readonly DeviceMemory _memory;
    private readonly TorchLayer[] _layers;
    private readonly int _frames;

    // Frames of a batch that are computed at a time: all, unless the device's memory is full.
    private int _together;

    /// <summary>A network with its weights on a device.</summary>
    /// <exception cref="ArgumentException">Torch has no such layer, or it gives no features of pictures.</exception>
    public TorchFeatureExtractor(ExtractorSpec spec, Precision precision, Device device, DeviceMemory memory)
    {
        if (spec.Network is not { InputShape: [var height, var width, 3], OutputShape.Count: 1 })
            throw new ArgumentException("expected a network from [height, width, 3] to [features]", nameof(spec));
        (_spec, _device, _memory) = (spec, device, memory);
        // Cards compute with float16 as fast as with bfloat16, which has 3 bits less for each number.
        _type = precision == Precision.Half ? float16 : float32;
        _layers = TorchLayers.Create(spec.Network.Layers, device, spec.Weights, _type);
        foreach (TorchParameter parameter in _layers.SelectMany(l => l.Parameters))
            parameter.Load(spec.Weights[parameter.Spec.Name].Values.Span);
        long most = MostPixels / ((long)height * width);
        _together = _frames = (int)Math.Clamp(most, 1, device.type == DeviceType.CUDA ? CudaFrames : CpuFrames);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TorchLayer layer in _layers)
            layer.Dispose();
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
        foreach (Batch<TTag> batch in read.GetConsumingEnumerable(ct))
        {
            // For each new shape cuDNN would look for its ways anew.
            Compute(batch.Frames, _device.type == DeviceType.CUDA ? _frames : batch.Count, batch.Features);
            done.Add(batch, ct);
        }
        done.CompleteAdding();
    }

    // The features of a batch, in parts where it does not fit.
    private void Compute(Tensor frames, int all, float[] features)
    {
        // Both hold for this thread.
        using IDisposable without = inference_mode();
        for (int first = 0; first < all;)
        {
            int count = Math.Min(_together, all - first);
            try
            {
                using DisposeScope scope = NewDisposeScope();
                _memory.Computing?.Invoke(count);
                // Bytes go to the device, a quarter of what floats are.
                Tensor bytes = frames.narrow(0, first, count).to(_device, non_blocking: true);
                Tensor x = (bytes.to(float32) / _spec.Divisor + _spec.Offset).to(_type);
                Tensor y = TorchLayers.Forward(_layers, _spec.Network.Layers, x, new TorchPass(count, null, null));
                HostTensor.CopyTo(y, features.AsSpan(first * Features, count * Features));
                first += count;
                if (_type != float32 && !TensorPrimitives.IsFiniteAll<float>(features.AsSpan(0, first * Features)))
                    throw new InputException("precision half: the network has values that 16-bit floats cannot hold",
                        Remedy.TakeOtherPrecision);
            }
            catch (ExternalException e) when (DeviceMemory.IsFull(e.Message))
            {
                _together = _memory.Halve(count, "frames", Remedy.TakeSmallerFrames, e);
            }
        }
    }

    private sealed class Batch<TTag>(Tensor frames, int count, int features)
    {
        public readonly Tensor Frames = frames;
        public readonly TTag[] Tags = new TTag[count];
        public readonly float[] Features = new float[count * features];
        public int Count;
    }
}
