using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Which labels of a file that has several tiers, or is of several videos, are read. A tier is what can overlap with another: a tier of
/// ELAN, a subject or category of behaviours of BORIS, a track of an edit, its markers.
/// </summary>
/// <param name="Tier">The tier that was asked for, by its name or that of its video; null for all.</param>
/// <param name="Video">The video that the labels are wanted for, a path; null if it is not known.</param>
internal sealed record TierChoice(string? Tier, string? Video)
{
    // As many as a line of a message holds.
    private const int MostNamed = 10;

    /// <summary>Names of tiers or videos, as messages list them.</summary>
    public static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        string some = string.Join(", ", all.Take(MostNamed).Select(n => Printable.Short(n, 60)));
        return all.Length > MostNamed ? Invariant($"{some} and {all.Length - MostNamed} more") : some;
    }

    /// <summary>The tiers of some labels, each once.</summary>
    public static string[] Tiers(IEnumerable<TimelineEntry> entries) =>
        [.. entries.Select(e => e.Tier).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The labels that are wanted, and what is to be said about that.</summary>
    /// <param name="path">The file.</param>
    /// <param name="entries">All of its labels.</param>
    /// <param name="notes">Takes what was chosen.</param>
    /// <exception cref="InputException">There is no such tier, or none of the videos is the one that is wanted.</exception>
    public List<TimelineEntry> Take(string path, List<TimelineEntry> entries, List<Finding> notes)
    {
        if (Tier is { } tier)
        {
            string[] tiers = Tiers(entries);
            if (tiers.Length == 0 && !entries.Exists(e => e.Video is not null))
                throw new InputException($"{path}: has no tiers", Remedy.DoNotChooseTier);
            List<TimelineEntry> named = Named(entries, tier, StringComparison.Ordinal);
            if (named.Count == 0)
                named = Named(entries, tier, StringComparison.OrdinalIgnoreCase);
            if (named.Count == 0)
                throw new InputException(
                    $"{path}: has no labels in a tier `{Printable.Short(tier, 60)}`, only in {Listed(tiers)}", Remedy.TakeOneTier);
            entries = named;
            if (tiers.Length > 1)
                notes.Add($"{path}: of the tiers {Listed(tiers)}, {Listed(Tiers(named))} is taken");
        }
        string[] videos = [.. entries.Select(e => e.Video).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (videos.Length <= 1)
            return entries;
        string mine = Array.Find(videos, v => IsOf(v))
            ?? throw new InputException(
                $"{path}: is of the videos {Listed(videos)}, "
                    + $"{(Video is null ? "expected one" : $"and none of them is called like {Path.GetFileName(Video)}")}",
                Remedy.TakeOneTier);
        notes.Add($"{path}: is of {videos.Length} videos, of which {Printable.Short(mine, 60)} is taken");
        return entries.FindAll(e => e.Video == mine);
    }

    private static List<TimelineEntry> Named(List<TimelineEntry> entries, string name, StringComparison comparison) => entries.FindAll(
        e => name.Equals(e.Tier, comparison) || name.Equals(e.Video, comparison) || name.Equals($"{e.Video}/{e.Tier}", comparison));

    // ActivityNet's files begin with v_, which its names do without.
    private bool IsOf(string video)
    {
        string mine = Stem(Video ?? ""), other = Stem(video);
        return mine.Length > 0 && (other.Equals(mine, StringComparison.OrdinalIgnoreCase)
            || $"v_{other}".Equals(mine, StringComparison.OrdinalIgnoreCase));
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path[(path.LastIndexOfAny(['/', '\\']) + 1)..]);
}
