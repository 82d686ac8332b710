using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>What Winograd convolutions of floats and of bytes share: the points of their tiles, and how the work is cut.</summary>
internal abstract class WinogradPlan
{
    private const int CacheLine = 64;

    /// <summary>Makes points for tiles of that many outputs.</summary>
    private protected WinogradPlan(ConvolutionShape shape, (int Height, int Width) tile)
        : this(
            shape, (tile.Height, shape.KernelHeight) == (1, 1) ? null : new WinogradPoints(tile.Height, shape.KernelHeight),
            (tile.Width, shape.KernelWidth) == (1, 1) ? null : new WinogradPoints(tile.Width, shape.KernelWidth))
    {
        if (shape.OutputChannels % BlockSize != 0 || shape.InputChannels % BlockSize != 0 || shape.Stride != 1)
            throw new ArgumentException($"channels must be multiples of {BlockSize}, the stride 1: {shape}", nameof(shape));
        if (Points == 1)
            throw new ArgumentException("a kernel of one tap has nothing to transform", nameof(shape));
    }

    private protected WinogradPlan(ConvolutionShape shape, WinogradPoints? vertical, WinogradPoints? horizontal) =>
        (Shape, Vertical, Horizontal) = (shape, vertical, horizontal);

    public ConvolutionShape Shape { get; }

    /// <summary>Points of a column; null where the kernel has one row.</summary>
    private protected WinogradPoints? Vertical { get; }

    /// <summary>Points of a row; null where the kernel has one column.</summary>
    private protected WinogradPoints? Horizontal { get; }

    private protected int TileHeight => Vertical?.Outputs ?? 1;

    private protected int TileWidth => Horizontal?.Outputs ?? 1;

    private protected int PointRows => Vertical?.Count ?? 1;

    private protected int PointColumns => Horizontal?.Count ?? 1;

    private protected int Points => PointRows * PointColumns;

    /// <summary>Groups of at most 4 blocks of output channels that are multiplied together, whatever the width of the vectors.</summary>
    private protected int Groups => GroupCount(Shape.OutputChannels);

    /// <summary>Groups of at most 4 blocks of output channels: what <see cref="Parts.Start"/> cuts them into.</summary>
    internal static int GroupCount(int outputChannels) => Parts.CeilDiv(outputChannels / BlockSize, ConvolutionTiles.MaximumVectors);

    /// <summary>
    /// Values of so many bytes, as many as there are in an odd number of cache lines, at least <paramref name="count"/>: the points
    /// of a tile, so far apart, do not fall into one set of the cache.
    /// </summary>
    internal static nint OddLines(int count, int size) => (nint)((((long)count * size + CacheLine - 1) / CacheLine) | 1)
        * (CacheLine / size);

    /// <summary>Tiles of a batch, for so many points.</summary>
    /// <param name="points">Points of a tile.</param>
    /// <param name="shape">Of the convolution.</param>
    /// <param name="size">Bytes of an input at a point, or of a weight. Products have four.</param>
    /// <param name="least">The fewest bytes of what is in between.</param>
    /// <param name="most">The most.</param>
    private protected static int BatchTiles(int points, ConvolutionShape shape, int size, int least, int most)
    {
        int weightBytes = points * shape.InputChannels * shape.OutputChannels * size;
        int batchBytes = Math.Clamp(2 * weightBytes, least, most);
        int products = Math.Min(ConvolutionTiles.MaximumVectors * BlockSize, shape.OutputChannels);
        int tileBytes = points * (size * shape.InputChannels + sizeof(float) * products);
        return Math.Max(1, batchBytes / tileBytes / ConvolutionTiles.MaximumPixels) * ConvolutionTiles.MaximumPixels;
    }
}
