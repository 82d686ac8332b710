using System.Security.Cryptography;
using System.Text;

namespace VideoLstm.Core.Storage;

/// <summary>Names of files and folders made of any text: of classes that people wrote, of videos.</summary>
internal static class FolderName
{
    private const int LongestBytes = 100;

    private static readonly string[] Reserved =
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })];

    /// <summary>
    /// The text itself where every file system takes it. Else an underscore stands for what is not allowed somewhere (control characters
    /// and <c>/ \ : * ? " &lt; &gt; |</c>), for a leading dot, which hides, and for trailing dots and spaces, which Windows loses; one
    /// follows a name that Windows has taken (CON, COM1, ...); over 100 bytes in UTF-8 are cut off.
    /// </summary>
    public static string Of(string text)
    {
        var name = new StringBuilder();
        foreach (Rune rune in Beginning(text, LongestBytes))
        {
            bool isRefused = Rune.IsControl(rune) || rune == Rune.ReplacementChar
                || (rune.IsAscii && "/\\:*?\"<>|".Contains((char)rune.Value, StringComparison.Ordinal));
            name.Append(isRefused ? "_" : rune.ToString());
        }
        for (int i = name.Length - 1; i >= 0 && name[i] is '.' or ' '; i--)
            name[i] = '_';
        if (name.Length == 0)
            name.Append('_');
        if (name[0] is '.' or ' ')
            name[0] = '_';
        bool isReserved = Reserved.Contains(name.ToString().Split('.')[0].TrimEnd(), StringComparer.OrdinalIgnoreCase);
        if (isReserved)
            name.Insert(name.ToString().Split('.')[0].Length, '_');
        return name.ToString();
    }

    /// <summary>
    /// A name that is part of a file's: itself where it fits, else its beginning with a digest of the whole, so that no two share a file.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="longestBytes">How long it may be in UTF-8.</param>
    public static string Fit(string name, int longestBytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= longestBytes)
            return name;
        string digest = "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
        return string.Concat(Beginning(name, longestBytes - digest.Length)) + digest;
    }

    // As many characters as are so many bytes in UTF-8.
    private static IEnumerable<Rune> Beginning(string text, int bytes) =>
        text.EnumerateRunes().TakeWhile(rune => (bytes -= rune.Utf8SequenceLength) >= 0);
}
