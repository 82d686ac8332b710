using System.Globalization;
using System.Text.RegularExpressions;

namespace VideoLstm.Core.Formats.Npy;

/// <summary>The header of an array: a Python dictionary of exactly descr, fortran_order and shape.</summary>
internal sealed partial record NpyHeader(string DataType, bool IsFortranOrder, int[] Shape)
{
    private const int MostDimensions = 64;

    /// <summary>Number of values.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>The type under its name in <see cref="ValueTypes"/>; null for one that holds no numbers.</summary>
    public string? ValueType => !"<>|=".Contains(DataType[0], StringComparison.Ordinal) ? null : DataType[1..] switch
    {
        "f8" => "F64",
        "f4" => "F32",
        "f2" => "F16",
        "i8" => "I64",
        "i4" => "I32",
        "i2" => "I16",
        "i1" => "I8",
        "u8" => "U64",
        "u4" => "U32",
        "u2" => "U16",
        "u1" => "U8",
        "b1" => "BOOL",
        _ => null,
    };

    public static NpyHeader Parse(string text, string path)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        // One token at a time: any order of keys, any spaces, a comma at the end or none.
        string[] tokens = [.. Token().Matches(text).Select(m => m.Value)];
        int at = 1;
        for (; at + 2 < tokens.Length && tokens[at + 1] == ":"; at += 3)
        {
            if (!fields.TryAdd(tokens[at].Trim('\'', '"'), tokens[at + 2]))
                break;
            if (at + 3 < tokens.Length && tokens[at + 3] == ",")
                at++;
        }
        if (tokens.SkipWhile(t => t.Trim('\'', '"') != "descr").Skip(1).Take(2).SequenceEqual([":", "["]))
            throw new InvalidDataException(
                $"{path}: holds records with named fields (a structured type), expected numbers such as <f4; save one field of them: "
                    + "np.save(path, array['FIELD'])");
        if (tokens is not ["{", ..] || at != tokens.Length - 1 || tokens[at] != "}" || fields.Count != 3
            || !fields.TryGetValue("descr", out string? type) || type.Length < 4 || type[0] is not ('\'' or '"')
            || !fields.TryGetValue("fortran_order", out string? order) || order is not ("True" or "False")
            || !fields.TryGetValue("shape", out string? shape) || shape is not ['(', .., ')'])
            throw new InvalidDataException($"{path}: has a header that is not that of a plain NumPy array");
        return new NpyHeader(type[1..^1], order == "True", ParseShape(shape, path));
    }

    private static int[] ParseShape(string tuple, string path)
    {
        // A tuple of one needs a comma behind it, longer ones may have it.
        string[] sizes = tuple[1..^1].Split(',', StringSplitOptions.TrimEntries);
        if (sizes[^1].Length == 0)
            sizes = sizes[..^1];
        else if (sizes.Length == 1)
            throw new InvalidDataException($"{path}: has a header that is not that of a plain NumPy array");
        var shape = new int[sizes.Length];
        double count = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes.Length > MostDimensions
                || !int.TryParse(sizes[i].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out shape[i])
                || (count *= shape[i]) > int.MaxValue)
                throw new InvalidDataException($"{path}: is an array of another shape than can be read");
        }
        return shape;
    }

    // A string, a tuple, a word, or any other character but spaces.
    [GeneratedRegex("""'[^']*'|"[^"]*"|\([^()]*\)|\w+|\S""", RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}
