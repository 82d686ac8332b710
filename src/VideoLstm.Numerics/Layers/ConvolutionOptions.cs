using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>What layers of convolutions may have beside the size of their windows.</summary>
public sealed record ConvolutionOptions
{
    /// <summary>From a window to the next, in both directions of a picture.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>From a window to the next in time, where windows have a time.</summary>
    public int TimeStride { get; init; } = 1;

    /// <summary>What windows do at the borders.</summary>
    public Padding Padding { get; init; }

    /// <summary>What is done to each output.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether there is a bias.</summary>
    public bool UseBias { get; init; } = true;
}
