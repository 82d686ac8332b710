using TorchSharp;
using VideoLstm.Tests;
using static TorchSharp.torch;

namespace VideoLstm.Benchmarks;

/// <summary>What the peers on libtorch's CPU have in common.</summary>
internal static class TorchPeers
{
    /// <summary>Loads libtorch and gives it as many threads as we take.</summary>
    public static void Prepare()
    {
        if (LibtorchFiles.Prepare() is { } missing)
            throw new NotSupportedException(missing);
        set_num_threads(Workers.Count);
    }

    /// <summary>Pictures or weights of convolutions in the order in memory that torch calls channels_last, or contiguous.</summary>
    public static Tensor Laid(Tensor x, bool channelsLast) =>
        channelsLast && x.ndim == 4 ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x.contiguous();
}
