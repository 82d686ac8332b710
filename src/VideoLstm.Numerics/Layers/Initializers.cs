using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Layers;

/// <summary>First values of weights. The same on every machine for the same state of the random source.</summary>
internal static unsafe class Initializers
{
    /// <summary>Rows that are made orthogonal to each other one by one; above that it is matrix products.</summary>
    private const int Block = 4;

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
        fixed (float* matrix = parameter.Value, shares = new AlignedBuffer((rows + 1) / 2 * (rows / 2)))
        {
            for (int sweep = 0; sweep < 2; sweep++)
                Orthogonalize(new MatrixView(matrix, rows, columns), shares, workspace);
        }
    }

    /// <summary>Gram-Schmidt by halves: the first half in itself, then its share taken from the second, then that in itself.</summary>
    private static void Orthogonalize(MatrixView rows, float* shares, Workspace workspace)
    {
        if (rows.Rows <= Block)
        {
            for (int i = 0; i < rows.Rows; i++)
            {
                float* row = rows.Slice(i, 1).Data;
                Normalize(row, rows.Columns);
                for (int j = i + 1; j < rows.Rows; j++)
                    Project(row, rows.Slice(j, 1).Data, rows.Columns);
            }
            return;
        }
        MatrixView first = rows.Slice(0, rows.Rows / 2), second = rows.Slice(first.Rows, rows.Rows - first.Rows);
        Orthogonalize(first, shares, workspace);

        // second -= (second * first^T) * first
        var share = new MatrixView(shares, second.Rows, first.Rows);
        workspace.Multiply(second, first.Transposed, share);
        foreach (ref float s in new Span<float>(shares, second.Rows * first.Rows))
            s = -s;
        workspace.Multiply(share, first, second, accumulate: true);
        Orthogonalize(second, shares, workspace);
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
