using System.Numerics;

namespace VideoLstm.Numerics;

/// <summary>
/// Random numbers that are the same on every machine and in every version of .NET: xoshiro256** by D. Blackman and S. Vigna,
/// seeded through their splitmix64 (prng.di.unimi.it). Not for several threads at once, and not for secrets.
/// </summary>
public sealed class RandomSource
{
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    /// <summary>Starts a sequence.</summary>
    /// <param name="seed">Equal seeds give equal sequences.</param>
    /// <param name="stream">Sequences of one seed that have nothing to do with each other: one for each purpose or epoch.</param>
    public RandomSource(ulong seed, ulong stream = 0)
    {
        ulong state = seed;
        if (stream != 0)
            state = SplitMix(ref state) ^ stream;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    internal RandomSource(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform from 0 to <paramref name="bound"/> - 1, without bias.</summary>
    public int NextIndex(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound, unfair = (0u - range) % range;
        ulong product;
        do
            product = (NextBits() >> 32) * range;
        while ((uint)product < unfair);
        return (int)(product >> 32);
    }

    /// <summary>Normal with mean 0 and deviation 1, by Marsaglia's polar method.</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }
        double u, v, square;
        do
        {
            u = 2 * NextUniform() - 1;
            v = 2 * NextUniform() - 1;
            square = u * u + v * v;
        }
        while (square is >= 1 or 0);
        double scale = Math.Sqrt(-2 * Log(square) / square);
        _spareNormal = v * scale;
        return u * scale;
    }

    /// <summary>Puts the items into random order; every order is equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextIndex(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Fills a dropout mask: 0 with probability <paramref name="rate"/>, else 1 / (1 - rate), so that the mean stays 1.</summary>
    public void FillDropoutMask(Span<float> mask, float rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1f);
        float kept = 1f / (1f - rate);
        for (int i = 0; i < mask.Length; i++)
            mask[i] = NextUniform() < rate ? 0f : kept;
    }

    /// <summary>
    /// The natural logarithm of a positive normal number, from exact operations only: the platform's own differs in the last bit
    /// from machine to machine. x = 2^k m with m near 1; ln m = 2 artanh((m - 1) / (m + 1)) as a series.
    /// </summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }
        double s = (m - 1) / (m + 1), square = s * s, sum = 0;
        for (int k = 23; k >= 1; k -= 2)
            sum = sum * square + 1.0 / k;
        return exponent * 0.69314718055994531 + 2 * s * sum;
    }

    /// <summary>The next 64 bits of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).</summary>
    /// <param name="state">Where the sequence is; moved on.</param>
    public static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
