using System.CommandLine;
using VideoLstm.Core;
using VideoLstm.Core.Models;

namespace VideoLstm.Cli;

/// <summary>What can be chosen of the recipes' networks.</summary>
internal sealed class RecipeOptions
{
    private readonly (ModelOption Choice, Option Option)[] _all =
        [.. ModelSpec.Options.Where(o => o.Help is not null).Select(o => (o, Create(o)))];

    public void AddTo(Command command, Option after)
    {
        int place = command.Options.IndexOf(after);
        foreach ((_, Option option) in _all)
            command.Options.Insert(++place, option);
    }

    /// <exception cref="InputException">An option is given that the recipe does not have.</exception>
    public Func<ModelSpec, ModelSpec> Read(ParseResult parsed, Recipe recipe)
    {
        (ModelOption Choice, Option Option)[] given = [.. _all.Where(o => parsed.GetResult(o.Option) is { Implicit: false })];
        return given.FirstOrDefault(o => !recipe.Options.Contains(o.Choice.Name)).Option is { } idle ? throw Idle(idle, recipe)
            : model => given.Aggregate(model, (m, o) => o.Choice.Set(m, parsed.GetResult(o.Option)!.GetValueOrDefault<object>()));
    }

    /// <summary>Whether a choice of a recipe, by the name of its property, is the user's.</summary>
    public bool IsGiven(ParseResult parsed, string choice) =>
        _all.Any(o => o.Choice.Name == choice && parsed.GetResult(o.Option) is { Implicit: false });

    // An option that does nothing would be a lie.
    public static InputException Idle(Option option, Recipe recipe) =>
        new($"{option.Name}: --model {recipe.Name} has no such choice; leave it out, or take another model");

    private static Option Create(ModelOption choice)
    {
        string name = "--" + choice.Key.Replace('_', '-');
        return choice.Type == typeof(bool) ? new Option<bool>(name) { Description = choice.Help }
            : CommonOptions.Between(
                new Option<int?>(name) { Description = choice.Help, HelpName = "N" }, choice.Range.Minimum, choice.Range.Maximum);
    }
}
