using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using VideoLstm.Core;
using VideoLstm.Core.Models;

namespace VideoLstm.Cli;

/// <summary>What can be chosen of the recipes' networks.</summary>
internal sealed class RecipeOptions
{
    private readonly (PropertyInfo Choice, Option Option)[] _all =
        [.. from choice in ModelSpec.Options
            let help = choice.GetCustomAttribute<DisplayAttribute>()!.Description
            where help is not null
            select (choice, Create(choice, help))];

    public void AddTo(Command command, Option after)
    {
        int place = command.Options.IndexOf(after);
        foreach ((_, Option option) in _all)
            command.Options.Insert(++place, option);
    }

    /// <exception cref="InputException">An option is given that the recipe does not have.</exception>
    public Func<ModelSpec, ModelSpec> Read(ParseResult parsed, Recipe recipe)
    {
        (PropertyInfo Choice, Option Option)[] given = [.. _all.Where(o => parsed.GetResult(o.Option) is { Implicit: false })];
        return given.FirstOrDefault(o => !recipe.Options.Contains(o.Choice.Name)).Option is { } idle ? throw Idle(idle, recipe) : model =>
        {
            ModelSpec chosen = model with { };
            foreach ((PropertyInfo choice, Option option) in given)
                choice.SetValue(chosen, parsed.GetResult(option)!.GetValueOrDefault<object>());
            return chosen;
        };
    }

    // An option that does nothing would be a lie.
    public static InputException Idle(Option option, Recipe recipe) =>
        new($"{option.Name}: --model {recipe.Name} has no such choice; leave it out, or take another model");

    private static Option Create(PropertyInfo choice, string help)
    {
        string name = "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(choice.Name);
        return choice.GetCustomAttribute<RangeAttribute>() is not { } range ? new Option<bool>(name) { Description = help }
            : CommonOptions.Between(new Option<int?>(name) { Description = help, HelpName = "N" }, (int)range.Minimum, (int)range.Maximum);
    }
}
