using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Kernels;

[Collection(nameof(Workers))]
public unsafe class GemmTests
{
    /// <summary>Without a fused multiply-add the paths round differently and only come close.</summary>
    private static bool Fuses => Fma.IsSupported || AdvSimd.IsSupported;

    public static TheoryData<SimdLevel, int, int, int> Shapes()
    {
        var data = new TheoryData<SimdLevel, int, int, int>();
        (int, int, int)[] shapes =
        [
            (1, 1, 1), (1, 1, 97), (2, 3, 1), (1, 300, 5), (7, 11, 13), (8, 48, 192), (8, 48, 193), (9, 49, 191), (31, 33, 35), (32, 96, 64), (33, 385, 17),
            (64, 24, 100), (5, 12, 8), (4, 3, 1000), (127, 131, 137), (513, 50, 40), (1030, 401, 7), (37, 800, 200), (3, 4, 0), (0, 5, 6), (5, 0, 6),
        ];
        foreach (SimdLevel level in Simd.Supported)
        {
            foreach ((int m, int n, int k) in shapes)
                data.Add(level, m, n, k);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EveryLevelGivesTheBitsOfThePlainLoops(SimdLevel level, int m, int n, int k)
    {
        foreach (bool transposeA in (bool[])[false, true])
        {
            foreach (bool transposeB in (bool[])[false, true])
            {
                foreach (bool accumulate in (bool[])[false, true])
                {
                    AlignedBuffer a = Random(m * k, 1), b = Random(k * n, 2), expected = Random(m * n, 3), actual = Random(m * n, 3);
                    if (!accumulate)
                        actual.Span.Fill(float.NaN);
                    MatrixView left = transposeA ? new MatrixView(a.Pointer, k, m).Transposed : new MatrixView(a.Pointer, m, k);
                    MatrixView right = transposeB ? new MatrixView(b.Pointer, n, k).Transposed : new MatrixView(b.Pointer, k, n);
                    Gemm.MultiplyReference(left, right, new MatrixView(expected.Pointer, m, n), accumulate);
                    new Workspace(level).Multiply(left, right, new MatrixView(actual.Pointer, m, n), accumulate);
                    if (Fuses)
                        Assert.True(expected.Span.SequenceEqual(actual.Span), $"transposed {transposeA} {transposeB}, accumulate {accumulate}");
                    else
                        TensorFixture.AssertClose(expected.Span, actual.Span, 1e-5, $"transposed {transposeA} {transposeB}, accumulate {accumulate}");
                    GC.KeepAlive(a);
                    GC.KeepAlive(b);
                }
            }
        }
    }

    [Fact]
    public void ThePlainLoopsMultiply()
    {
        AlignedBuffer a = new(6), b = new(6), c = new(4);
        ((ReadOnlySpan<float>)[1, 2, 3, 4, 5, 6]).CopyTo(a.Span);
        ((ReadOnlySpan<float>)[7, 8, 9, 10, 11, 12]).CopyTo(b.Span);
        Gemm.MultiplyReference(new MatrixView(a.Pointer, 2, 3), new MatrixView(b.Pointer, 3, 2), new MatrixView(c.Pointer, 2, 2), accumulate: false);
        Assert.Equal([58, 64, 139, 154], c.Span.ToArray());
        Gemm.MultiplyReference(new MatrixView(a.Pointer, 2, 3), new MatrixView(b.Pointer, 3, 2), new MatrixView(c.Pointer, 2, 2), accumulate: true);
        Assert.Equal([116, 128, 278, 308], c.Span.ToArray());
        GC.KeepAlive(a);
        GC.KeepAlive(b);
    }

    [Fact]
    public void LongSumsStayAccurate()
    {
        const int m = 8, n = 48, k = 8192;
        AlignedBuffer a = Random(m * k, 1), b = Random(k * n, 2), c = new(m * n);
        new Workspace().Multiply(new MatrixView(a.Pointer, m, k), new MatrixView(b.Pointer, k, n), new MatrixView(c.Pointer, m, n));
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int p = 0; p < k; p++)
                    sum += (double)a.Span[i * k + p] * b.Span[p * n + j];
                // 43 partial sums, each rounded by up to 4e-6 when the total is near 100: a random walk of 3e-5, with some room.
                Assert.Equal(sum, c.Span[i * n + j], 1e-4);
            }
        }
    }

    [Theory]
    [InlineData(33, 57, 20)]
    [InlineData(8, 48, 200)]
    public void WritesNothingOutsideOfItsMatrix(int m, int n, int k)
    {
        foreach (SimdLevel level in Simd.Supported)
        {
            int stride = n + 5;
            AlignedBuffer a = Random(m * k, 1), b = Random(k * n, 2), c = new((m + 1) * stride), expected = new(m * n);
            c.Span.Fill(123f);
            new Workspace(level).Multiply(new MatrixView(a.Pointer, m, k), new MatrixView(b.Pointer, k, n), new MatrixView(c.Pointer, m, n, stride, 1));
            Gemm.MultiplyReference(new MatrixView(a.Pointer, m, k), new MatrixView(b.Pointer, k, n), new MatrixView(expected.Pointer, m, n), accumulate: false);
            for (int i = 0; i <= m; i++)
            {
                int inside = i < m ? n : 0;
                TensorFixture.AssertClose(expected.Span.Slice(Math.Min(i, m - 1) * n, inside), c.Span.Slice(i * stride, inside), 1e-5, "row");
                Assert.True(c.Span[(i * stride + inside)..((i + 1) * stride)].IndexOfAnyExcept(123f) < 0, $"{level} wrote behind row {i}");
            }
            GC.KeepAlive(a);
            GC.KeepAlive(b);
        }
    }

    [Fact]
    public void TheNumberOfThreadsChangesNoBit()
    {
        const int m = 70, n = 900, k = 500;
        AlignedBuffer a = Random(m * k, 1), b = Random(k * n, 2);
        int before = Workers.Count;
        try
        {
            float[][] results = [.. ((int[])[1, 2, 3, 7]).Select(threads =>
            {
                Workers.Count = threads;
                var c = new AlignedBuffer(m * n);
                new Workspace().Multiply(new MatrixView(a.Pointer, m, k), new MatrixView(b.Pointer, k, n), new MatrixView(c.Pointer, m, n));
                return c.Span.ToArray();
            })];
            Assert.All(results, r => Assert.True(r.AsSpan().SequenceEqual(results[0])));
        }
        finally
        {
            Workers.Count = before;
        }
    }

    [Fact]
    public void APackedOperandServesManyProducts()
    {
        const int n = 100, k = 60;
        AlignedBuffer a = Random(9 * k, 1), b = Random(k * n, 2), c = new(9 * n), expected = new(9 * n);
        var workspace = new Workspace();
        workspace.Packed.Pack(new MatrixView(b.Pointer, k, n));
        foreach (int m in (int[])[9, 1, 4])
        {
            workspace.MultiplyByPacked(new MatrixView(a.Pointer, m, k), new MatrixView(c.Pointer, m, n));
            Gemm.MultiplyReference(new MatrixView(a.Pointer, m, k), new MatrixView(b.Pointer, k, n), new MatrixView(expected.Pointer, m, n), accumulate: false);
            TensorFixture.AssertClose(expected.Span[..(m * n)], c.Span[..(m * n)], 1e-5, $"{m} rows");
        }
        GC.KeepAlive(a);
        GC.KeepAlive(b);
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        AlignedBuffer x = new(100);
        var workspace = new Workspace();
        Assert.Throws<ArgumentException>(() => workspace.Multiply(new MatrixView(x.Pointer, 2, 3), new MatrixView(x.Pointer, 4, 5), new MatrixView(x.Pointer, 2, 5)));
        Assert.Throws<ArgumentException>(() => workspace.Multiply(new MatrixView(x.Pointer, 2, 3), new MatrixView(x.Pointer, 3, 5), new MatrixView(x.Pointer, 2, 4)));
        Assert.Throws<ArgumentException>(() => workspace.Multiply(new MatrixView(x.Pointer, 2, 3, 20, 2), new MatrixView(x.Pointer, 3, 5), new MatrixView(x.Pointer, 2, 5)));
    }

    private static AlignedBuffer Random(int length, ulong seed)
    {
        var buffer = new AlignedBuffer(length);
        var random = new RandomSource(seed);
        foreach (ref float x in buffer.Span)
            x = (float)(2 * random.NextUniform() - 1);
        return buffer;
    }
}
