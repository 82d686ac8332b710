using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Time codes (SMPTE ST 12-1): hours, minutes, seconds, frames. At 30000/1001 and 60000/1001 frames/s, drop-frame time codes leave out
/// the first two (four) numbers of each minute but every tenth, so that they keep step with the clock.
/// </summary>
internal static partial class Timecode
{
    /// <summary>The time code of a frame.</summary>
    /// <param name="frame">Its number, from 0.</param>
    /// <param name="nominal">Frames in a second of the time code: 24, 25, 30, ...</param>
    /// <param name="drop">Whether numbers are dropped, where that is defined; then the last separator is a semicolon.</param>
    public static string Format(long frame, int nominal, bool drop)
    {
        int dropped = drop ? Dropped(nominal) : 0;
        if (dropped > 0)
        {
            long perMinute = nominal * 60L - dropped, perTen = perMinute * 10 + dropped;
            (long tens, long rest) = Math.DivRem(frame, perTen);
            long minutes = rest < nominal * 60L ? 0 : 1 + (rest - nominal * 60L) / perMinute;
            frame += dropped * (tens * 9 + minutes);
        }
        long seconds = frame / nominal;
        return Invariant($"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{(dropped > 0 ? ';' : ':')}{frame % nominal:00}");
    }

    /// <summary>The number of the frame of a time code; null if it is none.</summary>
    /// <param name="text">The time code; a semicolon or point before the frames says that numbers are dropped.</param>
    /// <param name="nominal">Frames in a second of the time code.</param>
    /// <param name="drop">Whether numbers are dropped where the separators do not say so.</param>
    public static long? Parse(string text, int nominal, bool drop)
    {
        Match match = Whole().Match(text);
        if (!match.Success)
            return null;
        long[] parts = [.. ((string[])["h", "m", "s", "f"])
            .Select(g => long.Parse(match.Groups[g].ValueSpan, CultureInfo.InvariantCulture))];
        if (parts[1] >= 60 || parts[2] >= 60 || parts[3] >= nominal)
            return null;
        long minutes = parts[0] * 60 + parts[1], frame = (minutes * 60 + parts[2]) * nominal + parts[3];
        return drop || match.Groups["drop"].Success ? frame - Dropped(nominal) * (minutes - minutes / 10) : frame;
    }

    private static int Dropped(int nominal) => nominal % 30 == 0 ? nominal / 15 : 0;

    [GeneratedRegex(@"^\s*(?<h>[0-9]{1,3})[:;](?<m>[0-9]{2})[:;](?<s>[0-9]{2})(:|(?<drop>[;.,]))(?<f>[0-9]{2,3})\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Whole();
}
