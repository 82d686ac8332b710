using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Kernels;

/// <summary>Convolutions of bytes against their definition in double precision, at every level, in parts.</summary>
public unsafe class QuantizedConvolutionTests
{
    // What is beyond the padding: nobody may take it in.
    private const byte Foreign = 201;

    [Theory]
    [InlineData(16, 16, 1, 1, 1, 0, 0, 5, 5)]
    [InlineData(48, 32, 1, 1, 1, 0, 0, 8, 8)]
    [InlineData(32, 48, 3, 3, 2, 0, 0, 17, 13)]
    [InlineData(16, 16, 3, 3, 2, 1, 1, 6, 8)]
    [InlineData(80, 16, 5, 5, 1, 2, 2, 3, 11)]
    [InlineData(64, 32, 1, 7, 1, 0, 3, 4, 1)]
    public void Direct_equals_the_definition_with_rounded_weights(
        int channels, int filters, int kernelHeight, int kernelWidth, int stride, int paddingY, int paddingX, int height, int width)
    {
        ConvolutionShape shape = new(channels, filters, kernelHeight, kernelWidth, stride, paddingY, paddingX);
        Problem problem = new(shape, height, width, seed: 1);
        AssertRight(problem, new QuantizedDirectConvolution(shape, problem.Weights, problem.Bias, problem.Input, 0, problem.Output), Define(problem, rounded: true), tolerance: 0.51);
    }

    [Theory]
    [InlineData(3, 3, 2, 29, 31)]
    [InlineData(5, 2, 1, 7, 9)]
    public void Direct_takes_a_picture(int kernelHeight, int kernelWidth, int stride, int height, int width)
    {
        ConvolutionShape shape = new(3, 32, kernelHeight, kernelWidth, stride, 0, 0);
        Problem problem = new(shape, height, width, seed: 2) { InputOffset = -1 };
        AssertRight(problem, new QuantizedDirectConvolution(shape, problem.Weights, problem.Bias, problem.Input, -1, problem.Output), Define(problem, rounded: true), tolerance: 0.51);
    }

    [Theory]
    [InlineData(3, 3, 2, 2)]
    [InlineData(3, 3, 4, 6)]
    [InlineData(3, 3, 6, 6)]
    [InlineData(5, 5, 4, 4)]
    [InlineData(1, 3, 1, 6)]
    [InlineData(1, 7, 1, 2)]
    [InlineData(1, 7, 1, 6)]
    [InlineData(7, 1, 6, 1)]
    public void Winograd_equals_the_definition(int kernelHeight, int kernelWidth, int tileHeight, int tileWidth)
    {
        for (int size = 1; size <= 11; size += 2)
        {
            (int py, int px) = (kernelHeight / 2 * (size % 3 == 0 ? 0 : 1), kernelWidth / 2);
            (int height, int width) = (size + kernelHeight - 1 - 2 * py, 2 * size + 1 + kernelWidth - 1 - 2 * px);
            if (height < 1 || width < 1)
                continue;
            ConvolutionShape shape = new(16 * (1 + size % 4), 16 * (1 + size % 9), kernelHeight, kernelWidth, 1, py, px);
            Problem problem = new(shape, height, width, seed: size);
            AssertRight(problem, new QuantizedWinogradConvolution(shape, (tileHeight, tileWidth), problem.Weights, problem.Bias, problem.Input, problem.Output), Define(problem, rounded: false), tolerance: 2);
        }
    }

    [Fact]
    public void Winograd_takes_channels_in_chunks_and_tiles_in_batches()
    {
        foreach ((ConvolutionShape shape, int height, int width, (int, int) tile) in new[]
        {
            (new ConvolutionShape(448, 80, 3, 3, 1, 1, 1), 5, 9, (4, 4)),
            (new ConvolutionShape(32, 48, 3, 3, 1, 0, 0), 50, 45, (6, 6)),
        })
        {
            Problem problem = new(shape, height, width, seed: 3);
            AssertRight(problem, new QuantizedWinogradConvolution(shape, tile, problem.Weights, problem.Bias, problem.Input, problem.Output), Define(problem, rounded: false), tolerance: 2);
        }
    }

    /// <summary>All filters and channels alike, so that errors add up, too, but an overflow is a multiple of 2^32; inputs of nothing but 0 and 255 in the pattern that each filter likes best: the largest sums there are.</summary>
    [Theory]
    [InlineData(3, 3)]
    [InlineData(1, 7)]
    public void The_largest_sums_do_not_overflow(int kernelHeight, int kernelWidth)
    {
        ConvolutionShape shape = new(512, 16, kernelHeight, kernelWidth, 1, kernelHeight / 2, kernelWidth / 2);
        for (int seed = 0; seed < 4; seed++)
        {
            Problem problem = new(shape, 9, 14, seed);
            int taps = kernelHeight * kernelWidth;
            for (int i = 0; i < problem.Weights.Length; i++)
                problem.Weights[i] = seed switch { 0 => 1, 1 => i % taps % 2 == 0 ? 1 : -1, _ => problem.Weights[i % taps] };
            problem.Bias.AsSpan().Clear();
            for (int i = 0; i < problem.Values.Length; i++)
                problem.Values[i] = (byte)(i % (9 * 14) * (7 + seed) / 5 % 2 == 0 ? 255 : 0);
            problem.Input.AsSpan().Fill(new QuantizedChannel(1, 0));
            double[] sums = Define(problem, rounded: false);
            problem.Output.AsSpan().Fill(new QuantizedChannel((float)(sums.Max() * problem.Output[0].Scale / 255), 0));
            double[] expected = Define(problem, rounded: false);
            AssertRight(problem, new QuantizedWinogradConvolution(shape, (kernelHeight == 1 ? 1 : 6, 6), problem.Weights, problem.Bias, problem.Input, problem.Output), expected, tolerance: 6);
            AssertRight(problem, new QuantizedDirectConvolution(shape, problem.Weights, problem.Bias, problem.Input, 0, problem.Output), Define(problem, rounded: true), tolerance: 0.51);
        }
    }

    [Fact]
    public void What_they_cannot_do_is_refused()
    {
        ConvolutionShape strided = new(16, 16, 3, 3, 2, 0, 0), odd = new(24, 16, 3, 3, 1, 0, 0), long1 = new(1 << 12, 16, 4, 4, 1, 0, 0);
        Assert.Throws<ArgumentException>(() => new QuantizedWinogradConvolution(strided, (2, 2), new float[16 * 144], new float[16], new QuantizedChannel[16], new QuantizedChannel[16]));
        Assert.Throws<ArgumentException>(() => new QuantizedDirectConvolution(odd, new float[16 * 216], new float[16], new QuantizedChannel[24], 0, new QuantizedChannel[16]));
        Assert.Throws<ArgumentException>(() => new QuantizedDirectConvolution(long1, [], new float[16], new QuantizedChannel[1 << 12], 0, new QuantizedChannel[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizedDirectConvolution(strided, new float[16], new float[16], new QuantizedChannel[16], 0, new QuantizedChannel[16]));
    }

    private static void AssertRight(Problem problem, IConvolution<byte> convolution, double[] expected, double tolerance)
    {
        ConvolutionShape shape = problem.Shape;
        // Both a fair share of all sums and some beyond the range.
        Assert.Contains(expected, v => v is > 20 and < 250);
        QuantizedTestMap input = new(shape.InputChannels, problem.Height, problem.Width, shape.PaddingY + 1, shape.PaddingX + 1, Foreign, picture: shape.InputChannels == 3);
        input.ClearBorder(shape.PaddingY, shape.PaddingX);
        input.Values = problem.Values;
        AlignedBuffer scratch = new(convolution.ScratchLength);
        byte[]? whole = null;
        foreach (SimdLevel level in Simd.Supported)
            for (int parts = 1; parts <= 3; parts++)
            {
                QuantizedTestMap output = new(shape.OutputChannels, shape.OutputHeight(problem.Height), shape.OutputWidth(problem.Width), 1, 2, Foreign);
                for (int part = 0; part < parts; part++)
                {
                    scratch.Span.Fill(float.NaN);
                    convolution.Run(input.Map, output.Map, scratch.Pointer, level, part, parts);
                }
                output.AssertBorderUntouched();
                byte[] actual = output.Values;
                for (int i = 0; i < actual.Length; i++)
                    Assert.True(Math.Abs(Math.Clamp(expected[i], 0, 255) - actual[i]) <= tolerance, $"{level}, {shape}, {i}: expected {expected[i]}, found {actual[i]}");
                Assert.Equal(whole ??= actual, actual);
            }
    }

    /// <summary>The output in its own unit, before it is rounded.</summary>
    private static double[] Define(Problem problem, bool rounded)
    {
        ConvolutionShape shape = problem.Shape;
        (int rows, int columns, int taps) = (shape.OutputHeight(problem.Height), shape.OutputWidth(problem.Width), shape.KernelHeight * shape.KernelWidth);
        double[] output = new double[shape.OutputChannels * rows * columns], filter = new double[shape.Reduction];
        for (int o = 0, at = 0; o < shape.OutputChannels; o++)
        {
            double bias = problem.Bias[o], largest = 0;
            for (int i = 0; i < filter.Length; i++)
            {
                filter[i] = (double)problem.Weights[o * filter.Length + i] * problem.Input[i / taps].Scale;
                bias += problem.InputOffset * problem.Weights[o * filter.Length + i];
                largest = Math.Max(largest, Math.Abs(filter[i]));
            }
            for (int i = 0; rounded && i < filter.Length; i++)
            {
                double weight = Math.Round(filter[i] / (largest / 127)) * (largest / 127);
                bias += (filter[i] - weight) * problem.Input[i / taps].Expected / problem.Input[i / taps].Scale;
                filter[i] = weight;
            }
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++, at++)
                {
                    double sum = bias;
                    for (int i = 0; i < filter.Length; i++)
                    {
                        (int row, int column) = (y * shape.Stride + i % taps / shape.KernelWidth - shape.PaddingY, x * shape.Stride + i % shape.KernelWidth - shape.PaddingX);
                        if (row >= 0 && row < problem.Height && column >= 0 && column < problem.Width)
                            sum += problem.Values[(i / taps * problem.Height + row) * problem.Width + column] * filter[i];
                    }
                    output[at] = sum / problem.Output[o].Scale;
                }
        }
        return output;
    }

    /// <summary>Random bytes, weights and scales, such that a part of the outputs is cut off at either end.</summary>
    private sealed class Problem
    {
        public Problem(ConvolutionShape shape, int height, int width, int seed)
        {
            (Shape, Height, Width) = (shape, height, width);
            Random random = new(seed);
            Values = new byte[shape.InputChannels * height * width];
            random.NextBytes(Values);
            float scale = 1 / MathF.Sqrt(shape.Reduction);
            Weights = [.. Enumerable.Range(0, shape.OutputChannels * shape.Reduction).Select(_ => (2 * random.NextSingle() - 1) * scale)];
            Bias = [.. Enumerable.Range(0, shape.OutputChannels).Select(_ => random.NextSingle())];
            Input = [.. Enumerable.Range(0, shape.InputChannels).Select(_ => new QuantizedChannel((1 + random.NextSingle()) / 255, random.NextSingle()))];
            Output = [.. Enumerable.Range(0, shape.OutputChannels).Select(_ => new QuantizedChannel((1 + random.NextSingle()) / 255, 0))];
        }

        public ConvolutionShape Shape { get; }

        public int Height { get; }

        public int Width { get; }

        /// <summary><c>[channels, height, width]</c>.</summary>
        public byte[] Values { get; }

        public float[] Weights { get; }

        public float[] Bias { get; }

        public QuantizedChannel[] Input { get; }

        public float InputOffset { get; init; }

        public QuantizedChannel[] Output { get; }
    }
}
