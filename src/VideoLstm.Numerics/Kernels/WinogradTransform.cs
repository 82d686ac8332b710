using System.Runtime.CompilerServices;
using static VideoLstm.Numerics.Kernels.ActivationMap;

namespace VideoLstm.Numerics.Kernels;

/// <summary>
/// The transforms Bᵀ and Aᵀ of <see cref="WinogradPoints"/> along lines of 16-channel blocks. Neither matrix is written
/// down: a pair of points ±p shares the even and the odd part of its polynomial. All steps are in floats.
/// </summary>
/// <typeparam name="TVector">A register.</typeparam>
/// <typeparam name="TLanes">Its operations.</typeparam>
/// <typeparam name="TPairs">Pairs of points, 1 to 5.</typeparam>
internal static unsafe class WinogradTransform<TVector, TLanes, TPairs>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TPairs : struct, IConstant
{
    /// <summary>On each line, evaluates 2 · pairs + 2 inputs at as many points: 0, ±p for each pair, infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input(WinogradLines* lines, float* coefficients)
    {
        float* source = lines->Source, target = lines->Target;
        for (int line = 0; line < lines->Count; line++, source += lines->SourceLine, target += lines->TargetLine)
            for (int lane = 0; lane < BlockSize; lane += TLanes.Count)
                Input(source + lane, lines->SourceStep, target + lane, lines->TargetStep, coefficients);
    }

    /// <summary>On each line, interpolates outputs from the products at the points.</summary>
    /// <param name="lines">Where.</param>
    /// <param name="coefficients">Powers of the points.</param>
    /// <param name="all">Whether these are all outputs of a tile, the last of which takes in the point at infinity.</param>
    /// <param name="bias">What is added to every output: a block.</param>
    /// <param name="relu">Negative outputs become zero.</param>
    /// <typeparam name="TOutputs">How many outputs, 1 to 6.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output<TOutputs>(WinogradLines* lines, float* coefficients, bool all, float* bias, bool relu)
        where TOutputs : struct, IConstant
    {
        TVector floor = TLanes.Broadcast(relu ? 0f : float.NegativeInfinity);
        float* source = lines->Source, target = lines->Target;
        for (int line = 0; line < lines->Count; line++, source += lines->SourceLine, target += lines->TargetLine)
            for (int lane = 0; lane < BlockSize; lane += TLanes.Count)
                Output<TOutputs>(source + lane, lines->SourceStep, target + lane, lines->TargetStep, coefficients, all,
                    TLanes.Load(bias + lane), floor);
    }

    /// <summary>
    /// On each line, takes the gradients of a tile's outputs to the points: A, the transpose of what outputs are interpolated by.
    /// </summary>
    /// <typeparam name="TOutputs">Outputs of a tile: 2, 4 or 6.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient<TOutputs>(WinogradLines* lines, float* coefficients)
        where TOutputs : struct, IConstant
    {
        float* source = lines->Source, target = lines->Target;
        for (int line = 0; line < lines->Count; line++, source += lines->SourceLine, target += lines->TargetLine)
            for (int lane = 0; lane < BlockSize; lane += TLanes.Count)
                OutputGradient<TOutputs>(source + lane, lines->SourceStep, target + lane, lines->TargetStep, coefficients);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Input(float* source, nint step, float* target, nint targetStep, float* coefficients)
    {
        TVector d0 = TLanes.Load(source), d1 = TLanes.Load(source + step), d2 = TLanes.Load(source + 2 * step),
            d3 = TLanes.Load(source + 3 * step);
        TVector d4 = default, d5 = default, d6 = default, d7 = default, d8 = default, d9 = default, d10 = default, d11 = default;
        if (TPairs.Value > 1) (d4, d5) = (TLanes.Load(source + 4 * step), TLanes.Load(source + 5 * step));
        if (TPairs.Value > 2) (d6, d7) = (TLanes.Load(source + 6 * step), TLanes.Load(source + 7 * step));
        if (TPairs.Value > 3) (d8, d9) = (TLanes.Load(source + 8 * step), TLanes.Load(source + 9 * step));
        if (TPairs.Value > 4) (d10, d11) = (TLanes.Load(source + 10 * step), TLanes.Load(source + 11 * step));

        float* last = coefficients + TPairs.Value * TPairs.Value;
        TLanes.Store(Sum(last, TPairs.Value, d0, d2, d4, d6, d8, d10), target);
        for (int pair = 0; pair < TPairs.Value; pair++)
        {
            TVector even = Sum(coefficients, TPairs.Value - 1, d2, d4, d6, d8, d10, default);
            TVector odd = Sum(coefficients, TPairs.Value - 1, d1, d3, d5, d7, d9, default);
            TVector side = TLanes.Multiply(TLanes.Broadcast(coefficients[TPairs.Value - 1]), odd);
            target += targetStep;
            TLanes.Store(TLanes.Add(even, side), target);
            target += targetStep;
            TLanes.Store(TLanes.Subtract(even, side), target);
            coefficients += TPairs.Value;
        }
        TLanes.Store(Sum(last, TPairs.Value, d1, d3, d5, d7, d9, d11), target + targetStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output<TOutputs>(float* source, nint step, float* target, nint targetStep, float* coefficients, bool all,
        TVector bias, TVector floor)
        where TOutputs : struct, IConstant
    {
        TVector y0 = TLanes.Add(bias, TLanes.Load(source)), y1 = bias, y2 = bias, y3 = bias, y4 = bias, y5 = bias;
        for (int pair = 0; pair < TPairs.Value; pair++)
        {
            source += step;
            TVector plus = TLanes.Load(source);
            source += step;
            TVector minus = TLanes.Load(source);
            TVector even = TLanes.Add(plus, minus), odd = TLanes.Subtract(plus, minus);
            y0 = TLanes.Add(y0, even);
            if (TOutputs.Value > 1) y1 = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[0]), odd, y1);
            if (TOutputs.Value > 2) y2 = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[1]), even, y2);
            if (TOutputs.Value > 3) y3 = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[2]), odd, y3);
            if (TOutputs.Value > 4) y4 = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[3]), even, y4);
            if (TOutputs.Value > 5) y5 = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[4]), odd, y5);
            coefficients += WinogradPoints.MaximumOutputs - 1;
        }
        if (all)
        {
            TVector infinity = TLanes.Load(source + step);
            if (TOutputs.Value == 2) y1 = TLanes.Add(y1, infinity);
            if (TOutputs.Value == 4) y3 = TLanes.Add(y3, infinity);
            if (TOutputs.Value == 6) y5 = TLanes.Add(y5, infinity);
        }
        TLanes.Store(TLanes.Max(floor, y0), target);
        if (TOutputs.Value > 1) TLanes.Store(TLanes.Max(floor, y1), target + targetStep);
        if (TOutputs.Value > 2) TLanes.Store(TLanes.Max(floor, y2), target + 2 * targetStep);
        if (TOutputs.Value > 3) TLanes.Store(TLanes.Max(floor, y3), target + 3 * targetStep);
        if (TOutputs.Value > 4) TLanes.Store(TLanes.Max(floor, y4), target + 4 * targetStep);
        if (TOutputs.Value > 5) TLanes.Store(TLanes.Max(floor, y5), target + 5 * targetStep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputGradient<TOutputs>(float* source, nint step, float* target, nint targetStep, float* coefficients)
        where TOutputs : struct, IConstant
    {
        TVector y0 = TLanes.Load(source), y1 = TLanes.Load(source + step), y2 = default, y3 = default, y4 = default, y5 = default;
        if (TOutputs.Value > 2) (y2, y3) = (TLanes.Load(source + 2 * step), TLanes.Load(source + 3 * step));
        if (TOutputs.Value > 4) (y4, y5) = (TLanes.Load(source + 4 * step), TLanes.Load(source + 5 * step));
        TLanes.Store(y0, target);
        for (int pair = 0; pair < TPairs.Value; pair++)
        {
            TVector even = y0, odd = TLanes.Multiply(TLanes.Broadcast(coefficients[0]), y1);
            if (TOutputs.Value > 2)
            {
                even = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[1]), y2, even);
                odd = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[2]), y3, odd);
            }
            if (TOutputs.Value > 4)
            {
                even = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[3]), y4, even);
                odd = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[4]), y5, odd);
            }
            target += targetStep;
            TLanes.Store(TLanes.Add(even, odd), target);
            target += targetStep;
            TLanes.Store(TLanes.Subtract(even, odd), target);
            coefficients += WinogradPoints.MaximumOutputs - 1;
        }
        TLanes.Store(TOutputs.Value == 2 ? y1 : TOutputs.Value == 4 ? y3 : y5, target + targetStep);
    }

    /// <summary>c0 a + c1 b + ..., with <paramref name="count"/> coefficients and then the 1 that is not stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sum(float* c, int count, TVector a, TVector b, TVector d, TVector e, TVector f, TVector g)
    {
        TVector sum = count switch { 0 => a, 1 => b, 2 => d, 3 => e, 4 => f, _ => g };
        if (count > 0) sum = TLanes.MultiplyAdd(TLanes.Broadcast(c[0]), a, sum);
        if (count > 1) sum = TLanes.MultiplyAdd(TLanes.Broadcast(c[1]), b, sum);
        if (count > 2) sum = TLanes.MultiplyAdd(TLanes.Broadcast(c[2]), d, sum);
        if (count > 3) sum = TLanes.MultiplyAdd(TLanes.Broadcast(c[3]), e, sum);
        if (count > 4) sum = TLanes.MultiplyAdd(TLanes.Broadcast(c[4]), f, sum);
        return sum;
    }
}
