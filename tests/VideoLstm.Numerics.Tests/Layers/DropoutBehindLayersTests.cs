using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>Dropout works in place where it can. What stands before it still finds its outputs when it looks for its gradient.</summary>
public class DropoutBehindLayersTests
{
    private const int Batch = 3;

    public static TheoryData<string> Kinds =>
        ["max_pooling2d", "max_pooling3d", "global_max_pooling2d", "tanh", "sigmoid", "relu", "relu6"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Weights_before_a_layer_with_dropout_behind_it_get_their_gradient(string kind)
    {
        var workspace = new Workspace();
        Network network = Build(kind, workspace);
        var random = new RandomSource(4);
        network.Initialize(random);
        Parameter kernel = network.Parameters[0];
        foreach (ref float value in kernel.Value.Span)
            value *= 3;
        var x = new AlignedBuffer(Batch * network.InputSize);
        foreach (ref float value in x.Span)
            value = (float)(2 * random.NextUniform() - 1);
        int[] labels = [0, 1, 1];
        Gradients();
        float[] gradient = kernel.Gradient.Span[..kernel.Length].ToArray();

        // Along the gradient, the loss rises by its square; by central differences, in single precision.
        double square = gradient.Sum(g => (double)g * g);
        Assert.True(square > 1e-8, "no gradient arrives");
        float step = (float)(2e-3 / Math.Sqrt(square));
        double above = LossAt(step), below = LossAt(-step);
        Assert.Equal(1, (above - below) / (2 * step * square), 0.05);

        double LossAt(float distance)
        {
            float[] before = kernel.Value.Span[..kernel.Length].ToArray();
            for (int i = 0; i < before.Length; i++)
                kernel.Value.Span[i] += distance * gradient[i];
            double loss = Gradients();
            before.CopyTo(kernel.Value.Span);
            return loss;
        }

        // Each time with the same dropout.
        float Gradients() => network.ComputeGradients(x, labels, null, out _, new RandomSource(9));
    }

    private static Network Build(string kind, Workspace workspace)
    {
        int[] shape = kind == "max_pooling3d" ? [4, 8, 8, 3] : [8, 8, 3];
        List<Layer> layers = [kind == "max_pooling3d"
            ? new Conv3D("conv", shape, 5, (3, 3, 3), workspace, new() { Padding = Padding.Same })
            : new Conv2D(
                "conv", shape, 5, (3, 3), workspace, new() { Padding = Padding.Same, Activation = kind == "relu6" ? Activation.Relu6 : Activation.None })];
        int[] Last() => [.. layers[^1].OutputShape];
        switch (kind)
        {
            case "max_pooling2d":
                layers.Add(new MaxPooling2D(Last(), (2, 2), workspace));
                break;
            case "max_pooling3d":
                layers.Add(new MaxPooling3D(Last(), (2, 2, 2), workspace));
                break;
            case "global_max_pooling2d":
                layers.Add(new GlobalMaxPooling2D(Last(), workspace));
                break;
            case "tanh" or "sigmoid":
                layers.Add(new ActivationLayer(Last(), kind == "sigmoid" ? Activation.Sigmoid : Activation.Tanh, workspace));
                break;
            case "relu":
                layers.Add(new ActivationLayer(Last(), Activation.Relu, workspace));
                break;
        }
        layers.Add(new Flatten(Last()));
        layers.Add(new Dropout(Last(), 0.5f, workspace));
        layers.Add(new Dense("dense", Last()[0], 3, workspace));
        return new Network(layers, workspace);
    }
}
