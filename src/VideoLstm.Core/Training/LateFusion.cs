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

    /// <summary>The mean of both, in the order of the first one's classes; clips that only one could use are left out.</summary>
    /// <param name="first">A classifier's file, its classes, and what it makes of clips, several windows of a clip in their order.</param>
    /// <param name="second">Another's, of the same classes.</param>
    /// <exception cref="InputException">They take different numbers of windows from a clip, or there is no clip that both could use.
    /// </exception>
    public static IReadOnlyList<ClipPrediction> Average(
        (string Path, IReadOnlyList<string> Classes, IReadOnlyList<ClipPrediction> Predictions) first,
        (string Path, IReadOnlyList<string> Classes, IReadOnlyList<ClipPrediction> Predictions) second)
    {
        int[] columns = [.. first.Classes.Select(name => second.Classes.Index().First(c => c.Item == name).Index)];
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
                a.Clip, a.Label, [.. columns.Select((column, c) => (a.Probabilities[c] + b.Probabilities[column]) / 2)])));
        }
        return means.Count > 0 ? means : throw new InputException($"there is no clip that both {first.Path} and {second.Path} can use");
    }
}
