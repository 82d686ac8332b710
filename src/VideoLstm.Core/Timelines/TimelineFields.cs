namespace VideoLstm.Core.Timelines;

/// <summary>
/// How programs and people call the columns of tables and the fields of JSON: in any case, with or without blanks, units and marks.
/// </summary>
internal static class TimelineFields
{
    // In each the likeliest first; letters and digits only.
    private static readonly (TimelineField Field, string[] Names)[] Known =
    [
        (TimelineField.Start,
            ["start", "starts", "starttime", "starttimeseconds", "timestart", "startseconds", "startsec", "starttimes", "tstart", "begin",
                "begintime", "beginning", "from", "onset", "tmin", "in", "starttimecode", "anfang", "beginn", "début", "debut", "inicio",
                "inizio"]),
        (TimelineField.End,
            ["end", "ends", "endtime", "endtimeseconds", "timeend", "endseconds", "endsec", "endtimes", "tend", "finish", "stop",
                "stoptime", "to", "until", "offset", "tmax", "out", "endtimecode", "ende", "fin", "fine"]),
        (TimelineField.Class,
            ["class", "classname", "label", "labels", "tag", "category", "annotation", "event", "action", "name", "title", "type", "text",
                "what", "klasse", "classe", "clase", "scenenumber"]),
        (TimelineField.Probability, ["probability", "confidence", "score", "prob"]),
        (TimelineField.Duration, ["duration", "durationseconds", "length", "lengthseconds", "dauer", "durée"]),
        (TimelineField.Video, ["video", "videoname", "file", "filename", "videofile", "videoid", "path"]),
    ];

    private static readonly Dictionary<string, (TimelineField Field, int Rank)> ByName =
        Known.SelectMany(k => k.Names.Select((name, rank) => (name, (k.Field, rank))))
            .ToDictionary(k => k.name, k => k.Item2, StringComparer.Ordinal);

    /// <summary>
    /// What a name stands for, and which of several names for the same counts: the one of the lowest rank; null if it is not known.
    /// </summary>
    public static (TimelineField Field, int Rank)? Find(string name)
    {
        if (name.Length > 60)
            return null;
        string plain = string.Concat(name.ToLowerInvariant().Where(char.IsLetterOrDigit));
        if (ByName.TryGetValue(plain, out (TimelineField Field, int) found))
            return found;
        // `start_s`, `Start (s)`
        return plain.EndsWith('s') && ByName.TryGetValue(plain[..^1], out found)
            && found.Field is TimelineField.Start or TimelineField.End or TimelineField.Duration ? found : null;
    }
}
