using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
/// The border is around height and width, of zeros. Adam 1e-5, decay 1e-6 a step, batches of 32, at most 1000 epochs, early stopping with
/// patience 5.
/// </summary>
public static class C3DModel
{
    private const int Units = 4096;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "c3d", "frames: C3D, 8 three-dimensional convolutions - Dense 4096, 4096 - softmax", new TrainingOptions(),
        spec => Build(spec.SequenceLength, spec.Height, spec.Width, spec.Classes, spec.Units ?? Units), ModelChoices.Units) { SeesFrames = true, NeedsAllFrames = true };

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence, at least 16.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both dense layers.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int height, int width, int classes, int units = Units, Workspace? workspace = null)
    {
        LayerStack network = new LayerStack([time, height, width, 3], workspace ?? new Workspace())
            .Conv3D(64, 3, Padding.Same).MaxPooling3D(1)
            .Conv3D(128, 3, Padding.Same).MaxPooling3D(2)
            .Conv3D(256, 3, Padding.Same).Conv3D(256, 3, Padding.Same).MaxPooling3D(2)
            .Conv3D(512, 3, Padding.Same).Conv3D(512, 3, Padding.Same).MaxPooling3D(2)
            .Conv3D(512, 3, Padding.Same).Conv3D(512, 3, Padding.Same);
        return network.Add(new ZeroPadding2D(network.Shape)).MaxPooling3D(2)
            .Flatten()
            .Dense(units, relu: true).Dropout(0.5f)
            .Dense(units, relu: true).Dropout(0.5f)
            .Classify(classes);
    }
}
