using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>Whole stacks of layers beside the same in PyTorch: tests/references/convolution.py.</summary>
public class ConvolutionalNetworkTests
{
    [Fact]
    public void Convolutions_of_every_step_of_a_film_equal_PyTorch() => AssertEqualsPyTorch("time_distributed", 2, workspace =>
    {
        Stack stack = new(3, 26, 21, 3);
        int number = 0;
        foreach (int filters in (int[])[20, 32, 48])
        {
            int block = number / 2;
            stack.Add(shape => new Conv2D($"conv_{number}", shape, filters, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
            stack.Add(shape => new Conv2D($"conv_{number + 1}", shape, filters, (3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
            stack.Add(shape => new BatchNormalization($"bn_{block}", shape, workspace, momentum: 0.9f));
            stack.Add(shape => filters < 48 ? new MaxPooling2D(shape, (2, 2), workspace) : new GlobalMaxPooling2D(shape, workspace));
            number += 2;
        }
        return stack;
    });

    [Fact]
    public void Strided_and_depthwise_convolutions_equal_PyTorch() => AssertEqualsPyTorch("separable", 3, workspace =>
    {
        Stack stack = new(33, 30, 3);
        stack.Add(shape => new Conv2D("conv", shape, 20, (3, 3), workspace, new() { Stride = 2, Padding = Padding.Same, UseBias = false }));
        stack.Add(shape => new BatchNormalization("bn", shape, workspace, activation: Activation.Relu6));
        stack.Add(shape => new DepthwiseConv2D("depthwise", shape, (3, 3), workspace, new() { Padding = Padding.Same, UseBias = false }));
        stack.Add(shape => new BatchNormalization("bn_1", shape, workspace, activation: Activation.Relu6));
        stack.Add(shape => new Conv2D("pointwise", shape, 40, (1, 1), workspace, new() { UseBias = false }));
        stack.Add(shape => new BatchNormalization("bn_2", shape, workspace, activation: Activation.Relu6));
        stack.Add(shape => new DepthwiseConv2D("depthwise_1", shape, (3, 3), workspace, new() { Stride = 2, Padding = Padding.Same, UseBias = false }));
        stack.Add(shape => new BatchNormalization("bn_3", shape, workspace, activation: Activation.Relu6));
        stack.Add(shape => new Conv2D("conv_1", shape, 24, (2, 3), workspace, new() { Stride = 2, Padding = Padding.Same, Activation = Activation.Relu }));
        stack.Add(shape => new Conv2D("conv_2", shape, 17, (3, 3), workspace));
        stack.Add(shape => new GlobalAveragePooling2D(shape, workspace));
        return stack;
    });

    [Fact]
    public void Convolutions_of_volumes_equal_PyTorch() => AssertEqualsPyTorch("volumes", 2, workspace =>
    {
        Stack stack = new(6, 13, 14, 3);
        stack.Add(shape => new Conv3D("conv3d", shape, 20, (3, 3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
        stack.Add(shape => new MaxPooling3D(shape, (1, 2, 2), workspace));
        stack.Add(shape => new Conv3D("conv3d_1", shape, 33, (3, 3, 3), workspace, new() { Padding = Padding.Same, Activation = Activation.Relu }));
        stack.Add(shape => new BatchNormalization("bn", shape, workspace));
        stack.Add(shape => new MaxPooling3D(shape, (2, 2, 2), workspace));
        stack.Add(shape => new Conv3D("conv3d_2", shape, 16, (2, 3, 3), workspace, new() { TimeStride = 2, Stride = 2, Padding = Padding.Same, Activation = Activation.Relu }));
        return stack;
    });

    [Fact]
    public void Branches_side_by_side_equal_PyTorch() => AssertEqualsPyTorch("branches", 2, workspace =>
    {
        ConvolutionOptions relu = new() { Padding = Padding.Same, Activation = Activation.Relu };
        Stack stack = new(5, 11, 12, 3);
        stack.Add(shape => new Conv3D("conv", shape, 16, (3, 3, 3), workspace, relu with { TimeStride = 2, Stride = 2 }));
        stack.Add(shape => new Concatenate(
        [
            [new Conv3D("a", shape, 32, (1, 1, 1), workspace, relu)],
            [
                new Conv3D("b", shape, 20, (1, 1, 1), workspace, relu with { Activation = Activation.None, UseBias = false }),
                new BatchNormalization("b_bn", [.. shape[..3], 20], workspace, activation: Activation.Relu),
                new Conv3D("b_1", [.. shape[..3], 20], 48, (3, 3, 3), workspace, relu),
            ],
            [new MaxPooling3D(shape, (3, 3, 3), workspace, (1, 1, 1), Padding.Same), new Conv3D("c", shape, 17, (1, 1, 1), workspace, relu)],
        ]));
        stack.Add(shape => new MaxPooling3D(shape, (1, 3, 3), workspace, (1, 2, 2), Padding.Same));
        stack.Add(shape => new Concatenate(
        [
            [new Conv3D("d", shape, 10, (1, 1, 1), workspace), new ActivationLayer([.. shape[..3], 10], Activation.Relu, workspace)],
            [new Conv3D("e", shape, 22, (3, 3, 3), workspace, relu with { Activation = Activation.None })],
        ]));
        stack.Add(shape => new Conv3D("f", shape, 16, (2, 2, 2), workspace, new() { Activation = Activation.Relu }));
        return stack;
    });

    [Fact]
    public void Branches_that_do_not_fit_together_are_refused()
    {
        var workspace = new Workspace();
        Conv2D Convolution(int size, int kernel) => new("conv", [size, size, 3], 4, (kernel, kernel), workspace);
        Assert.Throws<ArgumentException>(() => new Concatenate([]));
        Assert.Throws<ArgumentException>(() => new Concatenate([[Convolution(5, 1)], []]));
        Assert.Throws<ArgumentException>(() => new Concatenate([[Convolution(5, 1)], [Convolution(6, 2)]]));
        Assert.Throws<ArgumentException>(() => new Concatenate([[Convolution(5, 1)], [Convolution(5, 2)]]));
        Assert.Throws<ArgumentException>(() => new Concatenate([[Convolution(5, 1), Convolution(5, 1)]]));
    }

    private static void AssertEqualsPyTorch(string name, int batch, Func<Workspace, Stack> make)
    {
        TensorFixture fixture = TensorFixture.Load("Layers", name);
        foreach (SimdLevel level in Simd.Supported)
            foreach (bool connected in (bool[])[false, true])
            {
                Layer[] layers = make(new Workspace(level)).Layers;
                if (connected)
                    Layer.Connect(layers);
                Parameter[] parameters = [.. layers.SelectMany(l => l.Parameters).Where(p => p.Trainable)];
                foreach (Parameter parameter in parameters)
                {
                    Assert.Equal(fixture.Shape(parameter.Name), parameter.Shape);
                    fixture[parameter.Name].CopyTo(parameter.Value.Span);
                }
                LayerRun run = new(layers, fixture["x"], fixture["y_gradient"], batch);
                string where = $"{level}, {(connected ? "connected" : "alone")}: ";
                TensorFixture.AssertClose(fixture["y"], run.Y, 2e-5, where + "y");
                TensorFixture.AssertClose(fixture["x_gradient"], run.XGradient, 1e-4, where + "gradient of x");
                foreach (Parameter parameter in parameters)
                    TensorFixture.AssertClose(fixture[parameter.Name + "_gradient"], parameter.Gradient.Span, 1e-4, where + "gradient of " + parameter.Name);
            }
    }

    private sealed class Stack(params int[] shape)
    {
        private readonly List<Layer> _layers = [];
        private int[] _shape = shape;

        public Layer[] Layers => [.. _layers];

        public void Add(Func<int[], Layer> make)
        {
            _layers.Add(make(_shape));
            _shape = [.. _layers[^1].OutputShape];
        }
    }
}
