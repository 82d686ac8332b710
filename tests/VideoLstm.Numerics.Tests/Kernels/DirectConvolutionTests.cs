using VideoLstm.Numerics.Kernels;
using static VideoLstm.Numerics.Tests.Kernels.ConvolutionTestData;

namespace VideoLstm.Numerics.Tests.Kernels;

public unsafe class DirectConvolutionTests
{
    // In, out, kernel height and width, stride, padding, height, width.
    public static TheoryData<int, int, int, int, int, int, int, int, int> TorchCases => new()
    {
        { 3, 32, 3, 3, 2, 0, 0, 11, 14 },
        { 16, 48, 3, 3, 1, 1, 1, 5, 8 },
        { 32, 80, 1, 1, 1, 0, 0, 3, 7 },
        { 48, 64, 5, 5, 1, 2, 2, 6, 3 },
        { 32, 32, 1, 7, 1, 0, 3, 3, 5 },
        { 32, 16, 7, 1, 1, 3, 0, 4, 6 },
        { 64, 32, 3, 3, 2, 0, 0, 9, 7 },
        { 16, 32, 1, 3, 1, 0, 1, 1, 1 },
        { 16, 32, 3, 1, 1, 1, 0, 1, 2 },
    };

    [Theory]
    [MemberData(nameof(TorchCases))]
    public void Every_level_equals_PyTorch(int input, int output, int kernelHeight, int kernelWidth, int stride, int paddingY, int paddingX, int height, int width)
    {
        ConvolutionShape shape = new(input, output, kernelHeight, kernelWidth, stride, paddingY, paddingX);
        float[] expected = Fixture($"convolution-{input}-{output}-{kernelHeight}x{kernelWidth}-{stride}-{paddingY}x{paddingX}-{height}x{width}");
        foreach (SimdLevel level in Simd.Supported)
            AssertClose(expected, Run(shape, height, width, Values(2, output * shape.Reduction), level), tolerance: 4e-5);
    }

    /// <summary>
    /// All kinds of InceptionV3's layers, every width of tile (1 to 6 and their mixtures), every number of output blocks up to
    /// 9, sums that are cut into several chunks and kernel rows, and rows in several bands.
    /// </summary>
    [Fact]
    public void Every_level_equals_the_plain_loops_on_awkward_shapes()
    {
        List<(ConvolutionShape Shape, int Height, int Width)> cases =
        [
            (new(3, 32, 3, 3, 2, 0, 0), 75, 75),
            (new(1, 16, 2, 5, 1, 0, 0), 6, 9),
            (new(32, 64, 3, 3, 1, 1, 1), 29, 147),
            (new(64, 80, 1, 1, 1, 0, 0), 73, 13),
            (new(48, 64, 5, 5, 1, 2, 2), 9, 8),
            (new(288, 48, 1, 1, 1, 0, 0), 5, 35),
            (new(96, 96, 3, 3, 2, 0, 0), 17, 35),
            (new(160, 160, 1, 7, 1, 0, 3), 4, 17),
            (new(160, 192, 7, 1, 1, 3, 0), 17, 4),
            (new(448, 64, 3, 3, 1, 1, 1), 3, 8),
            (new(2048, 32, 1, 1, 1, 0, 0), 1, 8),
            (new(32, 64, 11, 11, 3, 5, 4), 23, 19),
        ];
        for (int size = 1; size <= 19; size++)
            cases.Add((new(16, 16 * (1 + size % 9), 1 + size % 3, 1 + size % 4, 1 + size % 2, size % 2, size % 3), size + 2, size + 3));

        foreach ((ConvolutionShape shape, int height, int width) in cases)
        {
            float[] weights = Values(5, shape.OutputChannels * shape.Reduction);
            float scale = 1 / MathF.Sqrt(shape.Reduction);
            foreach (ref float weight in weights.AsSpan())
                weight *= scale;
            float[] expected = Run(shape, height, width, weights, SimdLevel.Scalar);
            Assert.Contains(expected, v => v > 0);
            Assert.Contains(expected, v => v == 0);
            foreach (SimdLevel level in Simd.Supported)
            {
                float[] actual = Run(shape, height, width, weights, level);
                AssertClose(expected, actual, tolerance: 1e-5);
                Assert.Equal(actual, Run(shape, height, width, weights, level, parts: 3));
            }
        }
    }

    [Fact]
    public void A_NaN_is_not_hidden_by_the_rectifier()
    {
        ConvolutionShape shape = new(16, 64, 1, 1, 1, 0, 0);
        ConvolutionTestMap input = new(16, 1, 7, fill: float.NaN), output = new(64, 1, 7);
        DirectConvolution convolution = new(shape, Values(2, 16 * 64), new float[64]);
        foreach (SimdLevel level in Simd.Supported)
        {
            convolution.Run(input.Map, output.Map, scratch: null, level, part: 0, parts: 1);
            Assert.All(output.Values, v => Assert.True(float.IsNaN(v), level.ToString()));
        }
    }

    [Fact]
    public void Wrong_channels_and_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new DirectConvolution(new(16, 17, 1, 1, 1, 0, 0), new float[16 * 17], new float[17]));
        Assert.Throws<ArgumentException>(() => new DirectConvolution(new(20, 16, 1, 1, 1, 0, 0), new float[16 * 20], new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DirectConvolution(new(16, 16, 1, 1, 1, 0, 0), new float[255], new float[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DirectConvolution(new(16, 16, 1, 1, 1, 0, 0), new float[256], new float[15]));
    }

    private static float[] Run(ConvolutionShape shape, int height, int width, float[] weights, SimdLevel level, int parts = 1)
    {
        bool picture = shape.InputChannels < 16;
        // A border wider than the padding, as a map has that another layer needs wider.
        ConvolutionTestMap input = new(shape.InputChannels, height, width, shape.PaddingY + 1, shape.PaddingX, picture: picture)
        {
            Values = Values(1, shape.InputChannels * height * width),
        };
        ConvolutionTestMap output = new(shape.OutputChannels, shape.OutputHeight(height), shape.OutputWidth(width), 1, 2, fill: -7);
        DirectConvolution convolution = new(shape, weights, Values(3, shape.OutputChannels));
        for (int part = 0; part < parts; part++)
            convolution.Run(input.Map, output.Map, scratch: null, level, part, parts);
        output.AssertBorderUntouched();
        return output.Values;
    }
}
