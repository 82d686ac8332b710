using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// The "lrcn" of the five video classification methods by M. Harvey, as it has been since 2018: a VGG-like network with batch norm over
/// each frame and an LSTM over time; after J. Donahue et al., "Long-term Recurrent Convolutional Networks" (2015).
/// <code>
/// layer                                                          output (40 frames of 80 x 80)
/// pictures / 255                                                 [batch, 40, 80, 80, 3]
/// Conv 32, 7 x 7, stride 2, same; Conv 32, 3 x 3, valid; pool 2  [batch, 40, 19, 19, 32]
/// 2 x Conv 64, 3 x 3, same; pool 2                               [batch, 40, 9, 9, 64]
/// 2 x Conv 128, the same; pool 2                                 [batch, 40, 4, 4, 128]
/// 2 x Conv 256, the same; pool 2                                 [batch, 40, 2, 2, 256]
/// 2 x Conv 512, the same; pool 2                                 [batch, 40, 1, 1, 512]
/// Flatten                                                        [batch, 40, 512]
/// LSTM 256, dropout 0.5                                          [batch, 256]
/// Dense, softmax                                                 [batch, N]
/// </code>
/// Batch norm and ReLU after each convolution, whose kernels have an L2 penalty of 0.001. Adam 1e-5, decay 1e-6 a step, batches of 32, at
/// most 1000 epochs, early stopping with patience 5. Unlike there, the momentum of batch norm (0.99) warms up: with the few steps that a few
/// dozen clips give, moving statistics would be those of no network, and each clip the same to it.
/// </summary>
/// <remarks>The edition of 2017, which classifiers may still be of, has neither batch norm nor penalty, and Dropout 0.5 behind
/// Flatten.</remarks>
public static class LrcnModel
{
    private const int Units = 256, NewestEdition = 2018;
    private const float Penalty = 0.001f;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "lrcn", "frames: VGG-like convolutions with batch norm - LSTM(256) - softmax", new TrainingOptions(),
        spec => spec.Edition switch
        {
            NewestEdition => Layers(spec.Classes, spec.Units ?? Units),
            null => FirstLayers(spec.Classes, spec.Units ?? Units),
            _ => throw new ArgumentException($"there is no edition of {spec.Edition}", nameof(spec)),
        },
        [nameof(ModelSpec.Units)]) { SeesFrames = true, Edition = NewestEdition };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of the LSTM.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        .. Convolutions(convolution =>
            [convolution with { L2 = Penalty }, new BatchNormalizationSpec { Activation = ActivationKind.Relu, WarmsUp = true }]),
        new LstmSpec(units) { Dropout = 0.5f },
        new DenseSpec(classes),
    ];

    // Of 2017.
    private static IReadOnlyList<LayerSpec> FirstLayers(int classes, int units) =>
    [
        .. Convolutions(convolution => [convolution with { Activation = ActivationKind.Relu }]),
        new DropoutSpec(0.5f),
        new LstmSpec(units) { Dropout = 0.5f },
        new DenseSpec(classes),
    ];

    private static IEnumerable<LayerSpec> Convolutions(Func<Conv2DSpec, LayerSpec[]> block) =>
    [
        .. block(new Conv2DSpec(32, 7) { Stride = 2 }), .. block(new Conv2DSpec(32, 3) { Padding = Padding.Valid }), new MaxPooling2DSpec(),
        .. ((int[])[64, 128, 256, 512]).SelectMany(filters =>
            (LayerSpec[])[.. block(new Conv2DSpec(filters, 3)), .. block(new Conv2DSpec(filters, 3)), new MaxPooling2DSpec()]),
        new FlattenSpec { TimeDistributed = true },
    ];
}
