using System.Runtime.CompilerServices;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// exp, sigmoid and tanh from additions, multiplications and divisions alone, so that every machine computes the same bits.
/// Range reduction and polynomials are those of S. L. Moshier's Cephes library (expf.c, tanhf.c). NaN stays NaN.
/// </summary>
internal static class Transcendental
{
    // Beyond these, 2^n would leave the range of normal floats.
    private const float LeastExponent = -87.3f;
    private const float LargestExponent = 88.3f;

    /// <summary>1.5 * 2^23: adding it rounds a small float to an integer that stands in its low bits.</summary>
    private const float Shift = 12582912f;

    /// <summary>e^x to 1.5 units in the last place; x outside of -87.3 to 88.3 counts as the nearer end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        // x = n ln 2 + r with |r| <= ln(2) / 2; ln 2 in two parts, the first exact in few bits.
        x = Min<TVector, TLanes>(TLanes.Broadcast(LargestExponent), TLanes.Max(TLanes.Broadcast(LeastExponent), x));
        TVector shifted = TLanes.MultiplyAdd(x, TLanes.Broadcast(1.44269504088896341f), TLanes.Broadcast(Shift));
        TVector n = TLanes.Subtract(shifted, TLanes.Broadcast(Shift));
        TVector r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-0.693359375f), x);
        r = TLanes.MultiplyAdd(n, TLanes.Broadcast(2.12194440e-4f), r);

        TVector p = TLanes.Broadcast(1.9875691500e-4f);
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.3981999507e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(8.3334519073e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(4.1665795894e-2f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.6666665459e-1f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(5.0000001201e-1f));
        p = TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), r);
        return TLanes.Multiply(TLanes.Add(p, TLanes.Broadcast(1f)), TLanes.PowerOfTwo(shifted));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector one = TLanes.Broadcast(1f);
        return TLanes.Divide(one, TLanes.Add(one, Exp<TVector, TLanes>(TLanes.Subtract(TLanes.Broadcast(0f), x))));
    }

    /// <summary>A piecewise linear stand-in for the sigmoid: slope · x + 0.5, clipped to 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector HardSigmoid<TVector, TLanes>(TVector x, float slope)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector line = TLanes.MultiplyAdd(x, TLanes.Broadcast(slope), TLanes.Broadcast(0.5f));
        return Min<TVector, TLanes>(TLanes.Broadcast(1f), TLanes.Max(TLanes.Broadcast(0f), line));
    }

    /// <summary>The hyperbolic tangent: an odd polynomial near zero, where 1 - 2 / (e^2x + 1) would cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TVector, TLanes>(TVector x)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector one = TLanes.Broadcast(1f), magnitude = TLanes.CopySign(x, default), square = TLanes.Multiply(x, x);

        TVector p = TLanes.Broadcast(-5.70498872745e-3f);
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(2.06390887954e-2f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(-5.37397155531e-2f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(1.33314422036e-1f));
        p = TLanes.MultiplyAdd(p, square, TLanes.Broadcast(-3.33332819422e-1f));
        TVector near = TLanes.MultiplyAdd(TLanes.Multiply(p, square), x, x);

        TVector power = Exp<TVector, TLanes>(TLanes.Add(magnitude, magnitude));
        TVector far = TLanes.Subtract(one, TLanes.Divide(TLanes.Broadcast(2f), TLanes.Add(power, one)));
        return TLanes.IfLess(magnitude, TLanes.Broadcast(0.625f), near, TLanes.CopySign(far, x));
    }

    /// <summary>The smaller of each pair; <paramref name="b"/> where either is NaN or both are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Min<TVector, TLanes>(TVector a, TVector b)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => TLanes.IfLess(a, b, a, b);
}
