using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// The "c3d" of the five video classification methods by M. Harvey (2017): D. Tran et al., "Learning Spatiotemporal Features with 3D
/// Convolutional Networks" (2015).
/// <code>
/// layer                                                          output (40 frames of 80 x 80)
/// pictures / 255                                                 [batch, 40, 80, 80, 3]
/// Conv 64, 3 x 3 x 3, same, ReLU; pool 1 x 2 x 2                 [batch, 40, 40, 40, 64]
/// Conv 128, the same; pool 2 x 2 x 2                             [batch, 20, 20, 20, 128]
/// 2 x Conv 256, the same; pool 2 x 2 x 2                         [batch, 10, 10, 10, 256]
/// 2 x Conv 512, the same; pool 2 x 2 x 2                         [batch, 5, 5, 5, 512]
/// 2 x Conv 512, the same; a border of 1; pool 2 x 2 x 2          [batch, 2, 3, 3, 512]
/// Flatten; Dense 4096, ReLU, Dropout 0.5, twice; Dense, softmax  [batch, N]
/// </code>
/// Batch norm is between each convolution and its ReLU, with a momentum (0.99) that warms up. The border is around height and width, of
/// zeros. Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with patience 5.
/// </summary>
/// <remarks>The source, and classifiers of before 2026-11-29, have no batch norm: each convolution with its ReLU halves the variance (K. He
/// et al. 2015), and from the few steps that a few dozen clips give nothing is learnt.</remarks>
public static class C3DModel
{
    private const int Units = 4096, NormalizedEdition = 2026;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "c3d", "frames: C3D, 8 three-dimensional convolutions - Dense 4096, 4096 - softmax", new TrainingOptions(),
        spec => spec.Edition switch
        {
            NormalizedEdition => Layers(spec.Classes, spec.Units ?? Units),
            null => FirstLayers(spec.Classes, spec.Units ?? Units),
            _ => throw new ArgumentException($"there is no edition of {spec.Edition}", nameof(spec)),
        },
        [nameof(ModelSpec.Units)]) { SeesFrames = true, NeedsAllFrames = true, Edition = NormalizedEdition };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both dense layers.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) => Layers(classes, units,
        filters => [new Conv3DSpec(filters, 3) { UseBias = false }, new BatchNormalizationSpec { Activation = ActivationKind.Relu, WarmsUp = true }]);

    private static IReadOnlyList<LayerSpec> FirstLayers(int classes, int units) =>
        Layers(classes, units, filters => [new Conv3DSpec(filters, 3) { Activation = ActivationKind.Relu }]);

    private static IReadOnlyList<LayerSpec> Layers(int classes, int units, Func<int, LayerSpec[]> convolution) =>
    [
        .. convolution(64), new MaxPooling3DSpec(1),
        .. convolution(128), new MaxPooling3DSpec(2),
        .. convolution(256), .. convolution(256), new MaxPooling3DSpec(2),
        .. convolution(512), .. convolution(512), new MaxPooling3DSpec(2),
        .. convolution(512), .. convolution(512), new ZeroPadding2DSpec(), new MaxPooling3DSpec(2),
        new FlattenSpec(),
        new DenseSpec(units), ActivationSpec.Relu, new DropoutSpec(0.5f),
        new DenseSpec(units), ActivationSpec.Relu, new DropoutSpec(0.5f),
        new DenseSpec(classes),
    ];
}
