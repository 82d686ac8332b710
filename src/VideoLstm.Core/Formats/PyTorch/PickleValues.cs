namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>A class or function that a pickle names. It is only ever compared, never looked up or called.</summary>
internal sealed record PickleGlobal(string Module, string Name, bool IsKnown)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>What only running the pickle could build.</summary>
internal sealed class UnknownValue;

/// <summary>A tuple of a pickle.</summary>
internal sealed record PickleTuple(IReadOnlyList<object?> Items);

/// <summary>A dictionary of a pickle, in its order.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];
}

/// <summary>Memory of tensors: some values of one type, stored elsewhere in the file.</summary>
/// <param name="Type">Name of the values' type in <see cref="ValueTypes"/>.</param>
/// <param name="Key">Name in the file.</param>
/// <param name="Count">Number of values.</param>
internal sealed record PickleStorage(string Type, string Key, long Count);

/// <summary>A tensor: a view of a storage.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
