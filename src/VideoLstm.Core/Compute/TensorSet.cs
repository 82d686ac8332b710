using System.Collections;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Compute;

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

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public NamedTensor this[string name] => ByName[name];

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

    /// <summary>
    /// Tensors in a file, which stays open and is read whenever the values of one are asked for. The shapes of all are checked at once, so
    /// that nothing of such a size is made before.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="parameters">What is expected.</param>
    /// <param name="refuse">What to throw of one that is missing or of another shape; the text says what was expected and found.</param>
    /// <param name="notFinite">What to throw of one with NaN or infinity, by its name in the file; null: these pass.</param>
    /// <param name="find">Where in the file one is; null: under its own name.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static TensorSet Read(
        TensorFile file, IEnumerable<ParameterSpec> parameters, Func<string, Exception> refuse, Func<string, Exception>? notFinite,
        Func<ParameterSpec, StoredTensor>? find = null)
    {
        return new TensorSet([.. parameters.Select(parameter =>
        {
            StoredTensor stored = find is null ? new StoredTensor(parameter.Name, parameter) : find(parameter);
            if (stored.Entry is not { } name)
                return new NamedTensor(parameter.Name, parameter.Shape, () => Filled(parameter, stored.Fill));
            IReadOnlyList<long>? found = file.Contains(name) ? file[name].Shape : null;
            if (found is null || !found.SequenceEqual(stored.Shape))
                throw refuse(Unlike(name, stored.Shape, found));
            return new NamedTensor(parameter.Name, parameter.Shape, () =>
            {
                float[] values = file.ReadSingle(name);
                if (notFinite is not null && !IsAllFinite(values))
                    throw notFinite(Printable.Short(name));
                return stored.Convert?.Invoke(values) ?? values;
            });
        })]);
    }

    /// <summary>The same with all values in memory.</summary>
    internal TensorSet ToMemory() => new([.. _tensors.Select(t =>
    {
        Memory<float> values = t.Values;
        return new NamedTensor(t.Name, t.Shape, () => values);
    })]);

    /// <summary>As writers of files take them.</summary>
    internal IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> ToWrite() =>
        _tensors.Select(t => (t.Name, t.Shape.ToArray(), (ReadOnlyMemory<float>)t.Values));

    /// <summary>The first name or shape in which others are unlike these: what was expected and found. Null: there is none.</summary>
    internal string? FirstUnlike(TensorSet others)
    {
        foreach (NamedTensor tensor in _tensors)
        {
            NamedTensor? found = others.ByName.GetValueOrDefault(tensor.Name);
            if (found is null || !found.Shape.SequenceEqual(tensor.Shape))
                return Unlike(tensor.Name, tensor.Shape, found?.Shape);
        }
        return others.FirstOrDefault(t => !ByName.ContainsKey(t.Name)) is { } extra ? $"expected no tensor {extra.Name}" : null;
    }

    /// <summary>Takes the values of others.</summary>
    /// <param name="others">All or some of those that are here, of the same shapes.</param>
    /// <exception cref="ArgumentException">One is not here, or of another shape.</exception>
    internal void CopyFrom(TensorSet others)
    {
        foreach (NamedTensor other in others)
        {
            if (!ByName.TryGetValue(other.Name, out NamedTensor? own) || !own.Shape.SequenceEqual(other.Shape))
                throw new ArgumentException($"there is no tensor {other.Name} of shape [{string.Join(", ", other.Shape)}]", nameof(others));
            other.Values.CopyTo(own.Values);
        }
    }

    /// <summary>What is said of a tensor that is not as it should be.</summary>
    private static string Unlike<T>(string name, IEnumerable<T> expected, IEnumerable<T>? found) =>
        $"expected tensor {Printable.Short(name)} of shape [{string.Join(", ", expected)}], found " +
            $"{(found is null ? "none" : $"[{string.Join(", ", found)}]")}";

    private static float[] Filled(ParameterSpec parameter, float value)
    {
        var values = new float[parameter.Shape.Aggregate(1, (a, b) => checked(a * b))];
        Array.Fill(values, value);
        return values;
    }

    private static bool IsAllFinite(ReadOnlySpan<float> values) => System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(values);
}
