using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// An edit decision list of MPlayer ("[begin second] [end second] [action]", its documentation, 3.6.2), which Kodi reads too: what a
/// player skips. Written is action 0, which MPlayer skips and Kodi cuts, as Comskip writes it unless it is told otherwise: MPlayer knows
/// no other. (Kodi's action 3, a commercial break, can be gone back into.) Read are actions 0 and 3, those of Jellyfin's and Emby's Intro
/// Skipper, 4 (intro) and 5 (credits), and from Kodi's documentation times as <c>0:01:02.5</c> and frames as <c>#1200</c>; mutes and scene
/// markers are passed over, and so are comments, which begin with ##. What is to be skipped is a set: entries may overlap.
/// </summary>
internal sealed partial class EdlTimeline() : TimelineFormat(".edl", 1_000_000)
{
    private const int Cut = 0, Mute = 1, SceneMarker = 2, Intro = 4;

    public override bool IsSkipList => true;

    public override Timeline Read(TimelineText text)
    {
        // Editing programs call theirs the same.
        if (text.Lines.Any(CmxTimeline.IsLine))
            return new CmxTimeline().Read(text);
        int intros = 0, passed = 0;
        for (int i = 0; i < text.Lines.Length; i++)
        {
            if (text.Lines[i].Trim().Length == 0 || text.Lines[i].StartsWith("##", StringComparison.Ordinal))
                continue;
            Match match = Line().Match(text.Lines[i]);
            if (!match.Success)
                throw text.Broken(i, "`start end action`, e.g. `5.3 7.1 0`");
            int action = match.Groups["action"].Success ? match.Groups["action"].Value[0] - '0' : SceneMarker;
            if (action is Mute or SceneMarker)
            {
                passed++;
                continue;
            }
            intros += action >= Intro ? 1 : 0;
            text.Add(Time(text, i, match.Groups["start"].Value), Time(text, i, match.Groups["end"].Value), (TimelineFile.SkipClass, null),
                i);
        }
        if (intros > 0)
            text.Note(Invariant($"intros and credits (actions 4 and 5, {intros} of them) are skipped too"));
        if (passed > 0)
            text.Note(Invariant($"mutes and scene markers (actions 1 and 2, {passed} of them) skip nothing and are passed over"));
        return text.ToTimeline(joins: true);
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        foreach (Segment segment in timeline.Segments)
            writer.WriteLine(Invariant($"{segment.Start:F6}\t{segment.End:F6}\t{Cut}"));
    }

    private static double Time(TimelineText text, int line, string value)
    {
        if (!value.StartsWith('#'))
            return TimelineText.Time(value) ?? throw text.Broken(line, "times in seconds, or like 0:01:02.5, or frames like #1200");
        if (text.Fps is not { } fps)
            throw text.Broken(line, "times in seconds, since the rate of the video is not known");
        return (TimelineText.Number(value[1..]) ?? throw text.Broken(line, "the number of a frame")) / fps;
    }

    // A scene marker has a time and its action, or an end as well.
    [GeneratedRegex(@"^\s*(?<start>#?[0-9.:,]+)\s+((?<end>#?[0-9.:,]+)\s+(?<action>[0-5])|2)\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();
}
