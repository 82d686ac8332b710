using System.Globalization;

namespace VideoLstm.Core.Media;

/// <summary>A frame rate as containers state it: exact, e.g. 30000/1001 frames/s.</summary>
/// <param name="Numerator">Frames.</param>
/// <param name="Denominator">Seconds; positive.</param>
public readonly record struct Rational(long Numerator, long Denominator)
{
    /// <summary>The quotient.</summary>
    public double Value => (double)Numerator / Denominator;

    /// <summary>Parses <c>30000/1001</c>; null if it is no positive rate.</summary>
    public static Rational? Parse(string? text)
    {
        string[] parts = (text ?? "").Split('/');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long numerator) && numerator > 0
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long denominator) && denominator > 0
            ? new Rational(numerator, denominator) : null;
    }

    /// <summary>The nearest fraction whose parts are at most <paramref name="largest"/>, by continued fractions.</summary>
    public Rational Limit(long largest)
    {
        (long n, long d) = (Numerator, Denominator);
        (long previousN, long previousD, long currentN, long currentD) = (0, 1, 1, 0);
        while (d != 0)
        {
            long whole = n / d;
            Int128 nextN = (Int128)whole * currentN + previousN, nextD = (Int128)whole * currentD + previousD;
            if (nextN > largest || nextD > largest)
                break;
            (previousN, previousD, currentN, currentD) = (currentN, currentD, (long)nextN, (long)nextD);
            (n, d) = (d, n - whole * d);
        }
        return currentD > 0 && currentN > 0
            ? new Rational(currentN, currentD)
            : new Rational(Math.Clamp(Numerator / Denominator, 1, largest), 1);
    }

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Numerator}/{Denominator}");
}
