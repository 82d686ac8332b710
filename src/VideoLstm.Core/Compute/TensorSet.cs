using System.Collections;
using VideoLstm.Core.Formats;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Compute;

/// <summary>Floats with a name and a shape.</summary>
/// <param name="name">As a file has it: <c>dense/kernel</c>.</param>
/// <param name="shape">Sizes, slowest dimension first.</param>
/// <param name="values">The floats, row by row. Asked for only when they are needed: until then they may take no memory.</param>
public sealed class NamedTensor(string name, IReadOnlyList<int> shape, Func<Memory<float>> values)
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>The sizes, slowest dimension first.</summary>
    public IReadOnlyList<int> Shape => shape;

    /// <summary>The floats, row by row: not a copy.</summary>
    public Memory<float> Values => values();

    /// <summary>What a message says of one that is not as it should be.</summary>
    /// <param name="found">The shape that was found; null: there is none of the name.</param>
    internal string Expected(IEnumerable<long>? found) =>
        $"expected tensor {Name} of shape [{string.Join(", ", Shape)}], found {(found is null ? "none" : $"[{string.Join(", ", found)}]")}";
}

/// <summary>Tensors by name, in an order: what a network has learnt. The values are those of whoever made it, not copies.</summary>
/// <param name="tensors">Names differ.</param>
public sealed class TensorSet(IEnumerable<NamedTensor> tensors) : IReadOnlyCollection<NamedTensor>
{
    private readonly NamedTensor[] _tensors = [.. tensors];
    private Dictionary<string, NamedTensor>? _byName;

    /// <summary>Number of tensors.</summary>
    public int Count => _tensors.Length;

    /// <summary>Whether no value is NaN or infinite.</summary>
    public bool IsFinite => _tensors.All(t => IsAllFinite(t.Values.Span));

    private Dictionary<string, NamedTensor> ByName => _byName ??= _tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>The weights of a network.</summary>
    public static TensorSet Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Of(network.Parameters);
    }

    /// <summary>Some weights.</summary>
    public static TensorSet Of(IEnumerable<Parameter> parameters) =>
        new(parameters.Select(p => new NamedTensor(p.Name, p.Shape, () => p.Value.Memory[..p.Length])));

    /// <summary>The weights of a layer, in its order.</summary>
    /// <exception cref="KeyNotFoundException">One is not there.</exception>
    public IReadOnlyList<NamedTensor> Of(NetworkLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return [.. layer.Parameters.Select(p => ByName[p.Name])];
    }

    /// <inheritdoc/>
    public IEnumerator<NamedTensor> GetEnumerator() => ((IEnumerable<NamedTensor>)_tensors).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As writers of files take them.</summary>
    internal IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> ToWrite() =>
        _tensors.Select(t => (t.Name, t.Shape.ToArray(), (ReadOnlyMemory<float>)t.Values));

    /// <summary>Takes the values out of a file. Shapes are checked one by one before anything of that size is made.</summary>
    /// <param name="file">The file.</param>
    /// <param name="misshapen">What to throw of one that is missing or of another shape; the text says what was expected and found.</param>
    /// <param name="notFinite">What to throw of one with NaN or infinity; null: these pass.</param>
    /// <param name="nameInFile">What one is called in the file, or null where it is not there; null: as it is called here.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal void Read(
        TensorFile file, Func<NamedTensor, string, Exception> misshapen, Func<NamedTensor, Exception>? notFinite,
        Func<string, string?>? nameInFile = null)
    {
        string[] names = new string[_tensors.Length];
        for (int i = 0; i < names.Length; i++)
        {
            NamedTensor tensor = _tensors[i];
            string? name = nameInFile is null ? tensor.Name : nameInFile(tensor.Name);
            IReadOnlyList<long>? found = name is not null && file.Contains(name) ? file[name].Shape : null;
            if (found is null || !found.SequenceEqual(tensor.Shape.Select(s => (long)s)))
                throw misshapen(tensor, tensor.Expected(found));
            names[i] = name!;
        }
        for (int i = 0; i < names.Length; i++)
        {
            float[] values = file.ReadSingle(names[i]);
            if (notFinite is not null && !IsAllFinite(values))
                throw notFinite(_tensors[i]);
            values.CopyTo(_tensors[i].Values);
        }
    }

    /// <summary>Takes the values of others.</summary>
    /// <param name="others">Must have all that are here, of the same shapes.</param>
    /// <param name="misshapen">What to throw of one that is missing or of another shape; the text says what was expected and found.</param>
    internal void CopyFrom(TensorSet others, Func<NamedTensor, string, Exception> misshapen)
    {
        foreach (NamedTensor tensor in _tensors)
        {
            if (!others.ByName.TryGetValue(tensor.Name, out NamedTensor? found) || !found.Shape.SequenceEqual(tensor.Shape))
                throw misshapen(tensor, tensor.Expected(found?.Shape.Select(s => (long)s)));
            found.Values.CopyTo(tensor.Values);
        }
    }

    private static bool IsAllFinite(ReadOnlySpan<float> values) => System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(values);
}
