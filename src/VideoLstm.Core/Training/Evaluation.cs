using VideoLstm.Core.Compute;
using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Training;

/// <summary>Asks a classifier what it makes of samples.</summary>
public static class Evaluation
{
    /// <summary>Samples that are read and evaluated together.</summary>
    private const int Together = 32;

    /// <summary>Evaluates samples, in their order.</summary>
    /// <param name="network">The classifier.</param>
    /// <param name="reader">Where the samples come from.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="progress">Told of each sample.</param>
    /// <param name="unreadable">Told of each sample that cannot be read and is left out.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">No sample can be read, or an answer is no number.</exception>
    public static IReadOnlyList<ClipPrediction> Run(
        ITrainableNetwork network, ISampleReader reader, IReadOnlyList<Sample> samples, IProgress<WorkProgress>? progress = null,
        Action<Sample, Exception>? unreadable = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(samples);
        int classes = network.Spec.OutputShape[0];
        var batch = new Batch(reader, Math.Min(Together, samples.Count));
        var probabilities = new float[Together * classes];
        var predictions = new List<ClipPrediction>(samples.Count);
        int done = 0;
        foreach (Sample[] chunk in samples.Chunk(Together))
        {
            ct.ThrowIfCancellationRequested();
            batch.Read(chunk, epoch: 0);
            foreach ((Sample sample, Exception why) in batch.Unreadable)
                unreadable?.Invoke(sample, why);
            progress?.Report(new WorkProgress(done += chunk.Length, samples.Count));
            List<Sample> part = batch.Samples;
            if (part.Count == 0)
                continue;
            network.Predict(batch.X, part.Count, probabilities.AsSpan(0, part.Count * classes), batch.Mask);
            for (int i = 0; i < part.Count; i++)
            {
                ReadOnlySpan<float> row = probabilities.AsSpan(i * classes, classes);
                if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(row))
                    throw new InputException($"{part[i].Clip.Label}: the classifier's answer is no number", Remedy.LowerLearningRate);
                predictions.Add(new ClipPrediction(part[i].Clip, part[i].Label, row));
            }
        }
        return predictions.Count > 0 ? predictions
            : throw new InputException($"{samples[0].Clip.Label}: neither this clip nor any other to judge by can be read any more",
            Remedy.ExtractFeaturesAgain);
    }
}
