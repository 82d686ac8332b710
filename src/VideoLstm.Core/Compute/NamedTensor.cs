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
}
