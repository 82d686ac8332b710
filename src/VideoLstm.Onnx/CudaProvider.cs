using Microsoft.ML.OnnxRuntime;

namespace VideoLstm.Onnx;

/// <summary>ONNX Runtime on a card of NVIDIA.</summary>
internal static class CudaProvider
{
    /// <summary>Has a card compute. What the card cannot compute is an error, not left to the processor.</summary>
    /// <exception cref="OnnxRuntimeException">The provider cannot be loaded, or finds no card.</exception>
    public static void Append(SessionOptions options, int card)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["device_id"] = FormattableString.Invariant($"{card}"),
            // All ways tried for every new shape cost seconds each.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["use_tf32"] = "0",
        });
        options.AppendExecutionProvider_CUDA(cuda);
        options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
    }
}
