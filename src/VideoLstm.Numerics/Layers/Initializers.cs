using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>First values of weights. The same on every machine for the same state of the random source.</summary>
internal static unsafe class Initializers
{
    /// <summary>Rows that are made orthogonal to each other one by one; between such blocks it is matrix products.</summary>
    private const int Block = 32;

    /// <summary>Uniform in ±sqrt(6 / (rows + columns)), so that a layer keeps the variance (X. Glorot, Y. Bengio, 2010).</summary>
    public static void GlorotUniform(Parameter parameter, RandomSource random)
    {
        double limit = Math.Sqrt(6.0 / (parameter.Shape[0] + (double)parameter.Shape[1]));
        foreach (ref float weight in parameter.Value.Span)
            weight = (float)((2 * random.NextUniform() - 1) * limit);
    }

    /// <summary>
    /// Rows of length 1, orthogonal to each other, all such matrices equally likely (A. Saxe et al., 2013): normal numbers
    /// [rows, columns], made orthonormal by Gram-Schmidt. Every row comes out with its own sign, which is what Keras gets by
    /// correcting the signs of its QR decomposition.
    /// </summary>
    public static void Orthogonal(Parameter parameter, RandomSource random, Workspace workspace)
    {
        int rows = parameter.Shape[0], columns = parameter.Shape[1];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, columns, nameof(parameter));
        foreach (ref float weight in parameter.Value.Span)
            weight = (float)random.NextNormal();

        // The first sweep leaves what rounding makes of nearly parallel rows; the second removes it.
        AlignedBuffer shares = new(checked(rows * Block));
        for (int sweep = 0; sweep < 2; sweep++)
            Orthogonalize(parameter.Value.Pointer, rows, columns, shares.Pointer, workspace);
        GC.KeepAlive(shares);
        GC.KeepAlive(parameter);
    }

    private static void Orthogonalize(float* matrix, int rows, int columns, float* shares, Workspace workspace)
    {
        for (int first = 0; first < rows; first += Block)
        {
            int count = Math.Min(Block, rows - first), rest = rows - first - count;
            var done = new MatrixView(matrix + (nint)first * columns, count, columns);
            for (int i = 0; i < count; i++)
            {
                Normalize(done.Slice(i, 1).Data, columns);
                float* row = done.Slice(i, 1).Data;
                Workers.For(count - i - 1, j => Project(row, done.Slice(i + 1 + j, 1).Data, columns));
            }
            if (rest == 0)
                return;

            // rest -= (rest * done^T) * done
            var remaining = new MatrixView(done.Data + (nint)count * columns, rest, columns);
            var share = new MatrixView(shares, rest, count);
            workspace.Multiply(remaining, done.Transposed, share);
            for (nint i = 0; i < (nint)rest * count; i++)
                shares[i] = -shares[i];
            workspace.Multiply(share, done, remaining, accumulate: true);
        }
    }

    private static void Normalize(float* row, int length)
    {
        double scale = 1 / Math.Sqrt(Dot(row, row, length));
        for (int i = 0; i < length; i++)
            row[i] = (float)(row[i] * scale);
    }

    /// <summary>Takes from <paramref name="other"/> its share of <paramref name="row"/>.</summary>
    private static void Project(float* row, float* other, int length)
    {
        double share = Dot(row, other, length);
        for (int i = 0; i < length; i++)
            other[i] = (float)(other[i] - share * row[i]);
    }

    /// <summary>In four sums, in a fixed order: fast enough without vectors, and the same everywhere.</summary>
    private static double Dot(float* a, float* b, int length)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i + 4 <= length; i += 4)
        {
            s0 += (double)a[i] * b[i];
            s1 += (double)a[i + 1] * b[i + 1];
            s2 += (double)a[i + 2] * b[i + 2];
            s3 += (double)a[i + 3] * b[i + 3];
        }
        for (; i < length; i++)
            s0 += (double)a[i] * b[i];
        return s0 + s1 + (s2 + s3);
    }
}
