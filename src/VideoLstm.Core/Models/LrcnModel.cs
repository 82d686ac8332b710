using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// The "lrcn" of the five video classification methods by M. Harvey (2017), a VGG-like network over each frame and an LSTM over
/// time; after J. Donahue et al., "Long-term Recurrent Convolutional Networks" (2015).
/// <code>
/// layer                                                          output (40 frames of 80 x 80)
/// pictures / 255                                                 [batch, 40, 80, 80, 3]
/// Conv 32, 7 x 7, stride 2, same; Conv 32, 3 x 3, valid; pool 2  [batch, 40, 19, 19, 32]
/// 2 x Conv 64, 3 x 3, same; pool 2                               [batch, 40, 9, 9, 64]
/// 2 x Conv 128, the same; pool 2                                 [batch, 40, 4, 4, 128]
/// 2 x Conv 256, the same; pool 2                                 [batch, 40, 2, 2, 256]
/// 2 x Conv 512, the same; pool 2                                 [batch, 40, 1, 1, 512]
/// Flatten, Dropout 0.5                                           [batch, 40, 512]
/// LSTM 256, dropout 0.5                                          [batch, 256]
/// Dense, softmax                                                 [batch, N]
/// </code>
/// ReLU in each convolution. Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with patience 5.
/// </summary>
public static class LrcnModel
{
    private const int Units = 256;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "lrcn", "frames: VGG-like convolutions - LSTM(256) - softmax", new TrainingOptions(),
        spec => Layers(spec.Classes, spec.Units ?? Units), [nameof(ModelSpec.Units)]) { SeesFrames = true };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of the LSTM.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        Convolution(32, 7) with { Stride = 2 }, Convolution(32) with { Padding = Padding.Valid }, new MaxPooling2DSpec(),
        .. ((int[])[64, 128, 256, 512]).SelectMany(filters =>
            (LayerSpec[])[Convolution(filters), Convolution(filters), new MaxPooling2DSpec()]),
        new FlattenSpec { TimeDistributed = true }, new DropoutSpec(0.5f),
        new LstmSpec(units) { Dropout = 0.5f },
        new DenseSpec(classes),
    ];

    private static Conv2DSpec Convolution(int filters, int size = 3) => new(filters, size) { Activation = ActivationKind.Relu };
}
