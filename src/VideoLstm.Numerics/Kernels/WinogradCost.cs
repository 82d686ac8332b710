namespace VideoLstm.Numerics.Kernels;

/// <summary>Which way of convolving takes the least time.</summary>
internal static class WinogradCost
{
    // In multiply-adds of one channel: an element that is transformed once, a weight that is read.
    private const double Transform = 16;
    private const double Weight = 6;

    // Of bytes: a direct multiply-add, an element that is transformed and rounded, both in multiply-adds of 16 bits.
    private const double QuantizedDirect = 0.85;
    private const double QuantizedTransform = 40;

    /// <summary>The tile for a convolution to an output of that size, or null where the direct way is faster.</summary>
    public static (int Height, int Width)? BestTile(ConvolutionShape shape, int height, int width) =>
        BestTile(shape, height, width, 1, Transform, WinogradConvolution.BatchTiles);

    /// <summary>The tile for a convolution of bytes.</summary>
    public static (int Height, int Width)? BestQuantizedTile(ConvolutionShape shape, int height, int width) =>
        BestTile(shape, height, width, QuantizedDirect, QuantizedTransform, QuantizedWinogradConvolution.BatchTiles);

    private static (int Height, int Width)? BestTile(
        ConvolutionShape shape, int height, int width, double direct, double transform, Func<int, ConvolutionShape, int> batchTiles)
    {
        if (shape.Stride != 1 || shape.InputChannels % ConvolutionActivations.BlockSize != 0 || shape.KernelHeight * shape.KernelWidth == 1)
            return null;
        (int Height, int Width)? best = null;
        double least = direct * ((double)height * width + Weight) * shape.Reduction * shape.OutputChannels;
        foreach (int tileHeight in Tiles(shape.KernelHeight))
            foreach (int tileWidth in Tiles(shape.KernelWidth))
            {
                int pointRows = tileHeight + shape.KernelHeight - 1, pointColumns = tileWidth + shape.KernelWidth - 1;
                if (shape.KernelHeight > 1 && shape.KernelWidth > 1 && Math.Max(pointRows, pointColumns) > 8)
                    continue;
                int points = pointRows * pointColumns, tiles = Parts.Count(height, tileHeight) * Parts.Count(width, tileWidth);
                int batches = Parts.Count(tiles, batchTiles(points, shape));
                double cost = points * ((tiles + Weight * batches) * shape.InputChannels * shape.OutputChannels + tiles * transform * (shape.InputChannels + shape.OutputChannels));
                if (cost < least)
                    (best, least) = ((tileHeight, tileWidth), cost);
            }
        return best;
    }

    private static int[] Tiles(int taps) => taps == 1 ? [1] : [.. new[] { 2, 4, WinogradPoints.MaximumOutputs }.Where(t => WinogradPoints.Exist(t, taps))];
}
