using System.Numerics.Tensors;
using VideoLstm.Core.Compute;

namespace VideoLstm.Core.Models;

/// <summary>
/// Tells what is like nothing that a classifier learnt: which lies farther from the training clips than validation clips do. The second
/// nearest counts, so that what one odd clip is like is not yet known. Clips are compared by their mean features over time, less the mean
/// of all, in the directions in which training clips differ most (principal components), as vectors of length 1 (after Y. Sun et al. 2022,
/// "Out-of-Distribution Detection with Deep Nearest Neighbors"). The threshold is that of a conformal prediction (V. Vovk et al. 2005).
/// </summary>
public sealed class NoveltyDetector
{
    /// <summary>Of more clips than these, evenly chosen ones can stand for all: it keeps and compares each of the training clips.</summary>
    public const int MostClips = 1024;

    // Components are taken until they explain this share of the variance; of two classes that lie far apart one would.
    private const double ExplainedShare = 0.8;
    private const int LeastComponents = 8, MostComponents = 64, Iterations = 200;

    // Below this, places of length 1 differ by rounding.
    private const double LeastThreshold = 1e-3;

    // So that means over time say something.
    private const double MostNovelty = 10;

    private const string Center = "novelty/center", Components = "novelty/components", References = "novelty/references";

    private readonly float[] _center, _components, _references;

    private NoveltyDetector(NoveltyRecord record, float[] center, float[] components, float[] references) =>
        (Record, _center, _components, _references) = (record, center, components, references);

    /// <summary>What it says of itself.</summary>
    public NoveltyRecord Record { get; private init; }

    /// <summary>A detector for a classifier.</summary>
    /// <param name="train">The mean features of the clips that it learns from, at least two, at most <see cref="MostClips"/>.</param>
    /// <param name="validation">Those of clips of the same classes that it does not learn from, at least one.</param>
    public static NoveltyDetector Fit(IReadOnlyList<float[]> train, IReadOnlyList<float[]> validation)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        var center = new float[train[0].Length];
        foreach (float[] clip in train)
            TensorPrimitives.Add(center, clip, center);
        TensorPrimitives.Divide(center, train.Count, center);
        float[] components = PrincipalComponents([.. train.Select(clip => Less(clip, center))]);
        var detector = new NoveltyDetector(
            new NoveltyRecord(train.Count, components.Length / center.Length, 1, validation.Count), center, components, []);
        detector = new NoveltyDetector(detector.Record, center, components, [.. train.SelectMany(detector.Project)]);
        double threshold = validation.Select(detector.Distance).Order().ElementAt(NoveltyRecord.RankOf(validation.Count) - 1);
        return new NoveltyDetector(detector.Record with { Threshold = threshold }, center, components, detector._references);
    }

    /// <summary>Reads one from a classifier's file.</summary>
    /// <param name="record">What the file says of it.</param>
    /// <param name="features">Number of features.</param>
    /// <param name="read">Gives the tensors that are expected.</param>
    internal static NoveltyDetector Read(NoveltyRecord record, int features, Func<IReadOnlyList<ParameterSpec>, TensorSet> read)
    {
        TensorSet found = read(
        [
            new ParameterSpec(Center, [features]), new ParameterSpec(Components, [record.Components, features]),
            new ParameterSpec(References, [record.References, record.Components]),
        ]);
        return new NoveltyDetector(record, Of(Center), Of(Components), Of(References));

        float[] Of(string name) => found[name].Values.ToArray();
    }

    /// <summary>As it stands in a classifier's file.</summary>
    internal IEnumerable<NamedTensor> ToTensors() =>
    [
        new(Center, [_center.Length], () => _center), new(Components, [Record.Components, _center.Length], () => _components),
        new(References, [Record.References, Record.Components], () => _references),
    ];

    /// <summary>The mean features of a sequence.</summary>
    /// <param name="sequence"><c>[time, features]</c>, at least one step.</param>
    /// <param name="features">Number of features.</param>
    public static float[] MeanOf(ReadOnlySpan<float> sequence, int features)
    {
        var mean = new float[features];
        for (int at = 0; at < sequence.Length; at += features)
            TensorPrimitives.Add(mean, sequence.Slice(at, features), mean);
        TensorPrimitives.Divide(mean, sequence.Length / features, mean);
        return mean;
    }

    /// <summary>How unlike all that was learnt a sequence is: its distance by the threshold, above 1 is unknown.</summary>
    /// <param name="sequence"><c>[time, features]</c>.</param>
    public double NoveltyOf(ReadOnlySpan<float> sequence) =>
        Math.Min(MostNovelty, Distance(MeanOf(sequence, _center.Length)) / Math.Max(Record.Threshold, LeastThreshold));

    private double Distance(float[] mean)
    {
        float[] place = Project(mean);
        (double nearest, double second) = (double.PositiveInfinity, double.PositiveInfinity);
        for (int at = 0; at < _references.Length; at += place.Length)
        {
            double distance = TensorPrimitives.Distance(place, _references.AsSpan(at, place.Length));
            (nearest, second) = distance < nearest ? (distance, nearest) : (nearest, Math.Min(second, distance));
        }
        return second;
    }

    private float[] Project(float[] mean)
    {
        float[] rest = Less(mean, _center);
        var place = new float[Record.Components];
        for (int i = 0; i < place.Length; i++)
            place[i] = TensorPrimitives.Dot(rest, _components.AsSpan(i * rest.Length, rest.Length));
        Normalize(place);
        return place;
    }

    // Of rows [clips, features] around 0, by the power iteration on what they have in common, [clips, clips].
    private static float[] PrincipalComponents(float[][] rows)
    {
        float[][] gram = Array.ConvertAll(rows, row => Array.ConvertAll(rows, other => TensorPrimitives.Dot(row, other)));
        double variance = gram.Select((row, i) => (double)row[i]).Sum(), explained = 0;
        var found = new List<float[]>();
        var components = new List<float[]>();
        while (components.Count < Math.Min(MostComponents, rows.Length - 1)
            && (components.Count < LeastComponents || explained < ExplainedShare * variance))
        {
            // Any that has a part in every direction.
            float[] vector = [.. Enumerable.Range(0, rows.Length).Select(i => MathF.Sin(1 + i * (1 + components.Count)))];
            float length = 0;
            for (int i = 0; i < Iterations; i++)
            {
                vector = Array.ConvertAll(gram, row => TensorPrimitives.Dot(row, vector));
                foreach (float[] other in found)
                    TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot(vector, other), vector, vector);
                length = Normalize(vector);
            }
            found.Add(vector);
            explained += length;
            var component = new float[rows[0].Length];
            for (int i = 0; i < rows.Length; i++)
                TensorPrimitives.MultiplyAdd(rows[i], vector[i], component, component);
            Normalize(component);
            components.Add(component);
        }
        // Clips that are all alike differ in no direction; any will do.
        return components.Count > 0 ? [.. components.SelectMany(c => c)] : [.. Enumerable.Repeat(1f, rows[0].Length)];
    }

    private static float[] Less(float[] values, float[] others)
    {
        var rest = new float[values.Length];
        TensorPrimitives.Subtract(values, others, rest);
        return rest;
    }

    // The length that it had; of none it stays as it is.
    private static float Normalize(float[] vector)
    {
        float length = TensorPrimitives.Norm(vector);
        if (length > 0)
            TensorPrimitives.Divide(vector, length, vector);
        return length;
    }
}
