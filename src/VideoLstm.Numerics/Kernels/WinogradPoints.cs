namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The numbers of a one-dimensional Winograd (Toom-Cook) convolution F(outputs, taps): that many neighbouring outputs of a
/// filter of that many taps by only <see cref="Count"/> = outputs + taps - 1 multiplications,
/// <c>output = Aᵀ [(G filter) · (Bᵀ input)]</c>: both are evaluated as polynomials at points, multiplied there, and interpolated.
/// <para>
/// The points are 0, infinity and pairs ±p, so that what the two of a pair share is computed once. The pairs are those of
/// small rational numbers that gave the least error in single precision.
/// </para>
/// <para>
/// S. Winograd: Arithmetic Complexity of Computations (1980). A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural
/// Networks (https://arxiv.org/abs/1509.09308). B. Barabasz, A. Anderson, K. Soodhalter, D. Gregg: Error Analysis and
/// Improving the Accuracy of Winograd Convolution for Deep Neural Networks (https://arxiv.org/abs/1803.10986).
/// </para>
/// </summary>
internal sealed unsafe class WinogradPoints
{
    /// <summary>The most outputs of a tile.</summary>
    public const int MaximumOutputs = 6;

    private static readonly double[][] _pairs = [[], [1], [0.75, 1.5], [0.5, 1, 2], [0.4, 0.8, 1.25, 2.5], [0.4, 0.75, 1, 1.5, 2.5]];

    private readonly double[] _points;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly AlignedBuffer _filter;

    /// <summary>
    /// F(<paramref name="outputs"/>, <paramref name="taps"/>): 2, 4 or 6 outputs, an odd number of taps, at most 12 points.
    /// </summary>
    public WinogradPoints(int outputs, int taps)
    {
        (Outputs, Taps) = (outputs, taps);
        if (!Exist(outputs, taps))
            throw new ArgumentException($"no points for F({outputs}, {taps})", nameof(outputs));
        double[] pairs = _pairs[Pairs];
        _points = [0, .. pairs.SelectMany(p => new[] { p, -p })];

        // x · Π(x² - p²) over all pairs, and over all but one: the coefficients of every second power, the highest, 1, left out.
        List<double> input = [];
        foreach (double pair in pairs)
            input.AddRange([.. Product(pairs.Where(p => p != pair)).SkipLast(1), pair]);
        input.AddRange(Product(pairs).SkipLast(1));
        _input = Buffer(input);
        _output = Buffer(pairs.SelectMany(p => Enumerable.Range(1, MaximumOutputs - 1).Select(k => Math.Pow(p, k))));
        _filter = Buffer(Enumerable.Range(0, Count).SelectMany(point =>
            Enumerable.Range(0, taps).Select(tap => FilterCoefficient(point, tap))));
    }

    /// <summary>Whether there are points for F(<paramref name="outputs"/>, <paramref name="taps"/>).</summary>
    public static bool Exist(int outputs, int taps) =>
        outputs is 2 or 4 or MaximumOutputs && taps % 2 == 1 && taps >= 3 && outputs + taps - 1 <= 2 * _pairs.Length;

    /// <summary>Outputs of a tile.</summary>
    public int Outputs { get; }

    /// <summary>Taps of the filter.</summary>
    public int Taps { get; }

    /// <summary>Points, and inputs of a tile.</summary>
    public int Count => Outputs + Taps - 1;

    /// <summary>Pairs among them.</summary>
    public int Pairs => Count / 2 - 1;

    /// <summary>
    /// For each pair ±p: the coefficients of Π(x² - q²) over the other pairs, lowest power first, without the leading 1; p. Then
    /// those of all pairs.
    /// </summary>
    public float* InputCoefficients => _input.Pointer;

    /// <summary>For each pair ±p: its powers from 1 to <see cref="MaximumOutputs"/> - 1.</summary>
    public float* OutputCoefficients => _output.Pointer;

    /// <summary>G: <c>[points, taps]</c>.</summary>
    public float* FilterCoefficients => _filter.Pointer;

    /// <summary>What point <paramref name="point"/> takes of tap <paramref name="tap"/>: an element of G.</summary>
    public double FilterCoefficient(int point, int tap)
    {
        if (point == _points.Length)
            return tap == Taps - 1 ? 1 : 0;
        double divisor = 1;
        foreach (double other in _points.Where((_, i) => i != point))
            divisor *= _points[point] - other;
        return Math.Pow(_points[point], tap) / divisor;
    }

    /// <summary>The coefficients of Π(x - p²), lowest power first.</summary>
    private static double[] Product(IEnumerable<double> pairs)
    {
        double[] product = [1];
        foreach (double pair in pairs)
            product = [.. Enumerable.Range(0, product.Length + 1).Select(i =>
                (i > 0 ? product[i - 1] : 0) - (i < product.Length ? pair * pair * product[i] : 0))];
        return product;
    }

    private static AlignedBuffer Buffer(IEnumerable<double> values)
    {
        float[] singles = [.. values.Select(v => (float)v)];
        AlignedBuffer buffer = new(singles.Length);
        singles.CopyTo(buffer.Span);
        return buffer;
    }
}
