using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>The devices of libtorch on this machine: cards first, then the processor.</summary>
public sealed class TorchProvider : IBackendProvider
{
    /// <summary>Loads the native libraries.</summary>
    /// <param name="folder">Where they are; full path.</param>
    /// <exception cref="InvalidOperationException">Others have been loaded before.</exception>
    /// <exception cref="NotSupportedException">They cannot be loaded.</exception>
    public TorchProvider(string folder)
    {
        TorchLibraries.Use(folder);
        InitializeDeviceType(DeviceType.CPU);
        int cards = cuda.is_available() ? cuda.device_count() : 0;
        Devices =
        [
            .. Enumerable.Range(0, cards).Select(card => new ComputeDevice($"{TorchBackend.CudaName}:{card}", CudaDriver.Describe(card))),
            new ComputeDevice(TorchBackend.CpuName, "the processor, by libtorch, to compare with"),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ComputeDevice> Devices { get; }

    /// <inheritdoc/>
    public IBackend Create(string device, IJobObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new TorchBackend(device == TorchBackend.CpuName ? CPU : torch.device(device), observer);
    }
}
