using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// Class and probability as one text that people read: <c>Football 0.97</c>. A last word of the form 0.97, two digits after the point,
/// is a probability; it is rounded to that. What would be taken for something else is kept apart by a word joiner (U+2060), which is
/// not seen; in a run of n of them, n/2 are part of the name. So every name comes back, with these exceptions: a line end is a line
/// feed, other control characters but the tab are spaces, and half a surrogate pair is U+FFFD.
/// </summary>
internal static partial class LabelText
{
    /// <summary>
    /// Takes what is beside it its special meaning. Formats put one in where they need it, at most one between two characters.
    /// </summary>
    public const char Joiner = '\u2060';

    /// <summary>The text of a segment. It neither begins nor ends with white space.</summary>
    public static string Compose(Segment segment)
    {
        string name = segment.Class.ReplaceCarriageReturns();
        name = string.Concat(name.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? ' ' : c));
        name = name.Replace($"{Joiner}", $"{Joiner}{Joiner}", StringComparison.Ordinal);
        string probability = segment.Probability is { } p ? Invariant($" {p:0.00}") : "";
        string[] lines = name.Split('\n');
        // The last line ends with the probability: `12;` is no time, `12; 0.06` looks like one.
        name = string.Join('\n', lines.Select((line, i) => ClockTime.IsLikely(i + 1 < lines.Length ? line : line + probability)
            ? line.Insert(line.Length - line.TrimStart().Length, $"{Joiner}")
            : line));
        if (char.IsWhiteSpace(name[0]))
            name = Joiner + name;
        if (char.IsWhiteSpace(name[^1]) || (segment.Probability is null && WithProbability().IsMatch(name)))
            name += Joiner;
        return name + probability;
    }

    /// <summary>Class and probability of a text; one without a name is unknown.</summary>
    public static (string Class, double? Probability) Parse(string text)
    {
        text = text.Trim();
        Match match = WithProbability().Match(text);
        string name = match.Success ? match.Groups["class"].Value.TrimEnd() : text;
        name = Joiners().Replace(name, run => new string(Joiner, run.Length / 2));
        return (name.Length > 0 ? name : Segment.Unknown,
            match.Success ? double.Parse(match.Groups["probability"].ValueSpan, CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Text in which no line is empty, and which reads the same.</summary>
    public static string WithoutEmptyLines(string text) => EmptyLine().Replace(text, $"\n{Joiner}");

    [GeneratedRegex(@"^(?<class>.*\S.*) (?<probability>0\.[0-9][0-9]|1\.00)$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex WithProbability();

    [GeneratedRegex("\u2060+")]
    private static partial Regex Joiners();

    [GeneratedRegex(@"\n(?=[ \t]*\n)")]
    private static partial Regex EmptyLine();
}
