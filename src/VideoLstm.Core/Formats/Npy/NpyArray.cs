namespace VideoLstm.Core.Formats.Npy;

/// <summary>An array as read.</summary>
/// <param name="DataType">Type of the values in the file, as NumPy writes it, e.g. <c>&lt;f4</c>.</param>
/// <param name="Shape">Its sizes, slowest dimension first.</param>
/// <param name="Values">Its values, row by row.</param>
public sealed record NpyArray(string DataType, int[] Shape, float[] Values);
