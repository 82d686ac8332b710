using VideoLstm.Core.Compute;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Core.Models;

/// <summary>
/// The "conv_3d" of the five video classification methods by M. Harvey (2017), loosely after C3D.
/// <code>
/// layer                                                          output (40 frames of 80 x 80)
/// pictures / 255                                                 [batch, 40, 80, 80, 3]
/// Conv 32, 3 x 3 x 3, valid, ReLU; pool 1 x 2 x 2                [batch, 38, 39, 39, 32]
/// Conv 64, the same; pool 1 x 2 x 2                              [batch, 36, 18, 18, 64]
/// 2 x Conv 128, the same; pool 1 x 2 x 2                         [batch, 32, 7, 7, 128]
/// 2 x Conv 256, 2 x 2 x 2, valid, ReLU; pool 1 x 2 x 2           [batch, 30, 2, 2, 256]
/// Flatten; Dense 1024, Dropout 0.5, twice; Dense, softmax        [batch, N]
/// </code>
/// Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with patience 5.
/// </summary>
public static class Conv3DModel
{
    private const int Units = 1024;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "conv3d", "frames: 6 three-dimensional convolutions - Dense 1024, 1024 - softmax", new TrainingOptions(),
        spec => Layers(spec.Classes, spec.Units ?? Units), [nameof(ModelSpec.Units)]) { SeesFrames = true, NeedsAllFrames = true };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both dense layers.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        Convolution(32, 3), new MaxPooling3DSpec(1),
        Convolution(64, 3), new MaxPooling3DSpec(1),
        Convolution(128, 3), Convolution(128, 3), new MaxPooling3DSpec(1),
        Convolution(256, 2), Convolution(256, 2), new MaxPooling3DSpec(1),
        new FlattenSpec(),
        new DenseSpec(units), new DropoutSpec(0.5f),
        new DenseSpec(units), new DropoutSpec(0.5f),
        new DenseSpec(classes),
    ];

    private static Conv3DSpec Convolution(int filters, int size) =>
        new(filters, size) { Padding = Padding.Valid, Activation = ActivationKind.Relu };
}
