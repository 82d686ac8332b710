using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

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
/// All but the GRU and what follows is TimeDistributed. Batch norm with momentum 0.9. Adam 1e-3, batches of 8, 50 epochs.
/// </summary>
public static class ConvnetGruModel
{
    private const int Units = 64;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "convnet-gru", "frames: 8 convolutions - GRU(64) - Dense 1024, 512, 128, 64 - softmax",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, BatchSize = 8, Epochs = 50, Patience = null },
        spec => Build(spec.SequenceLength, spec.Height, spec.Width, spec.Classes, spec.Units ?? Units), ModelChoices.Units) { SeesFrames = true };

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="height">Their height, pixels.</param>
    /// <param name="width">Their width, pixels.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Units of the GRU.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int height, int width, int classes, int units = Units, Workspace? workspace = null)
    {
        LayerStack network = new([time, height, width, 3], workspace ?? new Workspace());
        foreach (int filters in (int[])[64, 128, 256, 512])
        {
            network.Conv2D(filters, 3).Conv2D(filters, 3).BatchNormalization(0.9f);
            if (filters < 512)
                network.MaxPooling2D();
        }
        return Head(network.Add(new GlobalMaxPooling2D(network.Shape, network.Workspace)), units, classes);
    }

    /// <summary>What stands behind the features of each frame.</summary>
    internal static Network Head(LayerStack network, int units, int classes) => network
        .Add(new Gru("gru", network.Shape[0], network.Shape[1], units, 0, network.Workspace))
        .Dense(1024, relu: true).Dropout(0.5f)
        .Dense(512, relu: true).Dropout(0.5f)
        .Dense(128, relu: true).Dropout(0.5f)
        .Dense(64, relu: true)
        .Classify(classes);
}
