using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// The network of the article "Training neural network with image sequence, an example with video as input" (P. Ferlet, 2019),
/// trained end to end on frames.
/// <code>
/// layer                                                          output (5 frames of 112 x 112)
/// pictures / 255                                                 [batch, 5, 112, 112, 3]
/// 2 x Conv 64, 3 x 3, same, ReLU; batch norm; max pool 2         [batch, 5, 56, 56, 64]
/// 2 x Conv 128, the same; batch norm; max pool 2                 [batch, 5, 28, 28, 128]
/// 2 x Conv 256, the same; batch norm; max pool 2                 [batch, 5, 14, 14, 256]
/// 2 x Conv 512, the same; batch norm; global max pool            [batch, 5, 512]
/// GRU 64                                                         [batch, 64]
/// Dense 1024, 512, 128 with ReLU, Dropout 0.5 after each         [batch, 128]
/// Dense 64 with ReLU                                             [batch, 64]
/// Dense, softmax                                                 [batch, N]
/// </code>
/// All but the GRU and what follows is TimeDistributed. Batch norm with momentum 0.9. Adam 1e-3, a tenth of it when the loss stands
/// still for 10 epochs; batches of 8, 50 epochs.
/// </summary>
public static class ConvnetGruModel
{
    private const int Units = 64;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "convnet-gru", "frames: 8 convolutions - GRU(64) - Dense 1024, 512, 128, 64 - softmax",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, BatchSize = 8, Epochs = 50, Patience = null, PlateauFactor = 0.1 },
        spec => Layers(spec.Classes, spec.Units ?? Units), [nameof(ModelSpec.Units)]) { SeesFrames = true };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Units of the GRU.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        .. Block(64), new MaxPooling2DSpec(),
        .. Block(128), new MaxPooling2DSpec(),
        .. Block(256), new MaxPooling2DSpec(),
        .. Block(512), new GlobalMaxPooling2DSpec(),
        .. Head(classes, units),
    ];

    /// <summary>What stands behind the features of each frame.</summary>
    internal static IReadOnlyList<LayerSpec> Head(int classes, int units) =>
    [
        new GruSpec(units),
        new DenseSpec(1024), ActivationSpec.Relu, new DropoutSpec(0.5f),
        new DenseSpec(512), ActivationSpec.Relu, new DropoutSpec(0.5f),
        new DenseSpec(128), ActivationSpec.Relu, new DropoutSpec(0.5f),
        new DenseSpec(64), ActivationSpec.Relu,
        new DenseSpec(classes),
    ];

    private static LayerSpec[] Block(int filters)
    {
        Conv2DSpec convolution = new(filters, 3) { Activation = ActivationKind.Relu };
        return [convolution, convolution, new BatchNormalizationSpec { Momentum = 0.9f, WarmsUp = true }];
    }
}
