using System.CommandLine;
using System.CommandLine.Parsing;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Cli;

/// <summary>The option that names classes, instead of taking the first.</summary>
internal static class ClassesOption
{
    /// <summary>The option.</summary>
    /// <param name="description">What becomes of the classes.</param>
    public static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--classes") { Description = description, HelpName = "A,B,..." };
        option.Validators.Add(result =>
        {
            string[] names = result.Tokens.Count > 0 ? Split(result.Tokens[0].Value) : ["?"];
            if (names.Contains(""))
                result.AddError($"{option.Name} must be names of classes with commas between, not {result.Tokens[0].Value}.");
            if (names.GroupBy(name => name, ClassNames.Same).FirstOrDefault(g => g.Count() > 1) is { } twice)
                result.AddError($"{option.Name} names {twice.Key} twice.");
        });
        return option;
    }

    /// <summary>The names that were given; null: none were.</summary>
    public static string[]? Read(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } names ? Split(names) : null;

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.TrimEntries);
}
