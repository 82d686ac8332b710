using VideoLstm.Numerics.Kernels;
using static VideoLstm.Numerics.Tests.Kernels.ConvolutionTestData;

namespace VideoLstm.Numerics.Tests.Kernels;

public unsafe class WinogradConvolutionTests
{
    // Kernel height and width, outputs of a tile.
    public static TheoryData<int, int, int, int> Tiles => new()
    {
        { 3, 3, 2, 2 }, { 3, 3, 4, 4 }, { 3, 3, 6, 6 }, { 3, 3, 4, 6 }, { 3, 3, 2, 6 },
        { 5, 5, 2, 2 }, { 5, 5, 4, 4 }, { 5, 3, 4, 6 },
        { 1, 3, 1, 2 }, { 1, 3, 1, 4 }, { 1, 3, 1, 6 }, { 3, 1, 2, 1 }, { 3, 1, 4, 1 }, { 3, 1, 6, 1 },
        { 1, 5, 1, 6 }, { 5, 1, 6, 1 },
        { 1, 7, 1, 2 }, { 1, 7, 1, 4 }, { 1, 7, 1, 6 }, { 7, 1, 2, 1 }, { 7, 1, 4, 1 }, { 7, 1, 6, 1 },
    };

    /// <summary>
    /// Sizes from one pixel to several batches, so that tiles of every number of valid rows and columns come up, and chunks of
    /// input channels; with NaN beyond the padding, which nobody may take in. Parts, side by side, give the same bits.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tiles))]
    public void Every_level_equals_the_definition_in_double_precision(int kernelHeight, int kernelWidth, int tileHeight, int tileWidth)
    {
        for (int size = 1; size <= 13; size++)
        {
            (int py, int px) = (kernelHeight / 2 * (size % 3 == 0 ? 0 : 1), kernelWidth / 2 * (size % 4 == 0 ? 0 : 1));
            (int height, int width) = (size + kernelHeight - 1 - 2 * py, 2 * size + size % 2 + kernelWidth - 1 - 2 * px);
            if (height < 1 || width < 1)
                continue;
            ConvolutionShape shape = new(16 * (1 + size % 4), 16 * (1 + size % 9), kernelHeight, kernelWidth, 1, py, px);
            AssertRight(shape, height, width, (tileHeight, tileWidth));
        }
    }

    [Fact]
    public void Channels_in_chunks_and_tiles_in_batches()
    {
        AssertRight(new(448, 80, 3, 3, 1, 1, 1), 5, 9, (4, 4));
        AssertRight(new(192, 96, 1, 7, 1, 0, 3), 17, 17, (1, 6));
        AssertRight(new(32, 48, 3, 3, 1, 0, 0), 60, 75, (6, 6));
    }

    [Fact]
    public void What_it_cannot_do_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new WinogradConvolution(new(16, 16, 3, 3, 2, 0, 0), (2, 2), new float[16 * 16 * 9], new float[16]));
        Assert.Throws<ArgumentException>(() => new WinogradConvolution(new(16, 16, 1, 1, 1, 0, 0), (1, 1), new float[16 * 16], new float[16]));
        Assert.Throws<ArgumentException>(() => new WinogradConvolution(new(16, 16, 3, 3, 1, 0, 0), (3, 3), new float[16 * 16 * 9], new float[16]));
        Assert.Throws<ArgumentException>(() => new WinogradConvolution(new(8, 16, 3, 3, 1, 0, 0), (2, 2), new float[8 * 16 * 9], new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WinogradConvolution(new(16, 16, 3, 3, 1, 0, 0), (2, 2), new float[16 * 16 * 9 - 1], new float[16]));
    }

    private static void AssertRight(ConvolutionShape shape, int height, int width, (int Height, int Width) tile)
    {
        float[] values = Values(1, shape.InputChannels * height * width), weights = Values(5, shape.OutputChannels * shape.Reduction), bias = Values(3, shape.OutputChannels);
        float scale = 1 / MathF.Sqrt(shape.Reduction);
        foreach (ref float weight in weights.AsSpan())
            weight *= scale;
        float[] expected = Define(shape, height, width, values, weights, bias);
        Assert.Contains(expected, v => v > 0);

        ConvolutionTestMap input = new(shape.InputChannels, height, width, shape.PaddingY + 1, shape.PaddingX + 1, fill: float.NaN);
        for (int block = 0; block < input.Map.Blocks; block++)
            for (int y = -shape.PaddingY; y < height + shape.PaddingY; y++)
                new Span<float>(input.Map.At(block, y, -shape.PaddingX), (width + 2 * shape.PaddingX) * 16).Clear();
        input.Values = values;
        WinogradConvolution convolution = new(shape, tile, weights, bias);
        AlignedBuffer scratch = new(convolution.ScratchLength);
        foreach (SimdLevel level in Simd.Supported)
        {
            float[]? whole = null;
            for (int parts = 1; parts <= 3; parts++)
            {
                ConvolutionTestMap output = new(shape.OutputChannels, shape.OutputHeight(height), shape.OutputWidth(width), 1, 2, fill: -7);
                for (int part = 0; part < parts; part++)
                {
                    scratch.Span.Fill(float.NaN);
                    convolution.Run(input.Map, output.Map, scratch.Pointer, level, part, parts);
                }
                output.AssertBorderUntouched();
                AssertClose(expected, output.Values, 2e-5);
                Assert.Equal(whole ??= output.Values, output.Values);
            }
        }
    }

    private static float[] Define(ConvolutionShape shape, int height, int width, float[] values, float[] weights, float[] bias)
    {
        (int rows, int columns) = (shape.OutputHeight(height), shape.OutputWidth(width));
        float[] output = new float[shape.OutputChannels * rows * columns];
        for (int o = 0, at = 0; o < shape.OutputChannels; o++)
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                {
                    double sum = bias[o];
                    for (int i = 0; i < shape.InputChannels; i++)
                        for (int ky = Math.Max(0, shape.PaddingY - y); ky < Math.Min(shape.KernelHeight, height + shape.PaddingY - y); ky++)
                            for (int kx = Math.Max(0, shape.PaddingX - x); kx < Math.Min(shape.KernelWidth, width + shape.PaddingX - x); kx++)
                                sum += (double)values[(i * height + y + ky - shape.PaddingY) * width + x + kx - shape.PaddingX]
                                    * weights[((o * shape.InputChannels + i) * shape.KernelHeight + ky) * shape.KernelWidth + kx];
                    output[at++] = (float)Math.Max(0, sum);
                }
        return output;
    }
}
