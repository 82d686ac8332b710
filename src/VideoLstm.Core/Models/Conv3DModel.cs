using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
        spec => Build(spec.SequenceLength, spec.Height, spec.Width, spec.Classes, spec.Units ?? Units), ModelChoices.Units) { SeesFrames = true, NeedsAllFrames = true };

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence, at least 11.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of both dense layers.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int height, int width, int classes, int units = Units, Workspace? workspace = null) =>
        new LayerStack([time, height, width, 3], workspace ?? new Workspace())
            .Conv3D(32, 3, Padding.Valid).MaxPooling3D(1)
            .Conv3D(64, 3, Padding.Valid).MaxPooling3D(1)
            .Conv3D(128, 3, Padding.Valid).Conv3D(128, 3, Padding.Valid).MaxPooling3D(1)
            .Conv3D(256, 2, Padding.Valid).Conv3D(256, 2, Padding.Valid).MaxPooling3D(1)
            .Flatten()
            .Dense(units).Dropout(0.5f)
            .Dense(units).Dropout(0.5f)
            .Classify(classes);
}
