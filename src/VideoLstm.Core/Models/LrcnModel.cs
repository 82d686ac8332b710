using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
        spec => Build(spec.SequenceLength, spec.Height, spec.Width, spec.Classes, spec.Units ?? Units), ModelChoices.Units) { SeesFrames = true };

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Cells of the LSTM.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int height, int width, int classes, int units = Units, Workspace? workspace = null)
    {
        LayerStack network = new([time, height, width, 3], workspace ?? new Workspace());
        network.Conv2D(32, 7, stride: 2).Conv2D(32, 3, padding: Padding.Valid).MaxPooling2D();
        foreach (int filters in (int[])[64, 128, 256, 512])
            network.Conv2D(filters, 3).Conv2D(filters, 3).MaxPooling2D();
        network.FlattenPictures().Dropout(0.5f);
        return network.Add(new Lstm("lstm", time, network.Shape[1], units, 0.5f, GateActivation.Sigmoid, network.Workspace)).Classify(classes);
    }
}
