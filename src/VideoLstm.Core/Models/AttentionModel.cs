using VideoLstm.Core.Compute;
using VideoLstm.Core.Media;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Models;

/// <summary>
/// The sequence model of the Keras example "Video Classification with Transformers" (S. Paul, 2021), which the CNN-RNN example
/// recommends next.
/// <code>
/// layer                                            output              parameters (20 frames, 2048 features, N classes)
/// features, mask                                   [batch, 20, 2048]
/// frame_position_embedding  added                  [batch, 20, 2048]   embeddings [20, 2048]
/// transformer_layer         encoder, 1 head,       [batch, 20, 2048]   query, key, value, attention_output:
///                                                                      kernel [2048, 2048], bias [2048];
///                           hidden 4, dropout 0.3                      two normalizations; dense [2048, 4], [4]; dense_1 [4, 2048], [2048]
/// global_max_pooling1d      over time              [batch, 2048]
/// dropout                   Dropout 0.5            [batch, 2048]
/// dense                     Dense, softmax         [batch, N]          kernel [2048, N], bias [N]
/// </code>
/// Frames are the first ones, the centre square of each, and a clip may have fewer; the example's are of 128 x 128 pixels and seen by
/// DenseNet121. Adam 1e-3, batches of 32, 5 epochs; 15% of the training clips validate the epochs, and the best weights are kept.
/// </summary>
public static class AttentionModel
{
    private const int Units = 4;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "attention", "Keras' transformer example: self-attention over time - max pool - softmax",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, Epochs = 5, Patience = null, ValidationSplit = 0.15 },
        spec => Layers(spec.Classes, spec.Units ?? Units), [nameof(ModelSpec.Units)])
    {
        Sequences = new SequenceDefaults(FrameSampling.Head, FrameFit.CenterCrop, Pad: true),
    };

    /// <summary>The network's layers.</summary>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of the small network in the encoder.</param>
    public static IReadOnlyList<LayerSpec> Layers(int classes, int units = Units) =>
    [
        new PositionEmbeddingSpec { Name = "frame_position_embedding" },
        new TransformerEncoderSpec(units) { Name = "transformer_layer", Dropout = 0.3f },
        new GlobalMaxPooling1DSpec(),
        new DropoutSpec(0.5f),
        new DenseSpec(classes),
    ];
}
