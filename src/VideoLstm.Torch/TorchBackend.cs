using TorchSharp;
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

    /// <summary>A backend for a device.</summary>
    /// <param name="device">The processor (<c>cpu</c>) or a card (<c>cuda:0</c>).</param>
    /// <param name="tensorFloat32">
    /// Lets cards multiply with 10 bits of each factor, which is faster: results are no longer those of single precision. It holds for all
    /// that this process computes with torch.
    /// </param>
    /// <exception cref="ArgumentException">It is another kind of device.</exception>
    /// <exception cref="InvalidOperationException">There is no such card, or it cannot be used.</exception>
    /// <exception cref="NotSupportedException">The native libraries are not there, or cannot be loaded.</exception>
    public TorchBackend(Device device, bool tensorFloat32 = false)
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
            backends.cuda.matmul.allow_tf32 = tensorFloat32;
            backends.cudnn.allow_tf32 = tensorFloat32;
        }
        _device = device;
    }

    /// <inheritdoc/>
    public string Name => _device.type == DeviceType.CUDA ? CudaName : CpuName;

    /// <inheritdoc/>
    public ITrainableNetwork CreateNetwork(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new TorchNetwork(spec, _device);
    }

    /// <inheritdoc/>
    public IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return precision == Precision.Float ? new TorchFeatureExtractor(spec, _device)
            : throw new ArgumentException($"the backend {Name} computes features with single precision only", nameof(precision));
    }
}
