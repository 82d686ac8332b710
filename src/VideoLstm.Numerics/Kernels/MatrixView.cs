namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Floats seen as a matrix [rows, columns]: element (i, j) lies at <c>Data[i * RowStride + j * ColumnStride]</c>, and one of
/// the two steps is 1. Copies nothing and keeps nothing alive.
/// </summary>
internal readonly unsafe struct MatrixView
{
    public MatrixView(float* data, int rows, int columns)
        : this(data, rows, columns, columns, 1)
    {
    }

    public MatrixView(float* data, int rows, int columns, nint rowStride, nint columnStride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Data = data;
        (Rows, Columns, RowStride, ColumnStride) = (rows, columns, rowStride, columnStride);
    }

    public float* Data { get; }

    public int Rows { get; }

    public int Columns { get; }

    public nint RowStride { get; }

    public nint ColumnStride { get; }

    /// <summary>The same floats with rows and columns exchanged.</summary>
    public MatrixView Transposed => new(Data, Columns, Rows, ColumnStride, RowStride);

    /// <summary>The rows from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    public MatrixView Slice(int first, int count) => new(Data + first * RowStride, count, Columns, RowStride, ColumnStride);
}
