using System.Text.RegularExpressions;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// The cues of subtitles, SubRip and WebVTT alike: a number or identifier, a line with times, text, an empty line. Numbers may be missing,
/// and so may the empty line. What begins like a time and is none, and text that belongs to no time, is refused with its line, so that it
/// does not become a part of the label before.
/// </summary>
internal sealed partial class SubtitleCues
{
    private readonly TimelineText _text;
    private readonly string _expected;
    private readonly bool _isVtt;
    private readonly Func<string, string> _plain;
    private readonly List<string> _content = [];
    private Match? _time;
    private int _timeLine, _blanks = 1;

    private SubtitleCues(TimelineText text, bool isVtt, Func<string, string> plain) =>
        (_text, _isVtt, _plain, _expected) = (text, isVtt, plain,
            isVtt ? "a time `00:00.000 --> 00:10.000`" : "a time `00:00:00,000 --> 00:00:10,000`");

    /// <summary>Reads all cues. One that lasts no time is a mark, as Audacity exports point labels.</summary>
    /// <param name="text">The file.</param>
    /// <param name="first">Index of the line that they begin at.</param>
    /// <param name="isVtt">Whether identifiers may be anything, an empty line ends a text, and notes, styles and regions are passed
    /// over.</param>
    /// <param name="plain">Takes tags and the like out of a text.</param>
    /// <exception cref="InputException">A line is not what it should be.</exception>
    public static void Read(TimelineText text, int first, bool isVtt, Func<string, string> plain)
    {
        var cues = new SubtitleCues(text, isVtt, plain);
        for (int i = first; i < text.Lines.Length; i++)
            i = cues.Take(i);
        cues.Finish();
    }

    // Returns the last line that was taken.
    private int Take(int i)
    {
        string line = _text.Lines[i];
        if (IsBlank(i))
        {
            _blanks++;
            return i;
        }
        bool isAlone = _blanks > 0 || _time is null;
        if (TimeLine().Match(line) is { Success: true } time)
        {
            Finish();
            (_time, _timeLine, _blanks) = (time, i, 0);
        }
        else if (_isVtt && isAlone && OtherBlock().IsMatch(line))
        {
            while (i + 1 < _text.Lines.Length && !IsBlank(i + 1))
                i++;
        }
        else if (IsTime(i))
        {
            throw _text.Broken(i, _expected);
        }
        else if (IsTime(i + 1) && (IsNumber(line) ? isAlone || IsNumbered() : isAlone && _isVtt))
        {
            Finish();
        }
        else if (isAlone && IsNumber(line) && (_time is null || _content.Count > 0 || IsBlank(i + 1)))
        {
            if (!IsBlank(i + 1))
                throw _text.Broken(i + 1, _expected);
            Finish();
            _text.Note(Invariant($"line {i + 1} is the number of a subtitle that is not there"));
        }
        else if (_time is null || (_isVtt && _blanks > 0 && _content.Count > 0))
        {
            throw _isVtt ? _text.Broken(i + 1, _expected) : _text.Broken(i, "a number or " + _expected);
        }
        else
        {
            // Programs disagree whether an empty line ends a text; the next time does.
            for (; _blanks > 0; _blanks--)
                _content.Add("");
            _content.Add(line);
        }
        return i;
    }

    private void Finish()
    {
        if (_time is { } time)
        {
            double? start = ClockTime.Parse(time.Groups["start"].Value), end = ClockTime.Parse(time.Groups["end"].Value);
            if (start is null || end is null)
                throw _text.Broken(_timeLine, _expected);
            _text.AddText(start.Value, end == start ? null : end, _plain(string.Join('\n', _content)), _timeLine);
        }
        _time = null;
        _content.Clear();
        _blanks = 1;
    }

    // Whether the cue at hand has a number before its time.
    private bool IsNumbered() => _timeLine > 0 && IsNumber(_text.Lines[_timeLine - 1]);

    private bool IsBlank(int line) => line >= _text.Lines.Length || _text.Lines[line].AsSpan().Trim(" \t").Length == 0;

    // Also what only looks like one.
    private bool IsTime(int line) =>
        line < _text.Lines.Length && (ClockTime.IsLikely(_text.Lines[line]) || Arrow().IsMatch(_text.Lines[line]));

    private static bool IsNumber(string line) => line.Trim() is { Length: > 0 } text && text.All(char.IsAsciiDigit);

    // With one arrow or a short one, as people type, and what players take: more behind, no blanks.
    [GeneratedRegex(@"^\s*(?<start>" + ClockTime.Pattern + @")\s*(-{1,3}\s?>|\u2192)\s*(?<end>" + ClockTime.Pattern + @")(\s.*)?$",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TimeLine();

    [GeneratedRegex("-->", RegexOptions.NonBacktracking)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"^(NOTE|STYLE|REGION)(\s|$)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex OtherBlock();
}
