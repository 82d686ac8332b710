namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// Floats seen as a matrix [rows, columns]: element (i, j) lies at <c>Data[i * RowStep + j * ColumnStep]</c>, and one of
/// the two steps is 1. Copies nothing and keeps nothing alive.
/// </summary>
internal readonly unsafe struct MatrixView
{
    public MatrixView(float* data, int rows, int columns)
        : this(data, rows, columns, columns, 1)
    {
    }

    public MatrixView(float* data, int rows, int columns, nint rowStep, nint columnStep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Data = data;
        (Rows, Columns, RowStep, ColumnStep) = (rows, columns, rowStep, columnStep);
    }

    public float* Data { get; }

    public int Rows { get; }

    public int Columns { get; }

    public nint RowStep { get; }

    public nint ColumnStep { get; }

    /// <summary>The same floats with rows and columns exchanged.</summary>
    public MatrixView Transposed => new(Data, Columns, Rows, ColumnStep, RowStep);

    /// <summary>The rows from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    public MatrixView Slice(int first, int count) => new(Data + first * RowStep, count, Columns, RowStep, ColumnStep);
}
