using Microsoft.ML.OnnxRuntime;
using VideoLstm.Core;

namespace VideoLstm.Onnx;

/// <summary>ONNX Runtime on a card of NVIDIA.</summary>
internal static class CudaProvider
{
    /// <summary>Has a card compute. What the card cannot compute is an error, not left to the processor.</summary>
    /// <exception cref="InputException">
    /// This ONNX Runtime knows no cards, what it needs for them is missing, or there is no card.
    /// </exception>
    public static void Append(SessionOptions options, int card)
    {
        try
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
        }
        catch (OnnxRuntimeException e)
        {
            throw new InputException($"ONNX Runtime cannot compute on card {card}: {OnnxRuntime.Explain(e)}", Remedy.TakeCudaRuntime, e);
        }
        options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
    }
}
