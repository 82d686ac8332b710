using VideoLstm.Core.Compute;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using VideoLstm.Tests;

namespace VideoLstm.Cli.Tests;

/// <summary>What the documentation says must be so: every command is one, every link leads somewhere.</summary>
public partial class DocumentationTests
{
    // What stands in a sample for something left out.
    private const string Ellipsis = "...";

    /// <summary>The pages for users.</summary>
    public static TheoryData<string> Guides => [.. Pages("docs", SearchOption.TopDirectoryOnly).Prepend("README.md").Append("CONTRIBUTING.md")];

    /// <summary>All pages.</summary>
    public static TheoryData<string> AllPages =>
        [.. Pages(".", SearchOption.TopDirectoryOnly), .. ((string[])["docs", "data", "examples"]).SelectMany(folder => Pages(folder, SearchOption.AllDirectories))];

    [Theory]
    [MemberData(nameof(Guides))]
    public void Every_sample_is_a_command_that_vlstm_takes(string page) => AssertNone(FaultsOfSamples(new MarkdownPage(page)));

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Every_link_leads_to_a_file_and_a_heading(string page) => AssertNone(FaultsOfLinks(new MarkdownPage(page)));

    [Fact]
    public void The_examples_of_help_are_commands_that_vlstm_takes()
    {
        string[] examples = [.. AllCommands().SelectMany(Examples.Of)];
        Assert.NotEmpty(examples);
        AssertNone(examples.SelectMany(FaultsOfLine));
    }

    [Fact]
    public void Pages_have_samples_at_all()
    {
        var readme = new MarkdownPage("README.md");
        foreach (string verb in (string[])["extract-files", "extract-features", "train", "classify"])
            Assert.Contains(readme.Code.SelectMany(c => Vlstm(c.Text)), arguments => arguments[0] == verb);
        // LastGuard sends people there.
        Assert.Contains("reporting-a-fault", readme.Anchors);
    }

    [Theory]
    [InlineData("vlstm train 75 2 299 299 --epoch 3")]
    [InlineData("vlstm train 75 2 299 299 --optimizer adamax")]
    [InlineData("vlstm train 75 two 299 299")]
    [InlineData("vlstm train 75 2 299")]
    [InlineData("vlstm classify 75 2 best match.mp4 --strid 25")]
    [InlineData("vlstm cut match.mp4 match.json")]
    [InlineData("vlstm clasify 75 2 best match.mp4")]
    [InlineData("cd x && VLSTM_DEBUG=1 vlstm nonsense | less")]
    [InlineData("eval \"$(vlstm completion tcsh)\"   # comment")]
    public void A_wrong_sample_is_found(string sample)
    {
        Assert.Single(FaultsOfSamples(new MarkdownPage("page.md", "```sh", sample, "```")));
        Assert.Empty(FaultsOfSamples(new MarkdownPage("page.md", "```python", sample, "```")));
    }

    [Theory]
    [InlineData("Say `vlstm retrain`.")]
    [InlineData("Say `vlstm train ... --epoch 3`.")]
    [InlineData("Say `vlstm info FILE --al`.")]
    [InlineData("Say `--epoch`.")]
    [InlineData("Say `--epochs many`.")]
    [InlineData("Say `--optimizer sgd --momentum much`.")]
    [InlineData("Say `--flip 8`.")]
    public void A_wrong_word_in_a_sentence_is_found(string sentence) => Assert.Single(FaultsOfSamples(new MarkdownPage("page.md", sentence)));

    [Theory]
    [InlineData("[x](nowhere.md)")]
    [InlineData("![x](docs/pictures/nothing.png)")]
    [InlineData("[x](README.md#no-such-heading)")]
    [InlineData("[x](#no-such-heading)")]
    public void A_wrong_link_is_found(string link) => Assert.Single(FaultsOfLinks(new MarkdownPage("page.md", "# The `code` of it, twice", link, "[y](#the-code-of-it-twice)", "[z](https://example.org/)")));

    private static void AssertNone(IEnumerable<string> faults)
    {
        string found = string.Join('\n', faults);
        Assert.True(found.Length == 0, found);
    }

    private static IEnumerable<string> FaultsOfSamples(MarkdownPage page) =>
        page.Code.Where(c => c.Language is "sh" or "bash").SelectMany(c => FaultsOfLine(c.Text).Select(fault => $"{page.Name}, line {c.Line}: {fault}"))
            .Concat(page.InlineCode.SelectMany(c => FaultsOfInlineCode(c.Text).Select(fault => $"{page.Name}, line {c.Line}: {fault}")));

    private static IEnumerable<string> FaultsOfLine(string line) =>
        Vlstm(line).Select(arguments => (arguments, complaint: Complaint(arguments))).Where(c => c.complaint is not null).Select(c => $"vlstm {string.Join(' ', c.arguments)}: {c.complaint}");

    // Whole commands, verbs alone, commands with something left out, and options alone, which belong to any verb.
    private static IEnumerable<string> FaultsOfInlineCode(string code)
    {
        if (code.StartsWith("--", StringComparison.Ordinal))
            return FaultsOfOptions(code.Split(' ', StringSplitOptions.RemoveEmptyEntries), AllCommands());
        return Vlstm(code).Where(arguments => arguments.Length > 0).SelectMany(arguments =>
        {
            string[] path = [.. arguments.TakeWhile(a => a != Ellipsis)];
            if (path.Length == 0)
                return [];
            ParseResult parsed = CommandLine.CreateRoot(new CpuBackend()).Parse(path);
            Command verb = parsed.CommandResult.Command;
            bool isVerbAlone = verb is not RootCommand && parsed.Tokens.All(t => t.Type == TokenType.Command) && parsed.UnmatchedTokens.Count == 0;
            return !isVerbAlone ? FaultsOfLine(code) : FaultsOfOptions(arguments[path.Length..].SkipWhile(a => a == Ellipsis), [.. AllCommands().Where(c => c.Name == verb.Name)]);
        });
    }

    // A value in capitals stands for one.
    private static IEnumerable<string> FaultsOfOptions(IEnumerable<string> code, IReadOnlyList<Command> commands)
    {
        string[] words = [.. code];
        for (int i = 0; i < words.Length;)
        {
            string name = words[i];
            string[] values = [.. words[(i + 1)..].TakeWhile(w => !w.StartsWith("--", StringComparison.Ordinal))];
            i += 1 + values.Length;
            Command[] verbs = [.. commands.Where(c => c.Options.Any(o => o.Name == name))];
            if (verbs.Length == 0)
                yield return $"{name} is no option {(commands is [var only] ? $"of {only.Name}" : "of any verb")}";
            else if (values.Length > 0 && !values.All(v => Placeholder().IsMatch(v)) && !verbs.Any(verb => Takes(verb, name, values)))
                yield return $"{name} does not take {string.Join(' ', values)}";
        }
    }

    private static bool Takes(Command verb, string option, string[] values)
    {
        string[] path = [.. verb.Parents.OfType<Command>().Where(c => c is not RootCommand).Reverse().Select(c => c.Name), verb.Name];
        ParseResult parsed = CommandLine.CreateRoot(new CpuBackend()).Parse([.. path, option, .. values]);
        OptionResult? result = parsed.CommandResult.Children.OfType<OptionResult>().SingleOrDefault(o => o.Option.Name == option);
        return result is not null && result.Tokens.Count == values.Length && !parsed.Errors.Any(e => e.SymbolResult == result);
    }

    // The arguments of each vlstm in a line, however it is started.
    private static IEnumerable<string[]> Vlstm(string line) => ShellLine.Commands(line)
        .Select(words => words.SkipWhile(w => Assignment().IsMatch(w)).ToArray())
        .Where(words => words.Length > 0 && words[0] is "vlstm" or "scripts/vlstm")
        .Select(words => words[1..]);

    private static string? Complaint(string[] arguments) => CommandLine.Complaint(CommandLine.CreateRoot(new CpuBackend()).Parse(arguments), arguments);

    private static IEnumerable<string> FaultsOfLinks(MarkdownPage page)
    {
        foreach ((int line, string target) in page.Links.Where(l => !l.Target.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = target.Split('#', 2);
            string name = parts[0].Length == 0 ? page.Name : Path.Combine(Path.GetDirectoryName(page.Name)!, parts[0]);
            if (parts[0].Length > 0 && !Path.Exists(Path.Combine(TestAssets.Repository, name)))
                yield return $"{page.Name}, line {line}: there is no {parts[0]}";
            else if (parts.Length == 2 && !(parts[0].Length == 0 ? page : new MarkdownPage(name)).Anchors.Contains(parts[1]))
                yield return $"{page.Name}, line {line}: {name} has no heading #{parts[1]}";
        }
    }

    private static List<Command> AllCommands()
    {
        var found = new List<Command> { CommandLine.CreateRoot(new CpuBackend()) };
        for (int i = 0; i < found.Count; i++)
            found.AddRange(found[i].Subcommands);
        return found;
    }

    private static IEnumerable<string> Pages(string folder, SearchOption depth)
    {
        string path = Path.Combine(TestAssets.Repository, folder);
        return !Directory.Exists(path) ? [] : Directory.EnumerateFiles(path, "*.md", depth).Select(f => Path.GetRelativePath(TestAssets.Repository, f).Replace('\\', '/')).Order(StringComparer.Ordinal);
    }

    [GeneratedRegex("^[A-Z_]+=")]
    private static partial Regex Assignment();

    [GeneratedRegex("^[A-Z]+$")]
    private static partial Regex Placeholder();
}
