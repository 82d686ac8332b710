namespace VideoLstm.Core.Models;

/// <summary>An option of recipes: a property of <see cref="ModelSpec"/>.</summary>
/// <param name="Name">The property.</param>
/// <param name="Key">Its name in files; on the command line with hyphens.</param>
/// <param name="Type">What it is of: whole numbers, numbers, or yes and no.</param>
/// <param name="Get">Its value; null: not chosen.</param>
/// <param name="Set">The same specification with another value.</param>
public sealed record ModelOption(
    string Name, string Key, Type Type, Func<ModelSpec, object?> Get, Func<ModelSpec, object?, ModelSpec> Set)
{
    /// <summary>What the command line says of it; null: it follows from the weights that a training begins with.</summary>
    public string? Help { get; init; }

    /// <summary>The least and the most that it may be, of whole numbers.</summary>
    public (int Minimum, int Maximum) Range { get; init; }

    /// <summary>All that it may be, of numbers.</summary>
    public IReadOnlyList<double> Values { get; init; } = [];

    internal bool Allows(object value) => value switch
    {
        int count => count >= Range.Minimum && count <= Range.Maximum,
        double number => Values.Contains(number),
        _ => true,
    };
}
