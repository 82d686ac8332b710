using VideoLstm.Numerics.Kernels;

namespace VideoLstm.Numerics.Tests.Kernels;

public unsafe class ElementwiseTests
{
    /// <summary>Ordinary numbers, dense where the functions bend, and everything odd that a float can be.</summary>
    private static readonly float[] Arguments =
    [
        .. Enumerable.Range(-90_000, 180_001).Select(i => i / 1000f + i * 1e-7f), .. Enumerable.Range(-4000, 8001).Select(i => i / 5000f),
        .. Enumerable.Range(1, 37).SelectMany(i => (float[])[MathF.Pow(10, -i), -MathF.Pow(10, -i)]),
        0f, -0f, float.Epsilon, 0.625f, -0.625f, MathF.BitDecrement(0.625f), 88.3f, 1e30f, -1e30f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    [Fact]
    public void ExpIsAccurate() =>
        AssertAccurate(new Function(FunctionKind.Exp), x => Math.Exp(Math.Clamp(x, -87.3f, 88.3f)), 2);

    [Fact]
    public void SigmoidIsAccurate() => AssertAccurate(new Function(FunctionKind.Sigmoid), x => 1 / (1 + Math.Exp(-Math.Clamp(x, -88.3f, 87.3f))), 3);

    [Fact]
    public void TanhIsAccurate() => AssertAccurate(new Function(FunctionKind.Tanh), x => Math.Tanh(x), 2);

    [Fact]
    public void HardSigmoidIsAccurate() => AssertAccurate(new Function(FunctionKind.HardSigmoid), x => Math.Clamp(0.2f * (double)x + 0.5, 0, 1), 1);

    [Fact]
    public void NaNStaysNaN()
    {
        foreach (FunctionKind kind in Enum.GetValues<FunctionKind>())
        {
            foreach (SimdLevel level in Simd.Supported)
                Assert.All(Apply(new Function(kind), Enumerable.Repeat(float.NaN, 17).ToArray(), level), y => Assert.True(float.IsNaN(y), $"{kind} {level}"));
        }
    }

    [Fact]
    public void AllLevelsGiveTheSameBits()
    {
        float[] numbers = [.. Arguments.Where(x => !float.IsNaN(x))];
        foreach (FunctionKind kind in Enum.GetValues<FunctionKind>())
        {
            float[] expected = Apply(new Function(kind), numbers, SimdLevel.Scalar);
            foreach (SimdLevel level in Simd.Supported)
                Assert.True(expected.AsSpan().SequenceEqual(Apply(new Function(kind), numbers, level)), $"{kind} {level}");
        }
    }

    [Fact]
    public void EveryLengthIsDoneToItsEndAndNoFurther()
    {
        foreach (SimdLevel level in Simd.Supported)
        {
            for (int length = 0; length < 70; length++)
            {
                AlignedBuffer a = new(length + 1), b = new(length + 1), c = new(length + 1);
                a.Span.Fill(3f);
                b.Span.Fill(5f);
                c.Span.Fill(7f);
                Elementwise.Run(new ProductKernel(a.Pointer, b.Pointer, c.Pointer), length, level);
                Assert.True(c.Span[..length].IndexOfAnyExcept(15f) < 0, $"{level} {length}");
                Assert.Equal(7f, c.Span[length]);
                GC.KeepAlive(a);
                GC.KeepAlive(b);
            }
        }
    }

    [Fact]
    public void LongArraysAreDoneByAllWorkers()
    {
        const int length = 100_003;
        AlignedBuffer a = new(length), b = new(length);
        for (int i = 0; i < length; i++)
            a.Span[i] = i % 2 == 0 ? i : -i;
        ActivationFunctions.Forward(a.Pointer, b.Pointer, length, Activation.Relu, Simd.Level);
        for (int i = 0; i < length; i++)
            Assert.Equal(i % 2 == 0 ? i : 0, b.Span[i]);
        GC.KeepAlive(a);
    }

    private static void AssertAccurate(Function function, Func<float, double> reference, double ulps)
    {
        float[] numbers = [.. Arguments.Where(x => !float.IsNaN(x))];
        foreach (SimdLevel level in Simd.Supported)
        {
            float[] actual = Apply(function, numbers, level);
            for (int i = 0; i < numbers.Length; i++)
            {
                double expected = reference(numbers[i]);
                double unit = Math.Max(Math.Abs((double)MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected)), float.Epsilon);
                double error = Math.Abs(actual[i] - expected) / unit;
                Assert.True(error <= ulps, $"{level}: f({numbers[i]:R}) = {actual[i]:R}, expected {expected:R}: {error:F2} units in the last place");
            }
        }
    }

    private static float[] Apply(Function function, float[] x, SimdLevel level)
    {
        AlignedBuffer source = new(x.Length), target = new(x.Length);
        x.CopyTo(source.Span);
        Elementwise.Run(function with { Source = source.Pointer, Target = target.Pointer }, x.Length, level);
        GC.KeepAlive(source);
        return target.Span.ToArray();
    }

    public enum FunctionKind
    {
        Exp,
        Sigmoid,
        HardSigmoid,
        Tanh,
    }

    private struct Function(FunctionKind kind) : IElementKernel
    {
        public float* Source, Target;

        public readonly void Compute<TVector, TLanes>(nint i)
            where TVector : struct
            where TLanes : struct, IFloatLanes<TVector>
        {
            TVector x = TLanes.Load(Source + i);
            TLanes.Store(
                kind switch
                {
                    FunctionKind.Exp => Transcendental.Exp<TVector, TLanes>(x),
                    FunctionKind.Sigmoid => Transcendental.Sigmoid<TVector, TLanes>(x),
                    FunctionKind.HardSigmoid => Transcendental.HardSigmoid<TVector, TLanes>(x, 0.2f),
                    _ => Transcendental.Tanh<TVector, TLanes>(x),
                },
                Target + i);
        }
    }
}
