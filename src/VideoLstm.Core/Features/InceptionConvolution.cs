namespace VideoLstm.Core.Features;

/// <summary>Name (torchvision's) and shape of one of InceptionV3's convolutions.</summary>
internal sealed record InceptionConvolution(string Name, int Filters, int Channels, int KernelHeight, int KernelWidth)
{
    /// <summary>Weights that one filter sums.</summary>
    public int Reduction => Channels * KernelHeight * KernelWidth;

    /// <summary>Number of weights.</summary>
    public int Length => Filters * Reduction;
}
