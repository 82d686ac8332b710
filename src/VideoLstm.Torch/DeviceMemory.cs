using System.Runtime.InteropServices;
using TorchSharp;
using VideoLstm.Core;
using static TorchSharp.torch;

namespace VideoLstm.Torch;

/// <summary>What becomes of work for which a device's memory is too small.</summary>
/// <remarks>
/// Before libtorch says that a card's memory is full, it has given back all that it keeps for later (c10::cuda::CUDACachingAllocator): what
/// is left is to compute less at a time.
/// </remarks>
/// <param name="device">The device.</param>
/// <param name="observer">Told when less is computed at a time; null: nobody is.</param>
internal sealed class DeviceMemory(Device device, IJobObserver? observer)
{
    // As libtorch, its processor's allocator on Unix and on Windows, and cuDNN and cuBLAS say it.
    private static readonly string[] Words =
        ["out of memory", "can't allocate memory", "not enough memory", "STATUS_ALLOC_FAILED"];

    private bool _hasSaid;

    /// <summary>Called before samples are computed together, with their number: a test lets memory run out there.</summary>
    public Action<int>? Computing { get; init; }

    private string Name => device.type == DeviceType.CUDA ? $"{TorchBackend.CudaName}:{Math.Max(0, device.index)}" : TorchBackend.CpuName;

    /// <summary>Whether an error of libtorch's says that there is no memory left.</summary>
    public static bool IsFull(string error) => Words.Any(w => error.Contains(w, StringComparison.Ordinal));

    /// <summary>How many to compute at a time after that many did not fit.</summary>
    /// <param name="count">What did not fit.</param>
    /// <param name="what">What is counted, in the plural.</param>
    /// <param name="remedy">What helps where not even one fits.</param>
    /// <param name="error">What libtorch said.</param>
    /// <exception cref="InputException">It was one.</exception>
    public int Halve(int count, string what, Remedy remedy, Exception error)
    {
        if (count <= 1)
            throw new InputException($"{Name}: its memory is too small for {what}, even one at a time", remedy, error);
        if (!_hasSaid)
            observer?.Remark($"{Name}: its memory is too small for {count} {what} at a time; fewer are computed together");
        _hasSaid = true;
        return count / 2;
    }

    /// <summary>Does what cannot be halved.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="remedy">What helps where it does not fit.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="InputException">It does not fit.</exception>
    public T Hold<T>(string what, Remedy remedy, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExternalException e) when (IsFull(e.Message))
        {
            throw TooSmall(what, remedy, e);
        }
    }

    /// <summary>Says that something does not fit.</summary>
    public InputException TooSmall(string what, Remedy remedy, Exception error) =>
        new($"{Name}: its memory is too small for {what}", remedy, error);
}
