using TorchSharp;
using VideoLstm.Tests;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VideoLstm.Torch.Tests;

/// <summary>The backend that is tested: see <see cref="LibtorchFiles"/>.</summary>
internal static class Libtorch
{
    private static readonly Lazy<string?> Missing = new(LibtorchFiles.Prepare);

    /// <summary>The backend; skips the test, with the reason, where libtorch cannot be had.</summary>
    public static TorchBackend Require()
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        return new TorchBackend(torch.CPU);
    }
}
