using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>
/// The second network of the article "Training neural network with image sequence, an example with video as input" (P. Ferlet,
/// 2019): MobileNet v1 over each frame, its last layers trained along.
/// <code>
/// layer                                                          output (5 frames of 224 x 224, width 1)
/// pictures / 127.5 - 1                                           [batch, 5, 224, 224, 3]
/// conv1: Conv 32, 3 x 3, stride 2; batch norm, ReLU6             [batch, 5, 112, 112, 32]
/// 13 x (conv_dw: each channel by itself, 3 x 3; batch norm, ReLU6;
///       conv_pw: 1 x 1 to 64, 128, 128, 256, 256, 6 x 512, 2 x 1024; batch norm, ReLU6)
///                                                                [batch, 5, 7, 7, 1024]
/// global max pool                                                [batch, 5, 1024]
/// GRU 64, Dense 1024, 512, 128, 64, N as in <see cref="ConvnetGruModel"/>
/// </code>
/// Strides of 2 in the 2nd, 4th, 6th and 12th block. All but the last 9 of Keras' layers of MobileNet stay as they are. SGD 0.01,
/// batches of 8, 50 epochs. (The article feeds pictures / 255; MobileNet's weights were made for -1 to 1.)
/// </summary>
/// <remarks>A. Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications" (2017); names and
/// layers of keras.applications.mobilenet.</remarks>
public static class MobileNetGruModel
{
    private const int Units = 64;

    /// <summary>Keras' layers of MobileNet that the article trains.</summary>
    public const int TrainableLayers = 9;

    private static readonly (int Filters, int Stride)[] Blocks =
        [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "mobilenet-gru", "frames: MobileNet, its last layers trained - GRU(64) - Dense 1024, 512, 128, 64 - softmax",
        new TrainingOptions { Optimizer = OptimizerKind.Sgd, LearningRate = 0.01, Decay = 0, BatchSize = 8, Epochs = 50, Patience = null },
        spec => Build(spec.SequenceLength, spec.Height, spec.Width, spec.Classes, spec.Units ?? Units, spec.Alpha, spec.TrainableLayers ?? TrainableLayers),
        ModelChoices.Units | ModelChoices.MobileNet) { SeesFrames = true, Pixels = (1 / 127.5f, -1) };

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="height">Their height, pixels: a multiple of 32.</param>
    /// <param name="width">Their width, pixels: a multiple of 32.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Units of the GRU.</param>
    /// <param name="alpha">How wide MobileNet is: 1, or 0.25, 0.5, 0.75 for weights of that width.</param>
    /// <param name="trainable">How many of its last layers training changes, counted as Keras counts them.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int height, int width, int classes, int units = Units, double alpha = 1, int trainable = TrainableLayers, Workspace? workspace = null)
    {
        if (height % 32 != 0 || width % 32 != 0)
            throw new ArgumentException("MobileNet halves pictures five times: height and width must be multiples of 32");
        workspace ??= new Workspace();
        LayerStack network = new([time, height, width, 3], workspace);
        // One for each of Keras' layers, from the first to the last; null: it has no weights.
        List<Layer?> named = [];
        void Add(Layer layer)
        {
            network.Add(layer);
            named.Add(layer);
        }
        void Normalize(string name)
        {
            Add(new BatchNormalization(name, network.Shape, workspace, activation: Activation.Relu6));
            named.Add(null);
        }

        Add(new Conv2D("conv1", network.Shape, (int)(32 * alpha), (3, 3), workspace, stride: 2, Padding.Same, bias: false));
        Normalize("conv1_bn");
        for (int i = 0; i < Blocks.Length; i++)
        {
            (int filters, int stride) = Blocks[i];
            if (stride == 2)
                named.Add(null);
            Add(new DepthwiseConv2D($"conv_dw_{i + 1}", network.Shape, (3, 3), workspace, stride, Padding.Same, bias: false));
            Normalize($"conv_dw_{i + 1}_bn");
            Add(new Conv2D($"conv_pw_{i + 1}", network.Shape, (int)(filters * alpha), (1, 1), workspace, bias: false));
            Normalize($"conv_pw_{i + 1}_bn");
        }
        foreach (Parameter parameter in named.SkipLast(trainable).OfType<Layer>().SelectMany(l => l.Parameters))
            parameter.Trainable = false;
        return ConvnetGruModel.Head(network.Add(new GlobalMaxPooling2D(network.Shape, workspace)), units, classes);
    }

    /// <summary>Whether a parameter is MobileNet's own.</summary>
    internal static bool IsMobileNets(Parameter parameter) => parameter.Name.StartsWith("conv", StringComparison.Ordinal);
}
