using System.Text.RegularExpressions;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Rooms;

/// <summary>Core says what is so. Options and verbs are the command line's, which says by <see cref="Remedy"/> which of them mends it.</summary>
public sealed partial class FactsOnlyTests
{
    // Rooms whose messages still name options and verbs.
    private static readonly string[] Exempt = [];

    [Fact]
    public void NoTextOfCoreNamesAnOptionOrAVerb()
    {
        string core = Path.Combine(TestAssets.Repository, "src", "VideoLstm.Core");
        IEnumerable<string> found =
            from file in Directory.EnumerateFiles(core, "*.cs", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(core, file)
            let room = path.Split(Path.DirectorySeparatorChar)[0]
            where room is not ("obj" or "bin") && !Exempt.Contains(room)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from Match text in Text().Matches(line)
            where OptionOrVerb().IsMatch(text.Value)
            select $"{path}: {text.Value}";
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("\"give --pad\"", true)]
    [InlineData("\"run `vlstm train`\"", true)]
    [InlineData("\"--share:1\"", false)]
    [InlineData("\"a -- b\"", false)]
    public void OptionsAndVerbsAreSeen(string text, bool isSeen) => Assert.Equal(isSeen, OptionOrVerb().IsMatch(Text().Match(text).Value));

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    // What ends in a colon is a property of CSS.
    [GeneratedRegex("--[a-z][a-z-]*(?![a-z:-])|`vlstm")]
    private static partial Regex OptionOrVerb();
}
