namespace VideoLstm.Numerics.Kernels;

/// <summary>Transforms filters to the points of a tile, in double precision: G w Gᵀ. Not for several threads at once.</summary>
/// <param name="vertical">Points of a column; null where the kernel has one row.</param>
/// <param name="horizontal">Points of a row; null where the kernel has one column.</param>
internal sealed class WinogradFilter(WinogradPoints? vertical, WinogradPoints? horizontal)
{
    private readonly double[,] _vertical = Matrix(vertical);
    private readonly double[,] _horizontal = Matrix(horizontal);
    private readonly double[] _rows = new double[(vertical?.Count ?? 1) * (horizontal?.Taps ?? 1)];

    /// <summary><c>[kernel height, kernel width]</c> to <c>[point rows, point columns]</c>.</summary>
    public void Transform(ReadOnlySpan<float> filter, Span<double> target)
    {
        (int pointRows, int height) = (_vertical.GetLength(0), _vertical.GetLength(1));
        (int pointColumns, int width) = (_horizontal.GetLength(0), _horizontal.GetLength(1));
        for (int y = 0; y < pointRows; y++)
            for (int x = 0; x < width; x++)
            {
                double sum = 0;
                for (int k = 0; k < height; k++)
                    sum += _vertical[y, k] * filter[k * width + x];
                _rows[y * width + x] = sum;
            }
        for (int y = 0; y < pointRows; y++)
            for (int x = 0; x < pointColumns; x++)
            {
                double sum = 0;
                for (int k = 0; k < width; k++)
                    sum += _rows[y * width + k] * _horizontal[x, k];
                target[y * pointColumns + x] = sum;
            }
    }

    private static double[,] Matrix(WinogradPoints? points)
    {
        if (points is null)
            return new double[,] { { 1 } };
        double[,] matrix = new double[points.Count, points.Taps];
        for (int point = 0; point < points.Count; point++)
            for (int tap = 0; tap < points.Taps; tap++)
                matrix[point, tap] = points.FilterCoefficient(point, tap);
        return matrix;
    }
}
