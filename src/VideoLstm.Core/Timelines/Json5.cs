using System.Text;

namespace VideoLstm.Core.Timelines;

/// <summary>
/// JSON5 (json5.org), and what Python writes for numbers that are none, made to JSON: keys and texts in any quotation marks or none.
/// </summary>
internal static class Json5
{
    /// <summary>
    /// The same as JSON with comments and trailing commas, of as many lines: words that are no values of JSON, such as keys without
    /// quotation marks, <c>NaN</c> and <c>Infinity</c>, become texts.
    /// </summary>
    public static string ToJson(string text)
    {
        var json = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length;)
        {
            int end = text[i] switch
            {
                '"' or '\'' => EndOfText(text, i),
                '/' when text.AsSpan(i).StartsWith("//") => EndOf(text, i, text.AsSpan(i).IndexOfAny('\n', '\r'), 0),
                '/' when text.AsSpan(i).StartsWith("/*") => EndOf(text, i, text.AsSpan(i + 2).IndexOf("*/"), 4),
                _ => EndOfWord(text, i),
            };
            ReadOnlySpan<char> piece = text.AsSpan(i, end - i);
            bool isWord = IsWordStart(piece[0]);
            if (piece[0] == '\'' && piece.Length > 1)
                AppendQuoted(json, piece[1..^1]);
            else if (isWord && piece is not ("true" or "false" or "null"))
                json.Append('"').Append(piece).Append('"');
            else
                json.Append(piece);
            i = end;
        }
        return json.ToString();
    }

    private static void AppendQuoted(StringBuilder json, ReadOnlySpan<char> content)
    {
        json.Append('"');
        for (int i = 0; i < content.Length; i++)
        {
            if (content[i] == '\\' && i + 1 < content.Length)
                json.Append(content[++i] == '\'' ? "'" : $"\\{content[i]}");
            else
                json.Append(content[i] == '"' ? "\\\"" : content[i].ToString());
        }
        json.Append('"');
    }

    // Without an end, all the rest: the parser says what is wrong with it.
    private static int EndOfText(string text, int start)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == text[start])
                return i + 1;
            else if (text[i] == '\n')
                break;
        }
        return start + 1;
    }

    private static int EndOf(string text, int start, int length, int more) => length < 0 ? text.Length : start + length + more;

    private static int EndOfWord(string text, int start)
    {
        int end = start + 1;
        while (IsWordStart(text[start]) && end < text.Length && (IsWordStart(text[end]) || char.IsAsciiDigit(text[end])))
            end++;
        // A number such as 1e5 is no word.
        while (!IsWordStart(text[start]) && char.IsAsciiDigit(text[start]) && end < text.Length
            && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '+' or '-'))
            end++;
        return end;
    }

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$';
}
