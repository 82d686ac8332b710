using VideoLstm.Core.Training;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Models;

/// <summary>A way from sequences to a class that somebody published, with the numbers of its source as defaults.</summary>
/// <param name="Name">What a user types.</param>
/// <param name="Summary">One line.</param>
/// <param name="Defaults">How its source trains it.</param>
/// <param name="Build">Makes the network, with zero weights.</param>
/// <param name="Choices">What of the <see cref="ModelSpec"/> it heeds.</param>
public sealed record Recipe(string Name, string Summary, TrainingOptions Defaults, Func<ModelSpec, Network> Build, ModelChoices Choices = ModelChoices.None);

/// <summary>What can be chosen of a recipe's network.</summary>
[Flags]
public enum ModelChoices
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="ModelSpec.Units"/>.</summary>
    Units = 1,

    /// <summary><see cref="ModelSpec.Layers"/>.</summary>
    Layers = 2,

    /// <summary><see cref="ModelSpec.Bidirectional"/>.</summary>
    Bidirectional = 4,
}

/// <summary>All recipes.</summary>
public static class Recipes
{
    /// <summary>The default: the article's.</summary>
    public const string Default = "lstm";

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [LstmModel.Recipe, GruModel.Recipe, MlpModel.Recipe, AttentionModel.Recipe];

    /// <summary>The recipe of that name, or null.</summary>
    public static Recipe? Find(string name) => All.FirstOrDefault(r => r.Name == name);

    /// <summary>The network of a specification.</summary>
    /// <exception cref="InputException">There is no such recipe.</exception>
    public static Network Build(ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Recipe recipe = Find(spec.Recipe) ?? throw new InputException($"no model `{spec.Recipe}`; there are {string.Join(", ", All.Select(r => r.Name))}");
        return recipe.Build(spec);
    }
}
