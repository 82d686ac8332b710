using TorchSharp;
using VideoLstm.Core;
using VideoLstm.Tests;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VideoLstm.Torch.Tests;

/// <summary>The backend that is tested: see <see cref="LibtorchFiles"/>.</summary>
internal static class Libtorch
{
    private static readonly Lazy<string?> Missing = new(LibtorchFiles.Prepare);

    /// <summary>The backend; skips the test, with the reason, where libtorch cannot be had.</summary>
    /// <param name="observer">Told of what is worth knowing.</param>
    /// <param name="computing">Called before samples are computed together, with their number.</param>
    public static TorchBackend Require(IJobObserver? observer = null, Action<int>? computing = null)
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        return new TorchBackend(torch.CPU, observer) { Computing = computing };
    }

    /// <summary>Asks libtorch for more memory than any machine has: what then happens is libtorch's own.</summary>
    public static void ExhaustMemory() => torch.empty(1L << 50).Dispose();

    /// <summary>Frees what tests before have left to the collector.</summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
