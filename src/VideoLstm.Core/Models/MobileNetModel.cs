using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// Method 1 of the five video classification methods by M. Harvey (2017), with MobileNet v1 in place of his InceptionV3: an image network
/// that was trained on ImageNet is trained on, and sees one frame at a time. Its answers to the frames of a clip are averaged.
/// <code>
/// layer                                                          output (10 frames of 224 x 224, width 1)
/// pictures / 127.5 - 1                                           [batch, 10, 224, 224, 3]
/// MobileNet as in <see cref="MobileNetGruModel"/>                [batch, 10, 7, 7, 1024]
/// global average pool                                            [batch, 10, 1024]
/// Dense 1024, ReLU                                               [batch, 10, 1024]
/// Dense N, softmax, of each frame                                [batch, 10, N]
/// mean over the frames                                           [batch, N]
/// </code>
/// The last two of MobileNet's 13 blocks are trained with the head, as the source trains the last two of InceptionV3; it trains the head
/// alone before, for 10 epochs with RMSprop 1e-3. SGD 1e-4 with momentum 0.9, at most 1000 epochs, early stopping with patience 10.
/// Batches of 4 clips, whose 10 frames are about the source's 32 pictures in a step.
/// </summary>
/// <remarks>The source learns from single frames; here the frames of a clip are learnt from together, by the mean of their answers. With
/// sequences of one frame both are the same.</remarks>
public static class MobileNetModel
{
    /// <summary>Keras' layers of MobileNet that are trained: those of the last two blocks.</summary>
    public const int TrainableLayers = 13;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "mobilenet", "frames: MobileNet, its last layers trained - Dense 1024 - softmax of each frame - mean",
        new TrainingOptions
        {
            Optimizer = OptimizerKind.Sgd, LearningRate = 1e-4, Decay = 0, Momentum = 0.9, BatchSize = 4, Patience = 10,
        },
        spec => Layers(spec.Height, spec.Width, spec.Classes, spec.Alpha, spec.TrainableLayers ?? TrainableLayers),
        [nameof(ModelSpec.Alpha), nameof(ModelSpec.TrainableLayers)])
    {
        SeesFrames = true, Pixels = (1 / 127.5f, -1),
    };

    /// <summary>The network's layers.</summary>
    /// <param name="height">Height of a frame, pixels: a multiple of 32.</param>
    /// <param name="width">Its width, pixels: a multiple of 32.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="alpha">How wide MobileNet is: 1, or 0.25, 0.5, 0.75 for weights of that width.</param>
    /// <param name="trainable">How many of its last layers training changes, counted as Keras counts them.</param>
    public static IReadOnlyList<LayerSpec> Layers(
        int height, int width, int classes, double alpha = 1, int trainable = TrainableLayers) =>
    [
        .. MobileNetGruModel.Layers(height, width, classes, alpha: alpha, trainable: trainable)
            .TakeWhile(l => l is not GlobalMaxPooling2DSpec),
        new GlobalAveragePooling2DSpec(),
        new DenseSpec(1024), ActivationSpec.Relu,
        new DenseSpec(classes),
        new AverageSoftmaxSpec(),
    ];
}
