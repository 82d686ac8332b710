using VideoLstm.Core.Datasets;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Training;

/// <summary>What a classifier makes of one clip.</summary>
public sealed class ClipPrediction
{
    /// <summary>A clip that was evaluated.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="label">Its class, from 0.</param>
    /// <param name="probabilities"><c>[classes]</c>: how likely each class is to the classifier.</param>
    public ClipPrediction(Clip clip, int label, ReadOnlySpan<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, probabilities.Length);
        (Clip, Label, Probabilities) = (clip, label, probabilities.ToArray());
        Loss = -Math.Log(Math.Clamp(probabilities[label], SoftmaxCrossEntropy.LeastProbability, 1f - SoftmaxCrossEntropy.LeastProbability));
        for (int c = 0; c < probabilities.Length; c++)
        {
            Predicted = probabilities[c] > probabilities[Predicted] ? c : Predicted;
            // Of equals the first is the likelier, as it is for the prediction.
            Rank += probabilities[c] > probabilities[label] || (c < label && probabilities[c] == probabilities[label]) ? 1 : 0;
        }
    }

    /// <summary>The clip.</summary>
    public Clip Clip { get; }

    /// <summary>Its class, from 0.</summary>
    public int Label { get; }

    /// <summary><c>[classes]</c>: how likely each class is to the classifier; together 1.</summary>
    public IReadOnlyList<float> Probabilities { get; }

    /// <summary>The likeliest class, the first of equals.</summary>
    public int Predicted { get; }

    /// <summary>How many classes are likelier than the right one; 0: the prediction is right.</summary>
    public int Rank { get; }

    /// <summary>Cross-entropy: -ln of the right class's probability, clipped as Keras does.</summary>
    public double Loss { get; }

    /// <summary>Whether the prediction is the clip's class.</summary>
    public bool IsRight => Rank == 0;
}
