using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// The events of one observation of BORIS as they come: a state begins and ends with an event each, a point is an instant. Behaviours of
/// one subject and category exclude each other in an ethogram that says so, so a tier is a subject and a category, as far as they differ.
/// </summary>
internal sealed class BorisObservation
{
    /// <summary>What BORIS calls the subject of an event that has none.</summary>
    public const string NoSubject = "No focal subject";

    private readonly List<Found> _found = [];
    private readonly Dictionary<(string Observation, string Subject, string Behavior, string Modifiers), (double Time, int Line)>
        _open = [];

    /// <summary>Adds a state that is whole, or a point, which lasts no time.</summary>
    public void Add(BorisEvent what, double start, double end, int line) => _found.Add(new Found(what, start, end, line));

    /// <summary>Adds a border of a state: its start, or the end of one that has begun.</summary>
    public void Toggle(BorisEvent what, double time, int line)
    {
        (string, string, string, string) key = (what.Observation, what.Subject, what.Behavior, what.Modifiers);
        if (_open.Remove(key, out (double Time, int Line) start))
            Add(what, start.Time, time, start.Line);
        else
            _open.Add(key, (time, line));
    }

    /// <summary>The timeline of all that was added.</summary>
    /// <exception cref="InputException">A state has no end, or labels overlap.</exception>
    public Timeline ToTimeline(TimelineText text)
    {
        if (_open.Count > 0)
        {
            (var key, (double time, int line)) = _open.First();
            throw new InputException(Invariant(
                $"{text.Place(line)}: the state {Printable.Quote(key.Behavior)} begins at {time} s and has no end; add one in BORIS"));
        }
        Func<BorisEvent, string>[] parts = [e => e.Observation, e => e.Subject.Length > 0 ? e.Subject : NoSubject, e => e.Category];
        Func<BorisEvent, string>[] differing =
            [.. parts.Where(p => _found.Select(f => p(f.What)).Distinct(StringComparer.Ordinal).Count() > 1)];
        if (differing.Length == 0)
            differing = [parts[1]];
        foreach (Found found in _found.OrderBy(f => f.Line))
        {
            text.Video = found.What.Video;
            text.Tier = string.Join(": ", differing.Select(p => p(found.What)).Where(p => p.Length > 0)) is { Length: > 0 } tier
                ? tier : NoSubject;
            text.Add(found.Start, found.End, (found.What.Behavior.Length > 0 ? found.What.Behavior : Segment.Unknown, null), found.Line);
        }
        return text.ToTimeline();
    }

    private sealed record Found(BorisEvent What, double Start, double End, int Line);
}
