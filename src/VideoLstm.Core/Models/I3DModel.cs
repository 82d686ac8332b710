using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// I3D, the first Inception network with windows over time as well: J. Carreira, A. Zisserman, "Quo Vadis, Action Recognition? A New Model
/// and the Kinetics Dataset" (2017), as Keras' port of it has it (keras-kinetics-i3d), with its names of layers.
/// <code>
/// layer                                                          output (16 frames of 112 x 112)
/// pictures / 127.5 - 1                                           [batch, 16, 112, 112, 3]
/// 1a: Conv 64, 7 x 7 x 7, stride 2                               [batch, 8, 56, 56, 64]
/// pool 1 x 3 x 3, stride 1 x 2 x 2                               [batch, 8, 28, 28, 64]
/// 2b: Conv 64, 1 x 1 x 1; 2c: Conv 192, 3 x 3 x 3                [batch, 8, 28, 28, 192]
/// pool 1 x 3 x 3, stride 1 x 2 x 2                               [batch, 8, 14, 14, 192]
/// mixed 3b, 3c                                                   [batch, 8, 14, 14, 480]
/// pool 3 x 3 x 3, stride 2                                       [batch, 4, 7, 7, 480]
/// mixed 4b, 4c, 4d, 4e, 4f                                       [batch, 4, 7, 7, 832]
/// pool 2 x 2 x 2, stride 2                                       [batch, 2, 4, 4, 832]
/// mixed 5b, 5c                                                   [batch, 2, 4, 4, 1024]
/// mean over height, width and time; Dense, softmax               [batch, N]
/// </code>
/// Borders are "same" everywhere; each convolution goes without bias and is followed by batch norm without gamma and ReLU. Mixed: four
/// branches side by side, 1 x 1 x 1; 1 x 1 x 1 and 3 x 3 x 3, twice; pool 3 x 3 x 3, stride 1, and 1 x 1 x 1. The source averages the
/// answers of each two neighbouring steps, and then these: its first and last step count half, where here all count the same; with two
/// steps that is one thing. Every other clip is mirrored at random; SGD with momentum 0.9, a tenth of the rate when the loss stands still,
/// as in the paper, which names no rate: 0.01 here; batches of 8, 50 epochs.
/// </summary>
public static class I3DModel
{
    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "i3d", "frames: I3D, Inception with three-dimensional convolutions - softmax",
        new TrainingOptions { Optimizer = OptimizerKind.Sgd, Momentum = 0.9, LearningRate = 0.01, Decay = 0, BatchSize = 8, Epochs = 50,
            Patience = null, PlateauFactor = 0.1 },
        spec => Layers(spec.Classes), []) { SeesFrames = true, NeedsAllFrames = true, Flips = true,
        Pixels = (1 / 127.5f, -1) };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes) =>
    [
        .. Convolution("1a_7x7", 64, 7, stride: 2), Pool(1, 3, 1, 2),
        .. Convolution("2b_1x1", 64, 1), .. Convolution("2c_3x3", 192, 3), Pool(1, 3, 1, 2),
        Mixed("3b", 64, (96, 128), (16, 32), 32), Mixed("3c", 128, (128, 192), (32, 96), 64), Pool(3, 3, 2, 2),
        Mixed("4b", 192, (96, 208), (16, 48), 64), Mixed("4c", 160, (112, 224), (24, 64), 64), Mixed("4d", 128, (128, 256), (24, 64), 64),
        Mixed("4e", 112, (144, 288), (32, 64), 64), Mixed("4f", 256, (160, 320), (32, 128), 128), Pool(2, 2, 2, 2),
        Mixed("5b", 256, (160, 320), (32, 128), 128), Mixed("5c", 384, (192, 384), (48, 128), 128),
        new GlobalAveragePooling2DSpec(), new GlobalAveragePooling1DSpec(), new DenseSpec(classes),
    ];

    private static ParallelSpec Mixed(string name, int one, (int Narrow, int Wide) two, (int Narrow, int Wide) three, int pooled) => new(
        Convolution(name + "_0a_1x1", one, 1),
        [.. Convolution(name + "_1a_1x1", two.Narrow, 1), .. Convolution(name + "_1b_3x3", two.Wide, 3)],
        [.. Convolution(name + "_2a_1x1", three.Narrow, 1), .. Convolution(name + "_2b_3x3", three.Wide, 3)],
        [Pool(3, 3, 1, 1), .. Convolution(name + "_3b_1x1", pooled, 1)]);

    private static LayerSpec[] Convolution(string name, int filters, int size, int stride = 1) =>
    [
        new Conv3DSpec(filters, size) { Name = $"Conv3d_{name}_conv", Stride = stride, UseBias = false },
        new BatchNormalizationSpec { Name = $"Conv3d_{name}_bn", Activation = ActivationKind.Relu, Scales = false, WarmsUp = true },
    ];

    private static MaxPooling3DSpec Pool(int time, int size, int timeStride, int stride) =>
        new(time, size) { TimeStride = timeStride, Stride = stride, Padding = Padding.Same };
}
