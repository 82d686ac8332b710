using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Datasets;

/// <summary>
/// Names of classes: how they are compared, ordered and counted, the same everywhere. A name is known in Unicode's form C, whatever form a
/// folder, a list or an older file has it in; names in order have numbers in them by value, <c>2</c> before <c>10</c>.
/// </summary>
public static class ClassNames
{
    private const int ShownNames = 5;

    /// <summary>The order of names: digits by their value, all else by its code. No two different names are equal.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    /// <summary>Whether two names are one class: equal in Unicode's form C.</summary>
    public static IEqualityComparer<string> Same { get; } = new Form();

    /// <summary>A name in Unicode's form C.</summary>
    public static string Normalize(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ComposedText.Of(name);
    }

    /// <summary>The classes of clips, each once, in order.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Clip> clips) =>
        [.. clips.Select(c => Normalize(c.Class)).Distinct(StringComparer.Ordinal).Order(Order)];

    /// <summary>One line that names the classes that only one side of the split has; null if both have the same.</summary>
    /// <param name="clips">The clips of both sides.</param>
    public static string? OnOneSide(IEnumerable<Clip> clips)
    {
        ILookup<ClipSet, string> classes = clips.ToLookup(c => c.Set, c => Normalize(c.Class));
        string[] lines =
        [
            .. Only(ClipSet.Train, ClipSet.Test, "only for training, so nothing tells how well they are recognised"),
            .. Only(ClipSet.Test, ClipSet.Train, "only in the test, so nothing is learnt of them"),
        ];
        return lines.Length > 0 ? $"classes {string.Join("; ", lines)}" : null;

        string[] Only(ClipSet side, ClipSet other, string what)
        {
            string[] names = [.. classes[side].Except(classes[other], StringComparer.Ordinal).Order(Order)];
            return names.Length > 0 ? [$"{what}: {Join(names)}"] : [];
        }
    }

    /// <summary>The first names of many, as they stand in a message.</summary>
    public static string Join(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return string.Join(", ", names.Take(ShownNames)) + (names.Count > ShownNames ? $" and {names.Count - ShownNames} more" : "");
    }

    /// <summary>
    /// One spelling for each class: folders of train and test, and lists, may differ in case (<c>Football</c>, <c>football</c>) or in
    /// Unicode form. Two names of one side that differ in case are two classes, since somebody made both.
    /// </summary>
    /// <param name="names">Each name with the side that has it.</param>
    /// <param name="remarks">Gets one line for each class that is spelt in several ways.</param>
    /// <returns>The name of the class for each name.</returns>
    internal static IReadOnlyDictionary<string, string> Unify(IEnumerable<(ClipSet Set, string Name)> names, ICollection<Finding> remarks)
    {
        var unified = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in names.Distinct().GroupBy(n => Normalize(n.Name), StringComparer.OrdinalIgnoreCase))
        {
            (ClipSet Set, string Name)[] found = [.. group.OrderBy(n => n.Set).ThenBy(n => n.Name, StringComparer.Ordinal)];
            string[] spellings = [.. found.Select(n => Normalize(n.Name)).Distinct(StringComparer.Ordinal)];
            bool isOne = found.GroupBy(n => n.Set)
                .All(set => set.Select(n => Normalize(n.Name)).Distinct(StringComparer.Ordinal).Count() == 1);
            foreach ((_, string name) in found)
                unified[name] = isOne ? spellings[0] : Normalize(name);
            if (spellings.Length > 1)
                remarks.Add(
                    $"classes {Join(spellings)} differ only in upper and lower case and are taken as "
                        + $"{(isOne ? $"one, {spellings[0]}" : "different ones")}");
            else if (found.Select(n => n.Name).Distinct(StringComparer.Ordinal).Count() > 1)
                remarks.Add(
                    $"class {spellings[0]}: its name is composed in one place and decomposed in another (Unicode forms C and D); they "
                        + "are taken as one class");
        }
        return unified;
    }

    private static int Compare(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                ReadOnlySpan<char> one = Digits(a, ref i), other = Digits(b, ref j);
                int byValue = one.Length != other.Length ? one.Length - other.Length : one.SequenceCompareTo(other);
                if (byValue != 0)
                    return byValue;
            }
            else if (a[i] != b[j])
            {
                return a[i] - b[j];
            }
            else
            {
                i++;
                j++;
            }
        }
        int rest = (a.Length - i) - (b.Length - j);
        // Only leading zeros are left to tell them apart.
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    // A run of digits without leading zeros.
    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(start, at - start).TrimStart('0');
    }

    private sealed class Form : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) =>
            x is null || y is null ? x is null && y is null : x == y || Normalize(x) == Normalize(y);

        public int GetHashCode(string obj) => StringComparer.Ordinal.GetHashCode(Normalize(obj));
    }
}
