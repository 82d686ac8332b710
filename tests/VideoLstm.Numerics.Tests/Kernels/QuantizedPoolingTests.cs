using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Kernels;

public unsafe class QuantizedPoolingTests
{
    [Fact]
    public void Windows_are_those_of_the_definition()
    {
        for (int size = 1; size <= 16; size++)
            foreach (bool? countPadding in new bool?[] { null, true, false })
            {
                PoolingShape shape = new(size, 1 + size % 3, countPadding is null ? 0 : size / 2);
                (int height, int width) = (size + 2, size + 5);
                QuantizedTestMap input = new(32, height, width, 1, 2, fill: 255), output = new(32, shape.Output(height), shape.Output(width), 2, 1, fill: 77);
                byte[] values = new byte[32 * height * width];
                new Random(size).NextBytes(values);
                // One channel of nothing but the largest value.
                values.AsSpan(0, height * width).Fill(255);
                input.Values = values;
                if (countPadding is { } count)
                    QuantizedPooling.Average(input.Map, output.Map, shape, count);
                else
                    QuantizedPooling.Max(input.Map, output.Map, shape);
                output.AssertBorderUntouched();
                Assert.Equal(Define(values, 32, height, width, shape, countPadding), output.Values);
            }
    }

    [Fact]
    public void Larger_windows_are_refused()
    {
        QuantizedTestMap map = new(16, 20, 20, 0, 0, fill: 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantizedPooling.Average(map.Map, map.Map, new(17, 1, 8), countPadding: true));
    }

    [Fact]
    public void The_mean_of_a_channel_is_exact()
    {
        QuantizedTestMap input = new(32, 35, 33, 1, 1, fill: 255);
        byte[] values = new byte[32 * 35 * 33];
        new Random(1).NextBytes(values);
        input.Values = values;
        QuantizedChannel[] channels = [.. Enumerable.Range(1, 32).Select(i => new QuantizedChannel(i / 255f, 0))];
        AlignedBuffer output = new(32);
        QuantizedPooling.GlobalAverage(input.Map, channels, output.Pointer);
        for (int c = 0; c < 32; c++)
            Assert.Equal((float)(values.AsSpan(c * 35 * 33, 35 * 33).ToArray().Sum(v => v) / (35.0 * 33) * channels[c].Scale), output.Span[c]);
    }

    private static byte[] Define(byte[] values, int channels, int height, int width, PoolingShape shape, bool? countPadding)
    {
        (int rows, int columns) = (shape.Output(height), shape.Output(width));
        byte[] output = new byte[channels * rows * columns];
        for (int i = 0; i < output.Length; i++)
        {
            (int channel, int y, int x) = (i / (rows * columns), i / columns % rows * shape.Stride - shape.Padding, i % columns * shape.Stride - shape.Padding);
            int[] window =
            [
                .. from row in Enumerable.Range(y, shape.Size) from column in Enumerable.Range(x, shape.Size)
                   where row >= 0 && row < height && column >= 0 && column < width
                   select (int)values[(channel * height + row) * width + column],
            ];
            int count = countPadding == true ? shape.Size * shape.Size : window.Length;
            output[i] = (byte)(countPadding is null ? window.Max() : (window.Sum() + count / 2) / count);
        }
        return output;
    }
}
