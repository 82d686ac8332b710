using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Inference;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>
/// Networks as libtorch computes them, through TorchSharp, on the processor or on a card with CUDA. The native libraries do not come with
/// it: see <see cref="TorchLibraries"/>.
/// </summary>
public sealed class TorchBackend : IBackend
{
    /// <summary>Its names: on the processor, and on a card.</summary>
    public const string CpuName = "torch", CudaName = "cuda";

    private readonly Device _device;
    private readonly IJobObserver? _observer;

    /// <summary>A backend for a device.</summary>
    /// <param name="device">The processor (<c>cpu</c>) or a card (<c>cuda:0</c>).</param>
    /// <param name="observer">Told when less is computed at a time because memory is full; null: nobody is.</param>
    /// <exception cref="ArgumentException">It is another kind of device.</exception>
    /// <exception cref="InvalidOperationException">There is no such card, or it cannot be used.</exception>
    /// <exception cref="NotSupportedException">The native libraries are not there, or cannot be loaded.</exception>
    public TorchBackend(Device device, IJobObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type is not (DeviceType.CPU or DeviceType.CUDA))
            throw new ArgumentException($"expected the device cpu or cuda, found {device}", nameof(device));
        InitializeDeviceType(device.type);
        if (device.type == DeviceType.CUDA)
        {
            int cards = cuda.device_count();
            if (device.index >= cards)
                throw new InvalidOperationException($"expected the device {device}, found {cards} cards");
            // Single precision is single precision, and not 10 bits of each factor.
            backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = false;
        }
        (_device, _observer) = (device, observer);
    }

    /// <inheritdoc/>
    public string Name => _device.type == DeviceType.CUDA ? CudaName : CpuName;

    /// <inheritdoc/>
    public int? Card => _device.type == DeviceType.CUDA ? Math.Max(0, _device.index) : null;

    /// <inheritdoc/>
    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Float, Precision.Half];

    /// <summary>Called before samples are computed together, with their number: a test lets memory run out there.</summary>
    internal Action<int>? Computing { get; init; }

    /// <inheritdoc/>
    public ITrainableNetwork CreateNetwork(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        DeviceMemory memory = NewMemory();
        return memory.Hold("the network", Remedy.TrainSmallerOrOnCpu, () => new TorchNetwork(spec, _device, memory));
    }

    /// <inheritdoc/>
    public IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!Precisions.Contains(precision))
            throw new ArgumentException($"the backend {Name} computes no features with {precision}", nameof(precision));
        DeviceMemory memory = NewMemory();
        return memory.Hold(
            "the network", Remedy.TakeSmallerFrames, () => new TorchFeatureExtractor(spec, precision, _device, memory));
    }

    private DeviceMemory NewMemory() => new(_device, _observer) { Computing = Computing };
}
