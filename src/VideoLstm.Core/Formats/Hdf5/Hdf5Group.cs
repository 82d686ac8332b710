namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>A group of a file that is being written: texts that it says of itself, groups and datasets.</summary>
internal sealed class Hdf5Group
{
    /// <summary>HDF5 cannot hold longer attributes in an object's header, and Keras splits its lists there.</summary>
    private const int LongestAttribute = 64512;

    private readonly List<(string Name, string[] Texts, bool IsList)> _attributes = [];
    private readonly SortedDictionary<string, Hdf5Group> _groups = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (int[] Shape, ReadOnlyMemory<float> Values)> _datasets = new(StringComparer.Ordinal);

    /// <summary>Texts by name, in order; a list or one text alone.</summary>
    public IReadOnlyList<(string Name, string[] Texts, bool IsList)> Attributes => _attributes;

    /// <summary>Groups by name.</summary>
    public IReadOnlyDictionary<string, Hdf5Group> Groups => _groups;

    /// <summary>Datasets of single precision by name.</summary>
    public IReadOnlyDictionary<string, (int[] Shape, ReadOnlyMemory<float> Values)> Datasets => _datasets;

    /// <summary>The group of a name, made where there is none.</summary>
    public Hdf5Group Group(string name)
    {
        if (!_groups.TryGetValue(name, out Hdf5Group? group))
            _groups.Add(name, group = new Hdf5Group());
        return group;
    }

    /// <summary>Adds a dataset; the path's groups are made.</summary>
    public void Add(string path, int[] shape, ReadOnlyMemory<float> values)
    {
        string[] names = path.Split('/');
        Hdf5Group group = this;
        foreach (string name in names[..^1])
            group = group.Group(name);
        group._datasets.Add(names[^1], (shape, values));
    }

    /// <summary>Says one text.</summary>
    /// <exception cref="InvalidDataException">It is longer than an attribute can be.</exception>
    public void Say(string name, string text)
    {
        if (Length([text]) > LongestAttribute)
            throw new InvalidDataException($"the text {name} is longer than the 64 KB that HDF5 allows");
        _attributes.Add((name, [text], false));
    }

    /// <summary>Says a list of texts; one that is too long is split evenly into <c>name0</c>, <c>name1</c>, ... as Keras does.</summary>
    /// <exception cref="InvalidDataException">One text is longer than an attribute can be.</exception>
    public void Say(string name, IReadOnlyList<string> texts)
    {
        if (Length(texts) <= LongestAttribute)
        {
            _attributes.Add((name, [.. texts], true));
            return;
        }
        // Each is stored as long as the longest of all of them.
        int together = LongestAttribute / Math.Max(1, Length(texts) / texts.Count);
        if (together == 0)
            throw new InvalidDataException($"a text of the list {name} is longer than the 64 KB that HDF5 allows");
        foreach ((int number, string[] part) in texts.Chunk(together).Index())
            _attributes.Add((Invariant($"{name}{number}"), part, true));
    }

    private static int Length(IReadOnlyList<string> texts) =>
        texts.Count == 0 ? 0 : checked(texts.Count * texts.Max(System.Text.Encoding.UTF8.GetByteCount));
}
