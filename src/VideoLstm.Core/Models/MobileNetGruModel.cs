using VideoLstm.Core.Compute;

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
/// a tenth of it when the loss stands still for 10 epochs; batches of 8, 50 epochs. (The article feeds pictures / 255; MobileNet's
/// weights were made for -1 to 1.)
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
        new TrainingOptions { Optimizer = OptimizerKind.Sgd, LearningRate = 0.01, Decay = 0, BatchSize = 8, Epochs = 50, Patience = null,
            PlateauFactor = 0.1 },
        spec => Layers(spec.Height, spec.Width, spec.Classes, spec.Units ?? Units, spec.Alpha, spec.TrainableLayers ?? TrainableLayers),
        [nameof(ModelSpec.Units), nameof(ModelSpec.Alpha), nameof(ModelSpec.TrainableLayers)])
    {
        SeesFrames = true, Pixels = (1 / 127.5f, -1),
    };

    /// <summary>The network's layers.</summary>
    /// <param name="height">Height of a frame, pixels: a multiple of 32.</param>
    /// <param name="width">Its width, pixels: a multiple of 32.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Units of the GRU.</param>
    /// <param name="alpha">How wide MobileNet is: 1, or 0.25, 0.5, 0.75 for weights of that width.</param>
    /// <param name="trainable">How many of its last layers training changes, counted as Keras counts them.</param>
    public static IReadOnlyList<LayerSpec> Layers(
        int height, int width, int classes, int units = Units, double alpha = 1, int trainable = TrainableLayers)
    {
        if (height % 32 != 0 || width % 32 != 0)
            throw new ArgumentException("MobileNet halves pictures five times: height and width must be multiples of 32");
        List<LayerSpec?> layers = Body(alpha);
        int frozen = layers.Count - trainable;
        return
        [
            .. layers.Select((l, i) => l is null || i >= frozen ? l : l with { Trainable = false }).OfType<LayerSpec>(),
            new GlobalMaxPooling2DSpec(),
            .. ConvnetGruModel.Head(classes, units),
        ];
    }

    /// <summary>MobileNet without its top: one for each of Keras' layers, from the first to the last; null: it has no weights.</summary>
    /// <param name="alpha">How wide it is.</param>
    internal static List<LayerSpec?> Body(double alpha)
    {
        List<LayerSpec?> layers =
        [
            new Conv2DSpec((int)(32 * alpha), 3) { Name = "conv1", Stride = 2, UseBias = false }, .. Normalization("conv1_bn"),
        ];
        for (int i = 0; i < Blocks.Length; i++)
        {
            (int filters, int stride) = Blocks[i];
            if (stride == 2)
                layers.Add(null);
            layers.Add(new DepthwiseConv2DSpec(3) { Name = $"conv_dw_{i + 1}", Stride = stride, UseBias = false });
            layers.AddRange(Normalization($"conv_dw_{i + 1}_bn"));
            layers.Add(new Conv2DSpec((int)(filters * alpha), 1) { Name = $"conv_pw_{i + 1}", UseBias = false });
            layers.AddRange(Normalization($"conv_pw_{i + 1}_bn"));
        }
        return layers;

        // Keras has the activation as a layer of its own.
        static LayerSpec?[] Normalization(string name) =>
            [new BatchNormalizationSpec { Name = name, Activation = ActivationKind.Relu6 }, null];
    }

    /// <summary>Whether a layer is MobileNet's own.</summary>
    internal static bool IsMobileNets(NetworkLayer layer) => layer.Paths[0].StartsWith("conv", StringComparison.Ordinal);
}
