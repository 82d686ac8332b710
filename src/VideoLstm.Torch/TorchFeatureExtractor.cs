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

/// <summary>A network for pictures on a card, or on the processor; its batches are tensors in the host's memory.</summary>
/// <remarks>
/// A card does in order what all threads ask of it, for TorchSharp has neither streams nor events; so two threads ask in turn. While one
/// waits for its features, the copy and the network of the other's batch are queued already, and the card does not wait for this program.
/// Bytes lie in pinned memory and become floats on the card.
/// </remarks>
internal sealed class TorchFeatureExtractor : BatchedExtractor<Tensor>
{
    private const int CpuFrames = 8, CudaFrames = 32;

    private readonly ExtractorSpec _spec;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly DeviceMemory _memory;
    private readonly TorchLayer[] _layers;
    private double? _copying;

    // Frames of a batch that are computed at a time: all, unless the device's memory is full.
    private int _together;

    /// <summary>A network with its weights on a device.</summary>
    /// <exception cref="ArgumentException">Torch has no such layer, or it gives no features of pictures.</exception>
    public TorchFeatureExtractor(ExtractorSpec spec, Precision precision, Device device, DeviceMemory memory)
        : base(BatchOf(device.type == DeviceType.CUDA ? CudaFrames : CpuFrames, FrameBytes(spec)),
            threads: device.type == DeviceType.CUDA ? 2 : 1, capacity: 1)
    {
        (_spec, _device, _memory) = (spec, device, memory);
        // Cards compute with float16 as fast as with bfloat16, which has 3 bits less for each number.
        _type = precision == Precision.Half ? float16 : float32;
        _layers = TorchLayers.Create(spec.Network.Layers, device, spec.Weights, _type);
        foreach (TorchParameter parameter in _layers.SelectMany(l => l.Parameters))
            parameter.Load(spec.Weights[parameter.Spec.Name].Values.Span);
        _together = BatchSize;
    }

    /// <inheritdoc/>
    public override int Height => _spec.Network.InputShape[0];

    /// <inheritdoc/>
    public override int Width => _spec.Network.InputShape[1];

    /// <inheritdoc/>
    public override int Features => _spec.Network.OutputShape[0];

    /// <inheritdoc/>
    protected override double? Copying => _copying;

    private bool IsCard => _device.type == DeviceType.CUDA;

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (TorchLayer layer in _layers)
            layer.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Allocate()
    {
        Tensor frames = HostTensor.Empty([BatchSize, Height, Width, 3], uint8, IsCard);
        if (IsCard)
            _copying ??= MeasureCopying(frames);
        return frames.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    protected override Span<byte> Bytes(Tensor frames) => frames.bytes;

    /// <inheritdoc/>
    protected override void Free(Tensor frames) => frames.Dispose();

    /// <inheritdoc/>
    /// <remarks>In parts where the device's memory holds not all.</remarks>
    protected override void Compute(Tensor frames, int count, float[] features)
    {
        // For each new shape cuDNN would look for its ways anew.
        int all = IsCard ? BatchSize : count;
        using IDisposable without = inference_mode();
        for (int first = 0; first < all;)
        {
            int part = Math.Min(_together, all - first);
            try
            {
                using DisposeScope scope = NewDisposeScope();
                _memory.Computing?.Invoke(part);
                // Bytes go to the device, a quarter of what floats are.
                Tensor bytes = frames.narrow(0, first, part).to(_device, non_blocking: true);
                Tensor x = (bytes.to(float32) / _spec.Divisor + _spec.Offset).to(_type);
                Tensor y = TorchLayers.Forward(_layers, _spec.Network.Layers, x, new TorchPass(part, null, null));
                HostTensor.CopyTo(y, features.AsSpan(first * Features, part * Features));
                first += part;
                if (_type != float32 && !TensorPrimitives.IsFiniteAll<float>(features.AsSpan(0, first * Features)))
                    throw new InputException("precision half: the network has values that 16-bit floats cannot hold",
                        Remedy.TakeOtherPrecision);
            }
            catch (ExternalException e) when (DeviceMemory.IsFull(e.Message))
            {
                _together = _memory.Halve(part, "frames", Remedy.TakeSmallerFrames, e);
            }
        }
    }

    private static long FrameBytes(ExtractorSpec spec) => spec.Network is { InputShape: [var height, var width, 3], OutputShape.Count: 1 }
        ? (long)height * width * 3
        : throw new ArgumentException("expected a network from [height, width, 3] to [features]", nameof(spec));

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
        return BatchSize / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
