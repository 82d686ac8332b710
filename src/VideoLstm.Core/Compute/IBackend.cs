using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Compute;

/// <summary>What computes networks. Those of two backends give the same numbers but for rounding.</summary>
public interface IBackend
{
    /// <summary>
    /// What tells results of this backend from those of another in files and names of runs; the CPU engine's own is
    /// <see cref="CpuBackend.BackendName"/>.
    /// </summary>
    string Name { get; }

    /// <summary>Its name where files say what computed something; null: the CPU engine, of which they say nothing.</summary>
    string? Provenance => Name == CpuBackend.BackendName ? null : Name;

    /// <summary>Number of the card of NVIDIA that it computes on; null: it computes on the processor.</summary>
    int? Card => null;

    /// <summary>What it can take features with.</summary>
    IReadOnlyList<Precision> Precisions { get; }

    /// <summary>A network that can be trained and asked, with zero weights.</summary>
    /// <param name="spec">What it is: its output is a number for each of at least 2 classes; softmax follows.</param>
    /// <exception cref="ArgumentException">The backend has no such layer, or the network is no classifier.</exception>
    /// <exception cref="OverflowException">It is larger than anything can be.</exception>
    ITrainableNetwork CreateNetwork(NetworkSpec spec);

    /// <summary>A network that takes features of frames.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="precision">What it computes with: one of <see cref="Precisions"/>.</param>
    /// <exception cref="ArgumentException">The backend has no such layer or precision, or frames are too large.</exception>
    IFeatureExtractor CreateExtractor(ExtractorSpec spec, Precision precision);
}
