using VideoLstm.Core.Compute;
using System.CommandLine;
using System.Text.RegularExpressions;
using VideoLstm.Core;

namespace VideoLstm.Cli.Tests;

public partial class RemediesTests
{
    public static TheoryData<Remedy> All => [.. Enum.GetValues<Remedy>().Where(r => r != Remedy.None)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_remedy_names_options_and_verbs_that_are_there(Remedy remedy)
    {
        string words = Remedies.Words(remedy)!;
        Assert.NotEmpty(words);
        Command[] verbs = [.. CommandLine.CreateRoot(new CpuBackend()).Subcommands.SelectMany(c => (Command[])[c, .. c.Subcommands])];
        Assert.All(Option().Matches(words), option => Assert.Contains(verbs, v => v.Options.Any(o => o.Name == option.Value)));
        Assert.All(Verb().Matches(words), verb =>
        {
            string[] path = verb.Groups["verb"].Value.Split(' ');
            Assert.Contains(verbs, v => v.Name == path[0]);
            Assert.True(path.Length == 1 || verbs.Any(v => v.Name == path[1] || v.Arguments.Count > 0));
        });
    }

    [Fact]
    public void Words_come_behind_the_fact()
    {
        Assert.Equal("a.mp4: is short; take a smaller --length", Remedies.Line(new Finding("a.mp4: is short", Remedy.ShortenClips)));
        Assert.Equal("a.mp4: is short", Remedies.Line("a.mp4: is short"));
    }

    [GeneratedRegex(@"--[a-z][a-z0-9-]*")]
    private static partial Regex Option();

    [GeneratedRegex(@"`vlstm (?<verb>[^`]+)`")]
    private static partial Regex Verb();
}
