using VideoLstm.Numerics.Kernels;
using static VideoLstm.Numerics.Tests.Kernels.ConvolutionTestData;

namespace VideoLstm.Numerics.Tests.Kernels;

public class PoolingTests
{
    [Theory]
    [InlineData(32, 3, 2, 0, 9, 8)]
    [InlineData(16, 2, 2, 0, 5, 4)]
    [InlineData(16, 3, 1, 1, 4, 1)]
    public void Max_equals_PyTorch(int channels, int size, int stride, int padding, int height, int width)
    {
        float[] expected = Fixture($"max-{channels}-{size}-{stride}-{padding}-{height}x{width}");
        foreach (SimdLevel level in Simd.Supported)
            Assert.Equal(expected, Run(channels, new(size, stride, padding), height, width, level, countPadding: null));
    }

    [Theory]
    [InlineData(32, 3, 1, 1, 5, 7)]
    [InlineData(16, 3, 1, 1, 1, 1)]
    [InlineData(16, 5, 3, 2, 8, 9)]
    public void Average_equals_PyTorch_with_and_without_padding(int channels, int size, int stride, int padding, int height, int width)
    {
        foreach (bool countPadding in new[] { true, false })
        {
            float[] expected = Fixture($"average-{channels}-{size}-{stride}-{padding}-{height}x{width}-{(countPadding ? "all" : "inside")}");
            foreach (SimdLevel level in Simd.Supported)
                AssertClose(expected, Run(channels, new(size, stride, padding), height, width, level, countPadding), 1e-6);
        }
    }

    [Fact]
    public void Every_level_equals_the_plain_loops()
    {
        for (int size = 1; size < 12; size++)
            foreach (bool? countPadding in new bool?[] { null, true, false })
            {
                PoolingShape shape = new(1 + size % 4, 1 + size % 3, (1 + size % 4) / 2);
                float[] expected = Run(48, shape, size + 2, size + 1, SimdLevel.Scalar, countPadding);
                foreach (SimdLevel level in Simd.Supported)
                    AssertClose(expected, Run(48, shape, size + 2, size + 1, level, countPadding), 1e-6);
            }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    [InlineData(21, 38)]
    public void Global_average_is_the_mean_of_each_channel(int height, int width)
    {
        ConvolutionTestMap input = new(32, height, width) { Values = Values(1, 32 * height * width) };
        ConvolutionTestMap output = new(32, 1, 1);
        Pooling.GlobalAverage(input.Map, output.Map);
        float[] expected = [.. input.Values.Chunk(height * width).Select(channel => (float)channel.Average(v => (double)v))];
        AssertClose(expected, output.Values, 1e-6);
    }

    // Without countPadding, the maximum.
    private static float[] Run(int channels, PoolingShape shape, int height, int width, SimdLevel level, bool? countPadding)
    {
        // A border of NaN: nothing outside may be read.
        ConvolutionTestMap input = new(channels, height, width, 1, 1, fill: float.NaN) { Values = Values(1, channels * height * width) };
        ConvolutionTestMap output = new(channels, shape.Output(height), shape.Output(width), 1, 1, fill: -7);
        if (countPadding is { } count)
            Pooling.Average(input.Map, output.Map, shape, count, level);
        else
            Pooling.Max(input.Map, output.Map, shape, level);
        output.AssertBorderUntouched();
        return output.Values;
    }
}
