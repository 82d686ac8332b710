using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>Times as on a clock: hours, minutes, seconds.</summary>
internal static partial class ClockTime
{
    /// <summary>
    /// The regular expression of a time: hours may be missing, the fraction has any length and a point or a comma before it.
    /// </summary>
    public const string Pattern = @"([0-9]{1,9}:)?[0-9]{1,9}:[0-9]{1,9}([.,][0-9]{1,9})?";

    /// <summary>
    /// Whether a line begins like a time, though it may be none: <c>00:00:O4,000</c>. One with a joiner does not: that is in the names that
    /// we write.
    /// </summary>
    public static bool IsLikely(string line) => Likely().IsMatch(line) && !line.Contains(LabelText.Joiner, StringComparison.Ordinal);

    /// <summary>Seconds of a time; null if it is none, also of 60 minutes or seconds and more.</summary>
    public static double? Parse(string text)
    {
        text = text.Trim();
        if (!Whole().IsMatch(text))
            return null;
        long whole = 0;
        string[] parts = text.Replace(',', '.').Split('.');
        foreach ((int i, string part) in parts[0].Split(':').Index())
        {
            long value = long.Parse(part, CultureInfo.InvariantCulture);
            if (i > 0 && value >= 60)
                return null;
            whole = whole * 60 + value;
        }
        return parts.Length == 1 ? whole : double.Parse(Invariant($"{whole}.{parts[1]}"), CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a time, rounded to the nearest step of a clock.</summary>
    /// <param name="seconds">The time, seconds.</param>
    /// <param name="rate">Steps of the clock in a second: a power of ten.</param>
    /// <param name="point">What is before the fraction.</param>
    /// <param name="hourDigits">Digits of the hour, at least.</param>
    public static string Format(double seconds, int rate, char point, int hourDigits)
    {
        long steps = (long)Math.Round(seconds * rate);
        (long whole, long fraction) = Math.DivRem(steps, rate);
        string hours = (whole / 3600).ToString(CultureInfo.InvariantCulture).PadLeft(hourDigits, '0');
        string digits = fraction.ToString(CultureInfo.InvariantCulture).PadLeft((int)Math.Round(Math.Log10(rate)), '0');
        return Invariant($"{hours}:{whole / 60 % 60:00}:{whole % 60:00}{point}{digits}");
    }

    // Letters that look like digits; three numbers, or two and an arrow.
    [GeneratedRegex(@"^\s*[0-9OoIl]{1,9}\s?[:;]\s?[0-9OoIl]{1,4}\w*(\s?[:;.,]\s?[0-9OoIl]{1,9}\w*|[^:]*(->|\u2192))",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    internal static partial Regex Likely();

    [GeneratedRegex("^" + Pattern + "$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Whole();
}
