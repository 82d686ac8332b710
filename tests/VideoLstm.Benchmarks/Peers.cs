using System.Globalization;

namespace VideoLstm.Benchmarks;

/// <summary>A peer's side of the conversation: see <see cref="Contender"/>.</summary>
internal static class Peers
{
    /// <summary>Contends as the arguments say.</summary>
    /// <param name="arguments"><c>onnx-network HEIGHT WIDTH BATCH SESSIONS THREADS</c>, <c>torch-network HEIGHT WIDTH BATCH LAYOUT</c> or
    /// <c>torch-step RECIPE LAYOUT</c>.</param>
    public static void Serve(string[] arguments)
    {
        int Number(int index) => int.Parse(arguments[index], CultureInfo.InvariantCulture);
        bool isLast = arguments[^1] == "channels_last";
        switch (arguments[0])
        {
            case "onnx-network":
                OnnxRuntimePeer.Serve(Number(1), Number(2), Number(3), Number(4), Number(5));
                break;
            case "torch-network":
                TorchNetworkPeer.Serve(Number(1), Number(2), Number(3), isLast);
                break;
            case "torch-step":
                TorchTrainingPeer.Serve(arguments[1], isLast);
                break;
            default:
                throw new ArgumentException($"there is no peer {arguments[0]}", nameof(arguments));
        }
    }
}
