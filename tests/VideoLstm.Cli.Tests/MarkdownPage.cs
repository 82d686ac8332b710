using System.Text.RegularExpressions;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>A page of the documentation: its samples, links and headings.</summary>
internal sealed partial class MarkdownPage
{
    private const string Fence = "```";

    /// <param name="name">Its path in the repository.</param>
    public MarkdownPage(string name) : this(name, File.ReadAllLines(Path.Combine(TestAssets.Repository, name)))
    {
    }

    /// <param name="name">Its path in the repository.</param>
    /// <param name="lines">Its text.</param>
    public MarkdownPage(string name, params string[] lines)
    {
        Name = name;
        string? language = null;
        foreach ((int i, string line) in lines.Index())
        {
            if (line.TrimStart().StartsWith(Fence, StringComparison.Ordinal))
                language = language is null ? line.Trim()[Fence.Length..] : null;
            else if (language is not null)
                Code.Add((i + 1, language, line));
            else
                Read(i + 1, line);
        }
        Assert.True(language is null, $"{name}: a code block has no end");
    }

    /// <summary>Its path in the repository.</summary>
    public string Name { get; }

    /// <summary>The lines of its code blocks.</summary>
    public List<(int Line, string Language, string Text)> Code { get; } = [];

    /// <summary>What is code in its sentences and tables.</summary>
    public List<(int Line, string Text)> InlineCode { get; } = [];

    /// <summary>Where its links and pictures lead.</summary>
    public List<(int Line, string Target)> Links { get; } = [];

    /// <summary>The anchors of its headings, as GitHub makes them.</summary>
    public List<string> Anchors { get; } = [];

    private void Read(int number, string line)
    {
        InlineCode.AddRange(Ticks().Matches(line).Select(m => (number, m.Groups["code"].Value)));
        if (Heading().Match(line) is { Success: true } heading)
            AddAnchor(heading.Groups["text"].Value);
        Links.AddRange(Link().Matches(Ticks().Replace(line, "code")).Select(m => (number, m.Groups["target"].Value)));
    }

    private void AddAnchor(string heading)
    {
        string anchor = NoPartOfAnchor().Replace(Link().Replace(heading, "]").ToLowerInvariant(), "").Replace(' ', '-');
        int same = Anchors.Count(a => a == anchor || (a.StartsWith(anchor + "-", StringComparison.Ordinal) && int.TryParse(a[(anchor.Length + 1)..], out _)));
        Anchors.Add(same == 0 ? anchor : $"{anchor}-{same}");
    }

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Ticks();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N}_ -]")]
    private static partial Regex NoPartOfAnchor();
}
