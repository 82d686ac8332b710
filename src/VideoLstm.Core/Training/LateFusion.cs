using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Training;

/// <summary>
/// Two classifiers asked for the same clips, one of which sees e.g. frames and the other their flow: the means of their probabilities.
/// </summary>
/// <remarks>K. Simonyan, A. Zisserman, "Two-Stream Convolutional Networks for Action Recognition in Videos" (2014).</remarks>
internal static class LateFusion
{
    /// <summary>Refuses classifiers of different classes.</summary>
    /// <exception cref="InputException">They are.</exception>
    public static void RequireSameClasses(
        (string Path, IReadOnlyList<string> Classes) first, (string Path, IReadOnlyList<string> Classes) second)
    {
        if (!first.Classes.Order(StringComparer.Ordinal).SequenceEqual(second.Classes.Order(StringComparer.Ordinal)))
            throw new InputException($"{second.Path}: tells {string.Join(", ", second.Classes)} apart, {first.Path} tells " +
                $"{string.Join(", ", first.Classes)}; give classifiers of the same classes");
    }

    /// <summary>Where the second of two classifiers of the same classes has each class of the first.</summary>
    public static int[] Columns(IReadOnlyList<string> first, IReadOnlyList<string> second) =>
        [.. first.Select(name => second.Index().First(c => c.Item == name).Index)];

    /// <summary>The mean of two answers, in the order of the first one's classes.</summary>
    /// <param name="first">One's probabilities.</param>
    /// <param name="second">The other's.</param>
    /// <param name="columns">See <see cref="Columns"/>.</param>
    public static float[] Mean(IReadOnlyList<float> first, IReadOnlyList<float> second, int[] columns) =>
        [.. columns.Select((column, c) => (first[c] + second[column]) / 2)];

    /// <summary>The mean of both, in the order of the first one's classes; clips that only one could use are left out.</summary>
    /// <param name="first">A classifier's file, its classes, and what it makes of clips, several windows of a clip in their order.</param>
    /// <param name="second">Another's, of the same classes.</param>
    /// <exception cref="InputException">They take different numbers of windows from a clip, or there is no clip that both could use.
    /// </exception>
    public static IReadOnlyList<ClipPrediction> Average(
        (string Path, IReadOnlyList<string> Classes, IReadOnlyList<ClipPrediction> Predictions) first,
        (string Path, IReadOnlyList<string> Classes, IReadOnlyList<ClipPrediction> Predictions) second)
    {
        int[] columns = Columns(first.Classes, second.Classes);
        var others = second.Predictions.ToLookup(p => p.Clip.Key);
        List<ClipPrediction> means = [];
        foreach (IGrouping<ClipKey, ClipPrediction> clip in
            first.Predictions.GroupBy(p => p.Clip.Key).Where(g => others.Contains(g.Key)))
        {
            (int own, int theirs) = (clip.Count(), others[clip.Key].Count());
            if (own != theirs)
                throw new InputException($"{clip.First().Clip.Label}: {first.Path} takes {own} windows from it, {second.Path} takes " +
                    $"{theirs}; give classifiers that were trained with the same sampling");
            means.AddRange(clip.Zip(others[clip.Key], (a, b) => new ClipPrediction(
                a.Clip, a.Label, Mean(a.Probabilities, b.Probabilities, columns))));
        }
        return means.Count > 0 ? means : throw new InputException($"there is no clip that both {first.Path} and {second.Path} can use");
    }
}
