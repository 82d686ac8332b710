using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

public class ConvolutionLayerTests
{
    // Samples, height, width, channels in and out, kernel height and width, stride.
    public static TheoryData<int, int, int, int, int, int, int, int, Padding, Activation> Shapes => new()
    {
        { 2, 5, 6, 3, 4, 3, 3, 1, Padding.Same, Activation.None },
        { 1, 9, 7, 3, 20, 3, 3, 2, Padding.Same, Activation.Relu },
        { 1, 8, 10, 3, 20, 3, 3, 2, Padding.Valid, Activation.Relu6 },
        { 3, 13, 11, 20, 80, 3, 3, 1, Padding.Same, Activation.Relu },
        { 2, 14, 14, 80, 20, 3, 3, 1, Padding.Valid, Activation.None },
        { 9, 12, 16, 32, 48, 3, 3, 1, Padding.Same, Activation.None },
        { 1, 1, 1, 16, 16, 3, 3, 1, Padding.Same, Activation.None },
        { 2, 9, 8, 20, 33, 3, 3, 2, Padding.Same, Activation.None },
        { 2, 10, 9, 16, 16, 3, 3, 2, Padding.Valid, Activation.Relu },
        { 2, 11, 12, 16, 20, 2, 2, 1, Padding.Same, Activation.None },
        { 2, 11, 12, 16, 20, 2, 4, 3, Padding.Same, Activation.None },
        { 2, 17, 15, 32, 16, 5, 5, 1, Padding.Same, Activation.Relu },
        { 2, 12, 13, 32, 16, 1, 7, 1, Padding.Same, Activation.None },
        { 1, 7, 7, 20, 80, 1, 1, 1, Padding.Valid, Activation.None },
        { 5, 7, 9, 5, 96, 1, 1, 1, Padding.Same, Activation.Relu6 },
        { 2, 9, 9, 20, 20, 1, 1, 2, Padding.Same, Activation.None },
        { 2, 10, 11, 16, 20, 5, 5, 3, Padding.Same, Activation.None },
        { 2, 9, 7, 20, 16, 2, 2, 3, Padding.Valid, Activation.None },
        { 2, 8, 12, 16, 16, 5, 4, 4, Padding.Same, Activation.None },
        { 1, 40, 30, 3, 16, 7, 7, 2, Padding.Same, Activation.Relu },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Convolutions_of_pictures_and_their_gradients_equal_the_definition(
        int samples, int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, int stride, Padding padding, Activation activation)
    {
        (ConvolutionAxis rows, ConvolutionAxis columns) = (ConvolutionAxis.Of(height, kernelHeight, stride, padding), ConvolutionAxis.Of(width, kernelWidth, stride, padding));
        ReferenceConvolution reference = new(new(1, 1, 1, 0, 1), rows, columns, inputs, outputs);
        AssertEqual(reference, workspace => new Conv2D("conv", [height, width, inputs], outputs, (kernelHeight, kernelWidth), workspace, new() { Stride = stride, Padding = padding, Activation = activation }), samples, activation);
    }

    [Fact]
    public void Steps_of_a_film_are_pictures()
    {
        ReferenceConvolution reference = new(new(1, 1, 1, 0, 1), ConvolutionAxis.Of(6, 3, 1, Padding.Same), ConvolutionAxis.Of(5, 3, 1, Padding.Same), 3, 7);
        AssertEqual(reference, workspace => new Conv2D("conv", [4, 6, 5, 3], 7, (3, 3), workspace, new() { Padding = Padding.Same }), 2, Activation.None, timeSteps: 4);
    }

    // Samples, time, height, width; channels in and out; kernel time, height and width; stride in time and in pictures.
    public static TheoryData<int[], int[], int[], int[], Padding> Volumes => new()
    {
        { [2, 4, 6, 5], [3, 4], [3, 3, 3], [1, 1], Padding.Same },
        { [1, 5, 12, 14], [20, 32], [3, 3, 3], [1, 1], Padding.Same },
        { [2, 5, 13, 12], [32, 16], [3, 3, 3], [1, 1], Padding.Valid },
        { [2, 5, 9, 8], [20, 20], [3, 3, 3], [2, 2], Padding.Same },
        { [1, 6, 7, 7], [16, 33], [2, 1, 1], [2, 1], Padding.Valid },
        { [3, 4, 7, 7], [20, 16], [1, 3, 3], [1, 1], Padding.Same },
        { [1, 1, 5, 5], [16, 16], [3, 3, 3], [1, 1], Padding.Same },
    };

    [Theory]
    [MemberData(nameof(Volumes))]
    public void Convolutions_of_films_and_their_gradients_equal_the_definition(int[] volume, int[] channels, int[] kernel, int[] strides, Padding padding)
    {
        ReferenceConvolution reference = new(
            ConvolutionAxis.Of(volume[1], kernel[0], strides[0], padding), ConvolutionAxis.Of(volume[2], kernel[1], strides[1], padding), ConvolutionAxis.Of(volume[3], kernel[2], strides[1], padding), channels[0], channels[1]);
        AssertEqual(
            reference, workspace => new Conv3D("conv", [.. volume[1..], channels[0]], channels[1], (kernel[0], kernel[1], kernel[2]), workspace, new() { TimeStride = strides[0], Stride = strides[1], Padding = padding, Activation = Activation.Relu }),
            volume[0], Activation.Relu);
    }

    // Samples, height, width, channels, kernel height and width, stride.
    public static TheoryData<int, int, int, int, int, int, int, Padding, Activation> Depthwise => new()
    {
        { 2, 5, 6, 3, 3, 3, 1, Padding.Same, Activation.None },
        { 2, 14, 27, 20, 3, 3, 1, Padding.Same, Activation.Relu6 },
        { 1, 15, 22, 16, 3, 3, 2, Padding.Same, Activation.Relu },
        { 3, 15, 21, 33, 3, 3, 2, Padding.Valid, Activation.None },
        { 2, 9, 30, 16, 5, 5, 1, Padding.Valid, Activation.None },
        { 1, 2, 1, 16, 5, 5, 2, Padding.Same, Activation.None },
        { 1, 9, 11, 20, 2, 4, 3, Padding.Same, Activation.None },
        { 4, 6, 7, 16, 1, 1, 1, Padding.Same, Activation.Relu },
    };

    [Theory]
    [MemberData(nameof(Depthwise))]
    public void Depthwise_convolutions_and_their_gradients_equal_the_definition(
        int samples, int height, int width, int channels, int kernelHeight, int kernelWidth, int stride, Padding padding, Activation activation)
    {
        // A convolution whose weights between different channels are zero.
        ReferenceConvolution reference = new(new(1, 1, 1, 0, 1), ConvolutionAxis.Of(height, kernelHeight, stride, padding), ConvolutionAxis.Of(width, kernelWidth, stride, padding), channels, channels);
        AssertEqual(reference, workspace => new DepthwiseConv2D("conv", [height, width, channels], (kernelHeight, kernelWidth), workspace, new() { Stride = stride, Padding = padding, Activation = activation }), samples, activation, depthwise: true);
    }

    [Fact]
    public void A_window_that_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Conv2D("conv", [2, 5, 3], 4, (3, 3), new Workspace()));
        Assert.Throws<ArgumentException>(() => new Conv2D("conv", [5, 3], 4, (3, 3), new Workspace()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2D("conv", [5, 5, 3], 0, (3, 3), new Workspace()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2D("conv", [5, 5, 3], 4, (3, 3), new Workspace(), new() { Stride = 0 }));
    }

    [Fact]
    public void First_weights_are_Glorot_uniform()
    {
        Conv2D layer = new("conv", [8, 8, 20], 30, (3, 3), new Workspace());
        layer.Bias!.Value.Span.Fill(1);
        layer.Initialize(new RandomSource(1));
        double limit = Math.Sqrt(6.0 / (9 * (20 + 30)));
        Assert.All(layer.Kernel.Value.Span.ToArray(), w => Assert.InRange(w, -limit, limit));
        Assert.InRange(layer.Kernel.Value.Span.ToArray().Select(w => (double)w * w).Average(), limit * limit / 3 * 0.95, limit * limit / 3 * 1.05);
        Assert.All(layer.Bias.Value.Span.ToArray(), b => Assert.Equal(0f, b));
    }

    private static void AssertEqual(ReferenceConvolution reference, Func<Workspace, Layer> make, int samples, Activation activation, int timeSteps = 1, bool depthwise = false)
    {
        Layer shapes = make(new Workspace());
        float[] x = LayerRun.Values(samples * shapes.InputSize, 1), dy = LayerRun.Values(samples * shapes.OutputSize, 2);
        int reduction = shapes.Parameters[0].Length / shapes.Parameters[0].Shape[^1];
        float[] kernel = LayerRun.Values(shapes.Parameters[0].Length, 3, 2 / MathF.Sqrt(depthwise ? reduction / (float)shapes.InputShape[^1] : reduction)), bias = LayerRun.Values(shapes.Parameters[1].Length, 4);
        double[] doubleX = [.. x.Select(v => (double)v)], doubleKernel = [.. kernel.Select(v => (double)v)];
        int channels = bias.Length;
        if (depthwise)
            doubleKernel = [.. Enumerable.Range(0, kernel.Length * channels).Select(i => i / channels % channels == i % channels ? (double)kernel[i / channels] : 0)];
        double[] y = reference.Forward(doubleX, doubleKernel, [.. bias.Select(v => (double)v)], samples * timeSteps);
        double[] masked = [.. dy.Select((g, i) => activation == Activation.None || (y[i] > 0 && (activation != Activation.Relu6 || y[i] < 6)) ? (double)g : 0)];
        y = [.. y.Select(v => activation == Activation.None ? v : Math.Clamp(v, 0, activation == Activation.Relu6 ? 6 : double.PositiveInfinity))];
        (double[] dx, double[] dk, double[] db) = reference.Backward(doubleX, doubleKernel, masked, samples * timeSteps);
        if (depthwise)
            dk = [.. Enumerable.Range(0, kernel.Length).Select(i => dk[i * channels + i % channels])];
        foreach (SimdLevel level in Simd.Supported)
        {
            Layer layer = make(new Workspace(level));
            kernel.CopyTo(layer.Parameters[0].Value.Span);
            bias.CopyTo(layer.Parameters[1].Value.Span);
            LayerRun run = new([layer], x, dy, samples);
            TensorFixture.AssertClose(Floats(y), run.Y, 1e-5, $"{level}: y");
            TensorFixture.AssertClose(Floats(db), layer.Parameters[1].Gradient.Span, 1e-5, $"{level}: gradient of bias");
            TensorFixture.AssertClose(Floats(dk), layer.Parameters[0].Gradient.Span, 2e-5, $"{level}: gradient of kernel");
            TensorFixture.AssertClose(Floats(dx), run.XGradient, 2e-5, $"{level}: gradient of x");
        }
    }

    private static float[] Floats(double[] values) => [.. values.Select(v => (float)v)];
}
