using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Core.Accelerators;
using VideoLstm.Core.Compute;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>The devices of libtorch on this machine: cards first, then the processor.</summary>
public sealed class TorchProvider : IBackendProvider
{
    /// <summary>Loads the native libraries.</summary>
    /// <param name="accelerator">Where they are.</param>
    /// <exception cref="InvalidOperationException">Others have been loaded before.</exception>
    /// <exception cref="InputException">libtorch is of another version.</exception>
    /// <exception cref="DllNotFoundException">A library is missing, damaged, or does not fit to another.</exception>
    public TorchProvider(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        TorchLibraries.Use(accelerator.Libraries, accelerator.Binding);
        InitializeDeviceType(DeviceType.CPU);
        int count = accelerator.Cuda is not null && cuda.is_available() ? cuda.device_count() : 0;
        Devices =
        [
            .. CudaDriver.Ask().Cards.Take(count).Select(card => new ComputeDevice($"{TorchBackend.CudaName}:{card.Index}", $"{card}")),
            new ComputeDevice(TorchBackend.CpuName, "the processor, by libtorch, to compare with"),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ComputeDevice> Devices { get; }

    /// <inheritdoc/>
    /// <exception cref="InputException">The card cannot compute: libtorch says why.</exception>
    public IBackend Create(string device, IJobObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device == TorchBackend.CpuName)
            return new TorchBackend(CPU, observer);
        if (Devices.All(d => d.Name != device))
            throw new InputException($"{device}: the driver shows the card, but libtorch finds no use for it", Remedy.CheckDriver);
        try
        {
            var backend = new TorchBackend(torch.device(device), observer);
            // A kernel: libtorch may hold none for the card, and the card may be full.
            using Tensor one = ones(1, device: torch.device(device)), two = one + one, copy = two.cpu();
            return copy.item<float>() == 2 ? backend : throw new InputException($"{device}: computes wrongly", Remedy.CheckDriver);
        }
        catch (ExternalException e)
        {
            throw Explain(device, e);
        }
    }

    /// <summary>What libtorch says of a card that does not compute, in one line.</summary>
    internal static InputException Explain(string device, Exception e) => new(
        $"{device}: {e.Message.Split('\n')[0].Trim()}",
        e.Message.Contains("no kernel image", StringComparison.Ordinal) ? Remedy.TakeNewerCard
            : e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) ? Remedy.FreeCard : Remedy.CheckDriver, e);
}
