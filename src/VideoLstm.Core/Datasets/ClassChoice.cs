namespace VideoLstm.Core.Datasets;

/// <summary>Which of the classes that are listed are learnt, and in which order a classifier numbers them.</summary>
public sealed class ClassChoice
{
    private readonly int? _limit;
    private readonly IReadOnlyList<string>? _names;

    private ClassChoice(int? limit, IReadOnlyList<string>? names) => (_limit, _names) = (limit, names);

    /// <summary>All, by name.</summary>
    public static ClassChoice All { get; } = new(null, null);

    /// <summary>The first by name.</summary>
    /// <param name="limit">How many, at least 1.</param>
    public static ClassChoice First(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new ClassChoice(limit, null);
    }

    /// <summary>These, in this order.</summary>
    /// <param name="names">At least one, each once.</param>
    public static ClassChoice Named(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentOutOfRangeException.ThrowIfZero(names.Count, nameof(names));
        return new ClassChoice(null, names);
    }

    /// <summary>The classes, as the list spells them.</summary>
    /// <param name="known">All classes of the list, by name; at least one.</param>
    /// <param name="list">The list.</param>
    /// <param name="leftOut">Told of the classes that are not among them, where a limit leaves them out.</param>
    /// <exception cref="InputException">There are not so many, or one that is named is not there.</exception>
    public IReadOnlyList<string> Of(IReadOnlyList<string> known, string list, Action<Finding> leftOut)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(leftOut);
        if (_names is not null)
            return [.. _names.Select(name => known.FirstOrDefault(k => ClassNames.Same.Equals(k, name))
                ?? throw new InputException($"{list}: lists no class {name}; there are {ClassNames.Join(known)}"))];
        if (_limit is not { } limit)
            return known;
        if (known.Count < limit)
            throw new InputException($"{list}: lists {known.Count} classes ({ClassNames.Join(known)}), {limit} are asked for; give " +
                $"{known.Count}");
        if (known.Count > limit)
            leftOut($"class_limit {limit}: of the {known.Count} classes, {ClassNames.Join([.. known.Skip(limit)])} " +
                $"{(known.Count - limit == 1 ? "is" : "are")} left out");
        return [.. known.Take(limit)];
    }
}
