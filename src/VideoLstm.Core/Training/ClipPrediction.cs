using VideoLstm.Core.Datasets;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Training;

/// <summary>What a classifier makes of one clip.</summary>
public sealed class ClipPrediction
{
    /// <summary>A clip that was judged.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="truth">Its class, from 0.</param>
    /// <param name="probabilities"><c>[classes]</c>: how likely each class is to the classifier.</param>
    public ClipPrediction(Clip clip, int truth, ReadOnlySpan<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(clip);
        ArgumentOutOfRangeException.ThrowIfNegative(truth);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(truth, probabilities.Length);
        (Clip, Truth, Probabilities) = (clip, truth, probabilities.ToArray());
        Loss = -Math.Log(Math.Clamp(probabilities[truth], SoftmaxCrossEntropy.LeastProbability, 1f - SoftmaxCrossEntropy.LeastProbability));
        for (int c = 0; c < probabilities.Length; c++)
        {
            Answer = probabilities[c] > probabilities[Answer] ? c : Answer;
            // Of equals the first is the likelier, as it is for the answer.
            Rank += probabilities[c] > probabilities[truth] || (c < truth && probabilities[c] == probabilities[truth]) ? 1 : 0;
        }
    }

    /// <summary>The clip.</summary>
    public Clip Clip { get; }

    /// <summary>Its class, from 0.</summary>
    public int Truth { get; }

    /// <summary><c>[classes]</c>: how likely each class is to the classifier; together 1.</summary>
    public IReadOnlyList<float> Probabilities { get; }

    /// <summary>The likeliest class, the first of equals.</summary>
    public int Answer { get; }

    /// <summary>How many classes are likelier than the right one; 0: the answer is right.</summary>
    public int Rank { get; }

    /// <summary>Cross-entropy: -ln of the right class's probability, clipped as Keras does.</summary>
    public double Loss { get; }

    /// <summary>Whether the answer is the clip's class.</summary>
    public bool IsRight => Rank == 0;
}
