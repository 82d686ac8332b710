namespace VideoLstm.Numerics.Kernels;

/// <summary>Which way of convolving takes the least time.</summary>
internal static class WinogradCost
{
    // In multiply-adds of one channel: an element that is transformed once, a weight that is read.
    private const double Transform = 16;
    private const double Weight = 6;

    // More outputs of a tile in two dimensions, or more points in one of them, lose digits: 6 x 6 outputs of a 3 x 3 kernel
    // have twice the error of 4 x 6. They save 1% of InceptionV3's time at 299 x 299, but 14% at 720 x 1280, where maps are
    // larger than the caches, and features are means of so many pixels that the error does not show.
    private const int MaximumOutputs = 24;
    private const int LargeMap = 40_000;
    private const int MaximumPoints = 8;

    // Of bytes: a direct multiply-add, an element that is transformed and rounded, both in multiply-adds of 16 bits.
    private const double QuantizedDirect = 0.85;
    private const double QuantizedTransform = 40;

    /// <summary>
    /// The tile for a convolution to <paramref name="frames"/> outputs of that size at a time, or null where the direct way is
    /// faster.
    /// </summary>
    public static (int Height, int Width)? BestTile(ConvolutionShape shape, int height, int width, int frames = 1) =>
        BestTile(shape, height, width, frames, 1, Transform, WinogradConvolution.BatchTiles);

    /// <summary>The tile for a convolution of bytes.</summary>
    public static (int Height, int Width)? BestQuantizedTile(ConvolutionShape shape, int height, int width, int frames = 1) =>
        BestTile(shape, height, width, frames, QuantizedDirect, QuantizedTransform, QuantizedWinogradConvolution.BatchTiles);

    private static (int Height, int Width)? BestTile(
        ConvolutionShape shape, int height, int width, int frames, double direct, double transform, Func<int, ConvolutionShape,
            int> batchTiles)
    {
        if (shape.Stride != 1 || shape.InputChannels % ActivationMap.BlockSize != 0 || shape.KernelHeight * shape.KernelWidth == 1)
            return null;
        (int Height, int Width)? best = null;
        double least = direct * ((double)frames * height * width + Weight) * shape.Reduction * shape.OutputChannels;
        foreach (int tileHeight in Tiles(shape.KernelHeight))
            foreach (int tileWidth in Tiles(shape.KernelWidth))
            {
                int pointRows = tileHeight + shape.KernelHeight - 1, pointColumns = tileWidth + shape.KernelWidth - 1;
                if (shape.KernelHeight > 1 && shape.KernelWidth > 1
                    && ((tileHeight * tileWidth > MaximumOutputs && height * width < LargeMap)
                    || Math.Max(pointRows, pointColumns) > MaximumPoints))
                    continue;
                int points = pointRows * pointColumns, tiles = frames * Parts.CeilDiv(height, tileHeight) * Parts.CeilDiv(width, tileWidth);
                int batches = Parts.CeilDiv(tiles, batchTiles(points, shape));
                double cost = points * ((tiles + Weight * batches) * shape.InputChannels * shape.OutputChannels + tiles * transform
                    * (shape.InputChannels + shape.OutputChannels));
                if (cost < least)
                    (best, least) = ((tileHeight, tileWidth), cost);
            }
        return best;
    }

    private static int[] Tiles(int taps) =>
        taps == 1 ? [1] : [.. new[] { 2, 4, WinogradPoints.MaximumOutputs }.Where(t => WinogradPoints.Exist(t, taps))];
}
