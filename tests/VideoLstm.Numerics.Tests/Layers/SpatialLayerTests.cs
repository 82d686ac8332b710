using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

public class SpatialLayerTests
{
    [Theory]
    [InlineData(6, 8, 2, 2, 2, 2, Padding.Valid)]
    [InlineData(7, 5, 2, 2, 2, 2, Padding.Valid)]
    [InlineData(7, 5, 2, 2, 2, 2, Padding.Same)]
    [InlineData(8, 9, 3, 3, 2, 2, Padding.Same)]
    [InlineData(9, 7, 3, 2, 1, 3, Padding.Valid)]
    public void Max_pooling_equals_its_definition(int height, int width, int poolHeight, int poolWidth, int strideY, int strideX, Padding padding)
    {
        foreach (int channels in (int[])[3, 16, 20])
            LayerRun.AssertEqualsDefinition(
                workspace => [new MaxPooling2D([2, height, width, channels], (poolHeight, poolWidth), workspace, (strideY, strideX), padding)],
                (x, _) => Pool(x, 4, ConvolutionAxis.Of(height, poolHeight, strideY, padding), ConvolutionAxis.Of(width, poolWidth, strideX, padding), channels),
                2);
    }

    [Theory]
    [InlineData(2, 2, Padding.Valid)]
    [InlineData(2, 2, Padding.Same)]
    [InlineData(3, 1, Padding.Same)]
    public void Max_pooling_of_volumes_equals_its_definition(int pool, int stride, Padding padding)
    {
        ConvolutionAxis time = ConvolutionAxis.Of(5, pool, stride, padding), rows = ConvolutionAxis.Of(4, pool, stride, padding), columns = ConvolutionAxis.Of(3, pool, stride, padding);
        foreach (int channels in (int[])[3, 20])
            LayerRun.AssertEqualsDefinition(
                workspace => [new MaxPooling3D([5, 4, 3, channels], (pool, pool, pool), workspace, (stride, stride, stride), padding)],
                (x, _) =>
                {
                    // The largest of a window is the largest over time of the largest in each picture.
                    double[] pictures = Pool(x, 10, rows, columns, channels);
                    int frame = rows.Output * columns.Output * channels;
                    return [.. Enumerable.Range(0, 2 * time.Output * frame).Select(i =>
                    {
                        (int first, int end) = time.At(i / frame % time.Output);
                        return Enumerable.Range(first, end - first).Max(t => pictures[(i / frame / time.Output * 5 + t) * frame + i % frame]);
                    })];
                },
                2);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 16)]
    [InlineData(2, 20)]
    public void Global_pooling_equals_its_definition(int batch, int channels)
    {
        LayerRun.AssertEqualsDefinition(workspace => [new GlobalMaxPooling2D([3, 4, channels], workspace)], (x, _) => Pool(x, batch, new(3, 3, 1, 0, 1), new(4, 4, 1, 0, 1), channels), batch);
        LayerRun.AssertEqualsDefinition(
            workspace => [new GlobalAveragePooling2D([2, 3, 4, channels], workspace)],
            (x, _) => [.. Enumerable.Range(0, batch * 2 * channels).Select(i => Enumerable.Range(0, 12).Average(p => x[(i / channels * 12 + p) * channels + i % channels]))],
            batch);
    }

    [Fact]
    public void Equal_values_share_the_gradient_of_a_global_maximum_and_the_first_takes_that_of_a_window()
    {
        float[] x = [1, 3, 3, 2, 3, 0];
        GlobalMaxPooling2D global = new([2, 3, 1], new Workspace());
        Assert.Equal([0f, 2, 2, 0, 2, 0], new LayerRun([global], x, [6], 1).XGradient);
        MaxPooling2D window = new([2, 3, 1], (2, 3), new Workspace());
        Assert.Equal([0f, 6, 0, 0, 0, 0], new LayerRun([window], x, [6], 1).XGradient);
    }

    [Theory]
    [InlineData(Activation.None, true)]
    [InlineData(Activation.Relu, true)]
    [InlineData(Activation.Relu6, true)]
    [InlineData(Activation.Relu, false)]
    public void Batch_normalization_equals_its_definition(Activation activation, bool training)
    {
        foreach (int[] shape in (int[][])[[4, 3, 5], [2, 3, 3, 20], [3, 16], [7]])
            LayerRun.AssertEqualsDefinition(
                workspace => [new BatchNormalization("bn", shape, workspace, activation: activation)],
                (x, w) => Normalize(x, w, training, activation),
                3, training, 5e-5);
    }

    [Fact]
    public void After_a_few_steps_with_a_warm_up_nothing_is_left_of_the_first_values()
    {
        const int Steps = 20;
        float[] statistics = LayerRun.Values(20, 3), x = new float[2 * 60];
        double[] expected = new double[2];
        expected[1] = 1;
        Workspace workspace = new();
        BatchNormalization layer = new("bn", [5, 4, 3], workspace, warmsUp: true);
        Network network = new([layer, new GlobalMaxPooling2D([5, 4, 3], workspace)], workspace);
        for (int step = 0; step < Steps; step++)
        {
            for (int i = 0; i < x.Length; i++)
                x[i] = 100 * statistics[(i + step) % 20];
            AlignedBuffer input = new(x.Length);
            x.CopyTo(input.Span);
            network.ComputeGradients(input, [0, 1], null, out _, new RandomSource(1), step: step);
            double[] values = [.. x.Where((_, i) => i % 3 == 1).Select(v => (double)v)];
            double mean = values.Average(), kept = Math.Min(0.99, (1.0 + step) / (10 + step));
            expected = [expected[0] * kept + mean * (1 - kept), expected[1] * kept + values.Average(v => (v - mean) * (v - mean)) * (1 - kept)];
        }
        Assert.Equal(expected[0], layer.MovingMean.Value.Span[1], 1e-3);
        Assert.Equal(expected[1], layer.MovingVariance.Value.Span[1], 1e-3 * expected[1]);
        Assert.Equal(0.99f, BatchNormalization.MomentumAt(10_000, 0.99f));
        // A sixth of a percent of what was there at first.
        Assert.InRange(Enumerable.Range(0, Steps).Aggregate(1.0, (left, step) => left * BatchNormalization.MomentumAt(step, 0.99f)), 0, 0.002);
    }

    [Fact]
    public void Moving_statistics_follow_those_of_the_batch_and_are_used_outside_of_training_and_when_frozen()
    {
        Workspace workspace = new();
        BatchNormalization layer = new("bn", [5, 4, 3], workspace, momentum: 0.9f);
        float[] x = LayerRun.Values(2 * 60, 1), dy = LayerRun.Values(2 * 60, 2);
        Assert.Equal(["bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance"], layer.Parameters.Select(p => p.Name));
        Assert.Equal([true, true, false, false], layer.Parameters.Select(p => p.Trainable));
        _ = new LayerRun([layer], x, dy, 2);
        for (int c = 0; c < 3; c++)
        {
            double[] values = [.. x.Where((_, i) => i % 3 == c).Select(v => (double)v)];
            double mean = values.Average(), variance = values.Average(v => (v - mean) * (v - mean));
            Assert.Equal(0.1 * mean, layer.MovingMean.Value.Span[c], 1e-6);
            Assert.Equal(0.9 + 0.1 * variance, layer.MovingVariance.Value.Span[c], 1e-6);
        }
        float[] moving = layer.MovingMean.Value.Span.ToArray(), outside = new LayerRun([layer], x, dy, 2, training: false).Y;
        Assert.Equal(moving, layer.MovingMean.Value.Span.ToArray());
        (layer.Gamma.Trainable, layer.Beta.Trainable) = (false, false);
        LayerRun frozen = new([layer], x, dy, 2);
        Assert.Equal(outside, frozen.Y);
        Assert.Equal(moving, layer.MovingMean.Value.Span.ToArray());
        for (int i = 0; i < dy.Length; i++)
            Assert.Equal(dy[i] / Math.Sqrt(layer.MovingVariance.Value.Span[i % 3] + 1e-3), frozen.XGradient[i], 1e-5);
    }

    [Fact]
    public void Means_far_from_zero_lose_no_digits()
    {
        float[] x = [.. LayerRun.Values(4 * 900, 3).Select(v => 4096 + v)];
        BatchNormalization layer = new("bn", [30, 30, 1], new Workspace());
        float[] y = new LayerRun([layer], x, new float[3600], 4).Y;
        double mean = x.Average(v => (double)v), deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + 1e-3);
        TensorFixture.AssertClose([.. x.Select(v => (float)((v - mean) / deviation))], y, 2e-4, "y");
    }

    /// <summary>A stack whose inner layers may be connected: blocks between them, the derivative of ReLU taken by the layer behind.</summary>
    [Fact]
    public void A_stack_equals_its_definition_connected_or_not()
    {
        ConvolutionAxis rows = ConvolutionAxis.Of(7, 3, 1, Padding.Same), columns = ConvolutionAxis.Of(6, 3, 1, Padding.Same);
        ReferenceConvolution first = new(new(1, 1, 1, 0, 1), rows, columns, 3, 5), second = new(new(1, 1, 1, 0, 1), rows, columns, 5, 4);
        LayerRun.AssertEqualsDefinition(
            workspace =>
            [
                new Conv2D("conv", [2, 7, 6, 3], 5, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }),
                new Conv2D("conv_1", [2, 7, 6, 5], 4, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu6 }),
                new BatchNormalization("bn", [2, 7, 6, 4], workspace, activation: Activation.Relu),
                new MaxPooling2D([2, 7, 6, 4], (2, 2), workspace),
                new GlobalMaxPooling2D([2, 3, 3, 4], workspace),
            ],
            (x, w) =>
            {
                double[] a = [.. first.Forward(x, w[0], w[1], 2).Select(v => Math.Max(0, v))];
                double[] b = [.. second.Forward(a, w[2], w[3], 2).Select(v => Math.Clamp(v, 0, 6))];
                return Pool(Pool(Normalize(b, w[4..], true, Activation.Relu), 2, ConvolutionAxis.Of(7, 2, 2, Padding.Valid), ConvolutionAxis.Of(6, 2, 2, Padding.Valid), 4), 2, new(3, 3, 1, 0, 1), new(3, 3, 1, 0, 1), 4);
            },
            1, tolerance: 1e-4);
    }

    [Fact]
    public void Layers_that_are_connected_take_whole_blocks()
    {
        Workspace workspace = new();
        Layer[] layers = [new Conv2D("conv", [7, 6, 3], 5, (3, 3), workspace), new BatchNormalization("bn", [5, 4, 5], workspace), new GlobalMaxPooling2D([5, 4, 5], workspace)];
        Layer.Connect(layers);
        Assert.Equal([7 * 6 * 3, 5 * 4 * 16, 5 * 4 * 16], layers.Select(l => l.InputSize));
        Assert.Equal([5 * 4 * 16, 5 * 4 * 16, 5], layers.Select(l => l.OutputSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => layers[1].Forward(new AlignedBuffer(5 * 4 * 5), new AlignedBuffer(5 * 4 * 16), new Pass(1)));
    }

    private static double[] Normalize(double[] x, double[][] w, bool training, Activation activation)
    {
        int channels = w[0].Length;
        double[] y = new double[x.Length];
        for (int c = 0; c < channels; c++)
        {
            double[] values = [.. x.Where((_, i) => i % channels == c)];
            double mean = training ? values.Average() : w[2][c], variance = training ? values.Average(v => (v - mean) * (v - mean)) : w[3][c];
            for (int i = c; i < x.Length; i += channels)
            {
                double value = w[0][c] * (x[i] - mean) / Math.Sqrt(variance + 1e-3f) + w[1][c];
                y[i] = activation == Activation.None ? value : Math.Clamp(value, 0, activation == Activation.Relu6 ? 6 : double.PositiveInfinity);
            }
        }
        return y;
    }

    private static double[] Pool(double[] x, int frames, ConvolutionAxis rows, ConvolutionAxis columns, int channels)
    {
        double[] y = new double[frames * rows.Output * columns.Output * channels];
        for (int i = 0; i < y.Length; i++)
        {
            (int pixel, int channel) = Math.DivRem(i, channels);
            (int line, int column) = Math.DivRem(pixel, columns.Output);
            (int frame, int row) = Math.DivRem(line, rows.Output);
            (int top, int bottom) = rows.At(row);
            (int left, int right) = columns.At(column);
            y[i] = double.NegativeInfinity;
            for (int r = top; r < bottom; r++)
                for (int c = left; c < right; c++)
                    y[i] = Math.Max(y[i], x[((frame * rows.Input + r) * columns.Input + c) * channels + channel]);
        }
        return y;
    }
}
