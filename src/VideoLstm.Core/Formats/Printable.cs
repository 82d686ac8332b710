using System.Buffers;
using System.Globalization;
using System.Text;

namespace VideoLstm.Core.Formats;

/// <summary>
/// Text from files and of file names, fit for a terminal: what would move the cursor, colour or clear the screen, turn the direction of
/// writing or break a line is shown as an escape, <c>\u001b</c>. Inside a JSON string, that escape is the same character again.
/// </summary>
public static class Printable
{
    // C0 but the tab, DEL and C1, marks and overrides of direction, separators of lines and paragraphs; halves of pairs are looked at.
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Concat(Enumerable.Range(0x7F, 0x21)).Concat(Enumerable.Range(0x2028, 7))
            .Concat(Enumerable.Range(0x2066, 4))
            .Concat([0x061C, 0x200E, 0x200F, 0xFEFF]).Concat(Enumerable.Range(0xD800, 0x800)).Select(c => (char)c)]);

    /// <summary>The text as it can be shown in one line.</summary>
    public static string Escape(string text) => Escape(text, keepsLines: false);

    /// <summary>The text as it can be shown.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="keepsLines">Whether line ends stay, where lines are ours.</param>
    public static string Escape(string text, bool keepsLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAny(Suspects) ? EscapeAll(text, keepsLines) : text;
    }

    /// <summary>Text of a file as a message quotes it.</summary>
    public static string Quote(string text) => $"`{Short(text, 100)}`";

    /// <summary>The text as it can be shown in a message: in one line, and short.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="longest">How many characters of it are shown.</param>
    public static string Short(string text, int longest = 200)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isLong = text.Length > longest;
        if (isLong)
            text = text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
        return Escape(text).Replace("\t", "\\t", StringComparison.Ordinal) + (isLong ? "..." : "");
    }

    private static string EscapeAll(string text, bool keepsLines)
    {
        var shown = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                shown.Append(c).Append(text[++i]);
            else if (char.IsSurrogate(c))
                shown.Append('\uFFFD');
            else if (!Suspects.Contains(c) || (keepsLines && (c == '\n' || text.AsSpan(i).StartsWith("\r\n"))))
                shown.Append(c);
            else if (c is '\n' or '\r')
                shown.Append(c == '\n' ? "\\n" : "\\r");
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return shown.ToString();
    }
}
