using VideoLstm.Core.Datasets;
using VideoLstm.Core.Features;

namespace VideoLstm.Core.Training;

/// <summary>A trained network, as far as judging it goes: sequences in, probabilities out.</summary>
/// <param name="x"><c>[batch, time, features]</c>.</param>
/// <param name="batch">Sequences.</param>
/// <param name="probabilities"><c>[batch, classes]</c>, filled; in each row they add up to 1.</param>
public delegate void Predictor(ReadOnlySpan<float> x, int batch, Span<float> probabilities);

/// <summary>Asks a classifier what it makes of stored sequences.</summary>
public static class Evaluation
{
    /// <summary>Sequences that are read and judged together.</summary>
    private const int Batch = 32;

    /// <summary>Judges clips, in their order.</summary>
    /// <param name="predict">The classifier.</param>
    /// <param name="classes">Class names, in the order of its outputs.</param>
    /// <param name="store">Where the sequences are.</param>
    /// <param name="clips">Clips of those classes whose sequences are stored.</param>
    /// <param name="progress">Told of each clip.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">A sequence cannot be read, or an answer is no number.</exception>
    public static IReadOnlyList<ClipPrediction> Run(
        Predictor predict, IReadOnlyList<string> classes, SequenceStore store, IReadOnlyList<Clip> clips,
        IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(store);
        Dictionary<string, int> indices = classes.Select((name, index) => (name, index)).ToDictionary(c => c.name, c => c.index, StringComparer.Ordinal);
        int size = checked(store.Spec.Length * InceptionV3.Features), count = classes.Count;
        var x = new float[checked(Math.Min(Batch, clips.Count) * size)];
        var probabilities = new float[Batch * count];
        var predictions = new List<ClipPrediction>(clips.Count);
        foreach (Clip[] batch in clips.Chunk(Batch))
        {
            ct.ThrowIfCancellationRequested();
            for (int i = 0; i < batch.Length; i++)
                store.Read(batch[i], x.AsSpan(i * size, size));
            predict(x.AsSpan(0, batch.Length * size), batch.Length, probabilities.AsSpan(0, batch.Length * count));
            for (int i = 0; i < batch.Length; i++)
            {
                ReadOnlySpan<float> row = probabilities.AsSpan(i * count, count);
                if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(row))
                    throw new InputException($"{batch[i].Label}: the classifier's answer is no number; train again, with a smaller --learning-rate");
                predictions.Add(new ClipPrediction(batch[i], indices[batch[i].Class], row));
            }
            progress?.Report(new WorkProgress(predictions.Count, clips.Count));
        }
        return predictions;
    }
}
