namespace VideoLstm.Core.Compute;

/// <summary>ONNX Runtime; it is loaded when it is asked for.</summary>
public interface IOnnxRuntime
{
    /// <summary>Its version.</summary>
    string Version { get; }

    /// <summary>Whether it is a build that computes on cards of NVIDIA.</summary>
    bool KnowsCards { get; }

    /// <summary>Makes a network ready to compute.</summary>
    /// <param name="model">The network.</param>
    /// <param name="output">What of it is wanted: any value that it computes.</param>
    /// <param name="threads">Threads that share a picture.</param>
    /// <param name="card">Number of the card that computes; null: the processor does.</param>
    /// <exception cref="InputException">It is no network that ONNX Runtime can compute; or the card does not compute it.</exception>
    IOnnxSession Open(OnnxModel model, string output, int threads, int? card);
}
