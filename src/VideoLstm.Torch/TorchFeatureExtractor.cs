using System.Collections.Concurrent;
using System.Diagnostics;
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
/// Frames in, features out, in order. One thread reads frames into the next batch while others have the network compute; the caller takes
/// the features of the batch before. All batches are of one shape, the last filled up: for each new shape cuDNN would look for its ways
/// anew.
/// </summary>
/// <remarks>
/// A card does in order what all threads ask of it, for TorchSharp has neither streams nor events; so two threads ask in turn. While one
/// waits for its features, the copy and the network of the other's batch are queued already, and the card does not wait for this program.
/// Bytes lie in pinned memory and become floats on the card.
/// </remarks>
internal sealed class TorchFeatureExtractor : IFeatureExtractor
{
    private const int CpuFrames = 8, CudaFrames = 32;

    // Pixels of a batch at most, so that large frames take no more memory than many small ones.
    private const int MostPixels = CudaFrames * 320 * 320;

    private readonly ExtractorSpec _spec;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly DeviceMemory _memory;
    private readonly TorchLayer[] _layers;
    private readonly int _frames;
    private readonly BusyClock _busy = new(1);
    private long _computed;
    private double? _copying;

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

    /// <inheritdoc/>
    public ExtractorRates Rates
    {
        get
        {
            long frames = Interlocked.Read(ref _computed);
            double seconds = _busy.Seconds - (frames / _copying ?? 0);
            return new ExtractorRates(frames / Math.Max(seconds, 1e-9), _copying);
        }
    }

    private bool IsCard => _device.type == DeviceType.CUDA;

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
        int threads = IsCard ? 2 : 1;
        // Of those beside the ones that compute, one is read into and one is waiting or given to the caller.
        Batch<TTag>[] batches = [.. Enumerable.Range(0, threads + 2).Select(_ => new Batch<TTag>(NewFrames(), _frames, Features))];
        try
        {
            if (IsCard)
                _copying ??= MeasureCopying(batches[0].Frames);
            using var free = new BlockingCollection<Batch<TTag>>();
            using var work = new BlockingCollection<Batch<TTag>>();
            using var ordered = new BlockingCollection<Batch<TTag>>();
            using var workers = new WorkerGroup(ct);
            foreach (Batch<TTag> batch in batches)
                free.Add(batch, CancellationToken.None);
            workers.Start(() => ReadFrames(source, free, work, ordered, workers.Stopped));
            for (int i = 0; i < threads; i++)
                workers.Start(() => RunNetwork(work, workers.Stopped));
            while (workers.TryTake(ordered, out Batch<TTag>? batch) && workers.TryWait(batch.Ready))
            {
                for (int i = 0; i < batch.Count; i++)
                    yield return (batch.Tags[i], batch.Features.AsMemory(i * Features, Features));
                free.Add(batch, CancellationToken.None);
            }
            workers.Finish();
        }
        finally
        {
            foreach (Batch<TTag> batch in batches)
                batch.Frames.Dispose();
        }
    }

    private Tensor NewFrames()
    {
        Tensor frames = HostTensor.Empty([_frames, Height, Width, 3], uint8, IsCard);
        return frames.DetachFromDisposeScope();
    }

    // Frames/s that go to the card and nothing else; the first copy of all is slower.
    private double MeasureCopying(Tensor frames)
    {
        long start = 0;
        for (int i = 0; i < 2; i++)
        {
            start = Stopwatch.GetTimestamp();
            using Tensor copy = frames.to(_device, non_blocking: true);
            cuda.synchronize(_device);
        }
        return _frames / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void ReadFrames<TTag>(
        FrameSource<TTag> source, BlockingCollection<Batch<TTag>> free, BlockingCollection<Batch<TTag>> work,
        BlockingCollection<Batch<TTag>> ordered, CancellationToken ct)
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
            if (batch.Count == 0)
                break;
            ordered.Add(batch, ct);
            work.Add(batch, ct);
        }
        ordered.CompleteAdding();
        work.CompleteAdding();
    }

    private void RunNetwork<TTag>(BlockingCollection<Batch<TTag>> work, CancellationToken ct)
    {
        foreach (Batch<TTag> batch in work.GetConsumingEnumerable(ct))
        {
            _busy.Begin();
            // For each new shape cuDNN would look for its ways anew.
            Compute(batch.Frames, IsCard ? _frames : batch.Count, batch.Features);
            _busy.End();
            Interlocked.Add(ref _computed, batch.Count);
            batch.Ready.Release();
        }
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

#pragma warning disable CA1001 // A SemaphoreSlim without a wait handle holds nothing that needs disposing.
    private sealed class Batch<TTag>(Tensor frames, int count, int features)
    {
        public readonly Tensor Frames = frames;
        public readonly TTag[] Tags = new TTag[count];
        public readonly float[] Features = new float[count * features];
        public readonly SemaphoreSlim Ready = new(0);
        public int Count;
    }
#pragma warning restore CA1001
}
