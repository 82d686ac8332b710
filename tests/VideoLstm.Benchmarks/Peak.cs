using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Benchmarks;

/// <summary>What one core of this machine can do at most: multiply-adds on registers alone.</summary>
internal static class Peak
{
    private static readonly Lazy<double> _gflops = new(() => Measure(Simd.Level));

    /// <summary>GFLOP/s of one core with the instructions in use, the best of several runs.</summary>
    public static double Gflops => _gflops.Value;

    public static double Measure(SimdLevel level) => level switch
    {
        SimdLevel.Avx512 => Measure<Vector512<float>, Float512>(),
        SimdLevel.Avx2 => Measure<Vector256<float>, Float256>(),
        SimdLevel.Vector128 => Measure<Vector128<float>, Float128>(),
        _ => Measure<float, Float1>(),
    };

    private static double Measure<TVector, TLanes>()
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        const int Steps = 5_000_000;
        const int Sums = 12;
        double best = 0;
        for (int run = 0; run < 12; run++)
        {
            // Processor time: what other programs take of it is no property of the core.
            TimeSpan start = Environment.CpuUsage.TotalTime;
            Keep(Run<TVector, TLanes>(Steps));
            best = Math.Max(best, 2.0 * Steps * Sums * TLanes.Count / (Environment.CpuUsage.TotalTime - start).TotalSeconds / 1e9);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep<T>(T value) => GC.KeepAlive(value);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TVector Run<TVector, TLanes>(int steps)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        TVector x = TLanes.Broadcast(0.999f), y = TLanes.Broadcast(0.001f);
        TVector a = x, b = x, c = x, d = x, e = x, f = x, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int step = 0; step < steps; step++)
        {
            a = TLanes.MultiplyAdd(a, x, y);
            b = TLanes.MultiplyAdd(b, x, y);
            c = TLanes.MultiplyAdd(c, x, y);
            d = TLanes.MultiplyAdd(d, x, y);
            e = TLanes.MultiplyAdd(e, x, y);
            f = TLanes.MultiplyAdd(f, x, y);
            g = TLanes.MultiplyAdd(g, x, y);
            h = TLanes.MultiplyAdd(h, x, y);
            i = TLanes.MultiplyAdd(i, x, y);
            j = TLanes.MultiplyAdd(j, x, y);
            k = TLanes.MultiplyAdd(k, x, y);
            l = TLanes.MultiplyAdd(l, x, y);
        }
        return TLanes.Add(TLanes.Add(TLanes.Add(a, b), TLanes.Add(c, d)), TLanes.Add(TLanes.Add(TLanes.Add(e, f), TLanes.Add(g, h)), TLanes.Add(TLanes.Add(i, j), TLanes.Add(k, l))));
    }
}
