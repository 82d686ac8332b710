using System.Diagnostics.CodeAnalysis;

namespace VideoLstm.Core;

/// <summary>One line for a user: a failure, or something worth knowing.</summary>
/// <param name="Fact">What is so: which file, what was expected, what was found.</param>
/// <param name="Remedy">What can be done about it.</param>
public sealed record Finding(string Fact, Remedy Remedy = Remedy.None)
{
    /// <summary>The order in which findings are said.</summary>
    public static IComparer<Finding> Order { get; } = Comparer<Finding>.Create((a, b) =>
        string.CompareOrdinal(a.Fact, b.Fact) is var byFact and not 0 ? byFact : a.Remedy.CompareTo(b.Remedy));

    /// <summary>A fact about which nothing can be done, or which says itself what.</summary>
    [return: NotNullIfNotNull(nameof(fact))]
    public static implicit operator Finding?(string? fact) => FromString(fact);

    /// <inheritdoc cref="op_Implicit"/>
    [return: NotNullIfNotNull(nameof(fact))]
    public static Finding? FromString(string? fact) => fact is null ? null : new(fact);

    /// <summary>The same with a further fact.</summary>
    public Finding With(string further) => this with { Fact = $"{Fact}; {further}" };

    /// <summary>The fact.</summary>
    public override string ToString() => Fact;
}
