using VideoLstm.Core.Features;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Training;

/// <summary>Where the numbers of samples come from.</summary>
public interface ISampleReader
{
    /// <summary>Shape of a sample: <c>[time, features]</c> or <c>[time, height, width, channels]</c>.</summary>
    IReadOnlyList<int> SampleShape { get; }

    /// <summary>Reads a sample.</summary>
    /// <param name="sample">Which.</param>
    /// <param name="epoch">The epoch that it is read for, from 1, where each shows it in another way; 0: as it is.</param>
    /// <param name="x">Filled.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    void Read(Sample sample, int epoch, Span<float> x);
}

/// <summary>Samples of one pass through a network.</summary>
internal sealed class Batch(ISampleReader reader, int most)
{
    private readonly int _size = reader.SampleShape.Aggregate(1, (a, b) => checked(a * b)), _time = reader.SampleShape[0];

    /// <summary><c>[batch, ...SampleShape]</c>.</summary>
    public AlignedBuffer X { get; } = new(checked(most * reader.SampleShape.Aggregate(1, (a, b) => checked(a * b))));

    /// <summary><c>[batch]</c>.</summary>
    public int[] Labels { get; private set; } = [];

    /// <summary><c>[batch, time]</c>, or null where all steps are real.</summary>
    public bool[]? Mask { get; private set; }

    /// <summary>Floats that are filled.</summary>
    public Span<float> Values => X.Span[..(Labels.Length * _size)];

    /// <summary>Fills it.</summary>
    public void Read(Sample[] samples, int epoch)
    {
        Labels = [.. samples.Select(s => s.Label)];
        Mask = samples.All(s => s.RealFrames == _time) ? null : [.. samples.SelectMany(s => Enumerable.Range(0, _time).Select(t => t < s.RealFrames))];
        for (int i = 0; i < samples.Length; i++)
            reader.Read(samples[i], epoch, X.Span.Slice(i * _size, _size));
    }
}

/// <summary>Asks a classifier what it makes of samples.</summary>
public static class Evaluation
{
    /// <summary>Samples that are read and judged together.</summary>
    private const int Together = 32;

    /// <summary>Judges samples, in their order.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="reader">Where the samples come from.</param>
    /// <param name="samples">At least one.</param>
    /// <param name="progress">Told of each sample.</param>
    /// <param name="ct">Stops the work.</param>
    /// <exception cref="InputException">A sample cannot be read, or an answer is no number.</exception>
    public static IReadOnlyList<ClipPrediction> Run(
        Network model, ISampleReader reader, IReadOnlyList<Sample> samples, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(samples);
        int classes = model.Classes;
        var batch = new Batch(reader, Math.Min(Together, samples.Count));
        var probabilities = new float[Together * classes];
        var predictions = new List<ClipPrediction>(samples.Count);
        foreach (Sample[] part in samples.Chunk(Together))
        {
            ct.ThrowIfCancellationRequested();
            batch.Read(part, epoch: 0);
            model.Predict(batch.Values, part.Length, probabilities.AsSpan(0, part.Length * classes), batch.Mask);
            for (int i = 0; i < part.Length; i++)
            {
                ReadOnlySpan<float> row = probabilities.AsSpan(i * classes, classes);
                if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(row))
                    throw new InputException($"{part[i].Clip.Label}: the classifier's answer is no number; train again, with a smaller --learning-rate");
                predictions.Add(new ClipPrediction(part[i].Clip, part[i].Label, row));
            }
            progress?.Report(new WorkProgress(predictions.Count, samples.Count));
        }
        return predictions;
    }
}
