using System.Numerics.Tensors;

namespace VideoLstm.Core.Samples;

/// <summary>
/// A line of values made shorter or longer: smoothed by a Gaussian, edges mirrored, then taken at new places between two values
/// (bilinear, pixels as areas). Both at once, so that only what is taken is smoothed: each new value is a sum of a few weighted old ones.
/// </summary>
internal sealed class Resampling
{
    private readonly int _source;
    private readonly int _taps;
    private readonly int[] _starts;
    private readonly float[] _weights;

    /// <summary>Plans the work.</summary>
    /// <param name="source">Values that there are.</param>
    /// <param name="target">Values that are wanted.</param>
    /// <param name="smoothing">The kernel, of an odd number of weights.</param>
    public Resampling(int source, int target, double[] smoothing)
    {
        _source = source;
        var rows = new SortedDictionary<int, double>[target];
        for (int i = 0; i < target; i++)
        {
            double place = Math.Clamp((i + 0.5) * source / target - 0.5, 0, source - 1);
            int left = Math.Min((int)place, Math.Max(source - 2, 0));
            rows[i] = [];
            for (int k = 0; k < smoothing.Length; k++)
            {
                int offset = k - smoothing.Length / 2;
                Add(rows[i], Mirror(left + offset, source), smoothing[k] * (1 - (place - left)));
                Add(rows[i], Mirror(left + 1 + offset, source), smoothing[k] * (place - left));
            }
        }
        _taps = rows.Max(r => r.Keys.Last() - r.Keys.First() + 1);
        _starts = [.. rows.Select(r => Math.Min(r.Keys.First(), source - _taps))];
        _weights = new float[target * _taps];
        for (int i = 0; i < target; i++)
        {
            foreach ((int at, double weight) in rows[i])
                _weights[i * _taps + at - _starts[i]] = (float)weight;
        }
    }

    /// <summary>Weights that smooth nothing.</summary>
    public static double[] NoSmoothing => [1];

    /// <summary>Weights of a Gaussian that add up to 1.</summary>
    public static double[] Gaussian(double sigma, int radius)
    {
        double[] weights = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(x => Math.Exp(-x * x / (2 * sigma * sigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }

    /// <summary>Resamples the columns of a picture: <c>[source, width]</c> to <c>[target, width]</c>.</summary>
    public void Columns(ReadOnlySpan<float> source, Span<float> target, int width)
    {
        for (int y = 0; y < _starts.Length; y++)
        {
            Span<float> row = target.Slice(y * width, width);
            ReadOnlySpan<float> weights = _weights.AsSpan(y * _taps, _taps);
            TensorPrimitives.Multiply(source.Slice(_starts[y] * width, width), weights[0], row);
            for (int k = 1; k < weights.Length; k++)
                TensorPrimitives.MultiplyAdd(source.Slice((_starts[y] + k) * width, width), weights[k], row, row);
        }
    }

    /// <summary>Resamples the rows of a picture: <c>[height, source]</c> to <c>[height, target]</c>.</summary>
    public void Rows(ReadOnlySpan<float> source, Span<float> target, int height)
    {
        int length = _starts.Length;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<float> row = source.Slice(y * _source, _source);
            Span<float> result = target.Slice(y * length, length);
            for (int x = 0; x < result.Length; x++)
            {
                ReadOnlySpan<float> weights = _weights.AsSpan(x * _taps, _taps), values = row.Slice(_starts[x], _taps);
                float sum = 0;
                for (int k = 0; k < weights.Length && k < values.Length; k++)
                    sum += weights[k] * values[k];
                result[x] = sum;
            }
        }
    }

    private static void Add(SortedDictionary<int, double> row, int at, double weight)
    {
        if (weight != 0)
            row[at] = row.GetValueOrDefault(at) + weight;
    }

    // The value at the edge is the mirror, and is not repeated.
    private static int Mirror(int at, int length)
    {
        while (at < 0 || at >= length)
            at = length == 1 ? 0 : at < 0 ? -at : 2 * (length - 1) - at;
        return at;
    }
}
