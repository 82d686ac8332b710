namespace VideoLstm.Core.Formats.Onnx;

/// <summary>What goes into a graph, or comes out.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Number of TensorProto.DataType; 0: not said.</param>
/// <param name="Shape">Its sizes; null in it: any. Null: not said.</param>
internal sealed record OnnxValue(string Name, int Type, IReadOnlyList<long?>? Shape)
{
    private static readonly string[] Types =
    [
        "of any type", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32",
        "uint64", "complex64", "complex128", "bfloat16",
    ];

    /// <summary>Its type as NumPy calls it.</summary>
    public string TypeName => Type >= 0 && Type < Types.Length ? Types[Type] : $"of type {Type}";

    /// <summary>Name, type and shape in a line.</summary>
    public override string ToString() => $"{Printable.Short(Name)} {TypeName} " +
        (Shape is null ? "of any shape" : $"[{string.Join(", ", Shape.Select(s => s is { } size ? Invariant($"{size}") : "any"))}]");
}
