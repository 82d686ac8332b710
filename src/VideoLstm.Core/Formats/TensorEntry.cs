namespace VideoLstm.Core.Formats;

/// <summary>A tensor as a file's header describes it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="DataType">Type of its values, as safetensors names it: F32, F16, BF16, F64, I64, ...</param>
/// <param name="Shape">Its sizes, slowest dimension first; empty for a single value.</param>
public sealed record TensorEntry(string Name, string DataType, IReadOnlyList<long> Shape)
{
    /// <summary>Number of values.</summary>
    /// <exception cref="OverflowException">More than a 64-bit number can say.</exception>
    public long Count => Shape.Aggregate(1L, (a, b) => checked(a * b));
}
