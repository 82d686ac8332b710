using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// An edit decision list of MPlayer ("[begin second] [end second] [action]", its documentation, 3.6.2), which Kodi reads too: what a
/// player skips. Written is action 0, which MPlayer skips and Kodi cuts, as Comskip writes it unless it is told otherwise: MPlayer knows
/// no other. (Kodi's action 3, a commercial break, can be gone back into.) Read are actions 0 and 3, and from Kodi's documentation times
/// as <c>0:01:02.5</c> and frames as <c>#1200</c>; mutes and scene markers are passed over, and so are comments, which begin with ##.
/// </summary>
internal sealed partial class EdlTimeline : TimelineFormat
{
    private const int Cut = 0, CommercialBreak = 3;

    public override string Extension => ".edl";

    public override int ClockRate => 1_000_000;

    public override bool IsSkipList => true;

    public override Timeline Read(TimelineText text)
    {
        for (int i = 0; i < text.Lines.Length; i++)
        {
            if (text.Lines[i].Trim().Length == 0 || text.Lines[i].StartsWith("##", StringComparison.Ordinal))
                continue;
            Match match = Line().Match(text.Lines[i]);
            if (!match.Success)
                throw text.Broken(i, "`start end action`, e.g. `5.3 7.1 0`");
            // Two fields are a scene marker.
            if (match.Groups["action"].Value is { Length: > 0 } action && int.Parse(action, CultureInfo.InvariantCulture) is Cut or CommercialBreak)
                text.Add(Time(text, i, match.Groups["start"].Value), Time(text, i, match.Groups["end"].Value), (TimelineFile.SkipClass, null), text.Place(i));
        }
        return text.ToTimeline();
    }

    public override void Write(TextWriter writer, Timeline timeline, string name)
    {
        foreach (Segment segment in timeline.Segments)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{segment.Start:F6}\t{segment.End:F6}\t{Cut}"));
    }

    private static double Time(TimelineText text, int line, string value)
    {
        if (!value.StartsWith('#'))
            return ClockTime.Parse(value) ?? TimelineText.Number(value) ?? throw text.Broken(line, "times in seconds, or like 0:01:02.5, or frames like #1200");
        if (text.Fps is not { } fps)
            throw text.Broken(line, "times in seconds, since the rate of the video is not known");
        return (TimelineText.Number(value[1..]) ?? throw text.Broken(line, "the number of a frame")) / fps;
    }

    [GeneratedRegex(@"^\s*(?<start>#?[0-9.:,]+)\s+(?<end>#?[0-9.:,]+)(\s+(?<action>[0-3]))?\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line();
}
