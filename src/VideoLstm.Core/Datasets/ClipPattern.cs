using System.Text;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// Where clips lie in a data folder, and which part of their paths says what they are: <c>videos/{classname}/*.avi</c>, as glob_pattern of
/// keras-video-generators. <c>{set}</c> stands for train or test, <c>*</c> and <c>?</c> for what they do in a shell, <c>**</c> for any
/// folders.
/// </summary>
internal sealed class ClipPattern
{
    private const string ClassName = "{classname}", Set = "{set}";

    private readonly Regex _expression;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="InputException">It names no class, or one of the words twice, or leads out of the data folder.</exception>
    public ClipPattern(string pattern)
    {
        string[] parts = pattern.Replace('\\', '/').Split('/').SkipWhile(p => p == ".").ToArray();
        if (pattern.Split(ClassName).Length != 2 || pattern.Split(Set).Length > 2)
            throw new InputException(
                $"pattern {pattern}: expected {ClassName} once, and {Set} at most once, e.g. videos/{ClassName}/*.avi");
        if (parts.Contains("..") || parts[0].Length == 0 || parts[0].EndsWith(':'))
            throw new InputException($"pattern {pattern}: is to begin in the data folder and to stay in it");
        HasSet = pattern.Contains(Set, StringComparison.Ordinal);
        var expression = new StringBuilder("^");
        for (int i = 0; i < parts.Length; i++)
        {
            bool isLast = i == parts.Length - 1;
            expression.Append(parts[i] == "**" && !isLast ? "(?:.*/)?" : Expression(parts[i]) + (isLast ? "$" : "/"));
        }
        // Its time is linear, whatever the pattern.
        _expression = new Regex(expression.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>Whether the path of a clip says which set it is of.</summary>
    public bool HasSet { get; }

    /// <summary>What a path says; null: it is no clip's.</summary>
    /// <param name="path">In the data folder, with <c>/</c> between its parts.</param>
    public (ClipSet Set, string Class)? Match(string path)
    {
        Match match = _expression.Match(path);
        return !match.Success ? null
            : (match.Groups["set"].Value.Equals(Clip.SetName(ClipSet.Test), StringComparison.OrdinalIgnoreCase) ? ClipSet.Test
            : ClipSet.Train, match.Groups["class"].Value);
    }

    private static string Expression(string part) => Regex.Escape(part)
        .Replace(Regex.Escape(ClassName), "(?<class>[^/]+?)", StringComparison.Ordinal)
        .Replace(Regex.Escape(Set), "(?<set>[tT][rR][aA][iI][nN]|[tT][eE][sS][tT])", StringComparison.Ordinal)
        .Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal);
}
