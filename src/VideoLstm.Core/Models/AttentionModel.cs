using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>
/// The sequence model of the Keras example "Video Classification with Transformers" (S. Paul, 2021), which the CNN-RNN example
/// recommends next.
/// <code>
/// layer                                            output              parameters (20 frames, 2048 features, N classes)
/// features, mask                                   [batch, 20, 2048]
/// frame_position_embedding  added                  [batch, 20, 2048]   embeddings [20, 2048]
/// transformer_layer         encoder, 1 head,       [batch, 20, 2048]   query, key, value, attention_output: kernel [2048, 2048], bias [2048];
///                           hidden 4, dropout 0.3                      two normalizations; dense [2048, 4], [4]; dense_1 [4, 2048], [2048]
/// global_max_pooling1d      over time              [batch, 2048]
/// dropout                   Dropout 0.5            [batch, 2048]
/// dense                     Dense, softmax         [batch, N]          kernel [2048, N], bias [N]
/// </code>
/// Adam 1e-3, batches of 32, 5 epochs; 15% of the training clips judge the epochs, and the best weights are kept.
/// </summary>
public static class AttentionModel
{
    private const int Units = 4;

    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new(
        "attention", "Keras' transformer example: self-attention over time - max pool - softmax",
        new TrainingOptions { LearningRate = 1e-3, Decay = 0, Epochs = 5, Patience = null, ValidationSplit = 0.15 },
        spec => Build(spec.SequenceLength, spec.Features, spec.Classes, spec.Units ?? Units), ModelChoices.Units);

    /// <summary>The network, with zero weights.</summary>
    /// <param name="time">Frames of a sequence.</param>
    /// <param name="features">Features of a frame.</param>
    /// <param name="classes">Classes to tell apart.</param>
    /// <param name="units">Width of the small network in the encoder.</param>
    /// <param name="workspace">What the layers share; null: one of their own.</param>
    public static Network Build(int time, int features, int classes, int units = Units, Workspace? workspace = null)
    {
        workspace ??= new Workspace();
        return new Network(
            [
                new PositionEmbedding("frame_position_embedding", time, features, workspace),
                new TransformerEncoder("transformer_layer", time, features, units, 0.3f, workspace),
                new GlobalMaxPooling1D(time, features),
                new Dropout([features], 0.5f, workspace),
                new Linear("dense", features, classes, workspace),
            ],
            workspace);
    }
}
