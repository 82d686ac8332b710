namespace VideoLstm.Numerics.Kernels;

internal static unsafe class MatrixViewExtensions
{
    /// <summary>The first floats of a buffer as a matrix in row-major order.</summary>
    public static MatrixView Matrix(this AlignedBuffer buffer, int rows, int columns) => new(buffer.Pointer, rows, columns);
}
