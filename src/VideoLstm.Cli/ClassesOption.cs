using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VideoLstm.Core.Datasets;

namespace VideoLstm.Cli;

/// <summary>The option that names classes, instead of taking the first.</summary>
internal static class ClassesOption
{
    /// <summary>The option.</summary>
    /// <param name="description">What becomes of the classes.</param>
    /// <param name="takesNumber">Whether it may say how many instead, as verbs have it that have no argument for that.</param>
    public static Option<string?> Create(string description, bool takesNumber = false)
    {
        var option = new Option<string?>("--classes") { Description = description, HelpName = takesNumber ? "N|A,B,..." : "A,B,..." };
        option.Validators.Add(result =>
        {
            if (takesNumber && result.Tokens is [var only] && Number(only.Value) is { } number)
            {
                if (number < 1)
                    result.AddError($"{option.Name} must be a number of classes, at least 1, or names of classes, not {number}.");
                return;
            }
            string[] names = result.Tokens.Count > 0 ? Split(result.Tokens[0].Value) : ["?"];
            if (names.Contains(""))
                result.AddError($"{option.Name} must be names of classes with commas between, not {result.Tokens[0].Value}.");
            if (names.GroupBy(name => name, ClassNames.Same).FirstOrDefault(g => g.Count() > 1) is { } twice)
                result.AddError($"{option.Name} names {twice.Key} twice.");
        });
        return option;
    }

    /// <summary>Which of the classes that are known, by name, are chosen: all, where nothing was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">An option that takes a number.</param>
    public static ClassChoice Choose(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } words ? ClassChoice.All
            : Number(words) is { } number ? ClassChoice.First(number) : ClassChoice.Named(Split(words));

    /// <summary>The names that were given; null: none were.</summary>
    public static string[]? Read(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } names ? Split(names) : null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string[] Split(string names) => names.Split(',', StringSplitOptions.TrimEntries);
}
