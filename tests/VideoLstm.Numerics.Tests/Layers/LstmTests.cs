using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

[Collection(nameof(Workers))]
public class LstmTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, bool, SimdLevel> Fixtures()
    {
        var data = new TheoryData<string, bool, SimdLevel>();
        foreach (SimdLevel level in Simd.Supported)
        {
            data.Add("lstm", false, level);
            data.Add("lstm_wide", false, level);
            data.Add("lstm_hard_sigmoid", true, level);
            data.Add("lstm_single", false, level);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void OutputAndGradientsEqualPyTorch(string name, bool hardSigmoid, SimdLevel level)
    {
        TensorFixture fixture = TensorFixture.Load("Layers", name);
        int[] shape = fixture.Shape("x");
        int batch = shape[0], units = fixture.Shape("output")[1];
        var lstm = new Lstm("lstm", (shape[1], shape[2]), units, 0, hardSigmoid ? GateActivation.HardSigmoid : GateActivation.Sigmoid, new Workspace(level));
        fixture["kernel"].CopyTo(lstm.Kernel.Value.Span);
        fixture["recurrent_kernel"].CopyTo(lstm.RecurrentKernel.Value.Span);
        fixture["bias"].CopyTo(lstm.Bias.Value.Span);

        Result pass = Run(lstm, fixture["x"], fixture["upstream"], batch, units, null);

        TensorFixture.AssertClose(fixture["output"], pass.Output, Tolerance, "output");
        TensorFixture.AssertClose(fixture["x_gradient"], pass.InputGradient, Tolerance, "gradient of x");
        TensorFixture.AssertClose(fixture["kernel_gradient"], pass.Kernel, Tolerance, "gradient of kernel");
        TensorFixture.AssertClose(fixture["recurrent_kernel_gradient"], pass.Recurrent, Tolerance, "gradient of recurrent_kernel");
        TensorFixture.AssertClose(fixture["bias_gradient"], pass.Bias, Tolerance, "gradient of bias");
    }

    /// <summary>
    /// The differences are taken of a plain double-precision LSTM, so that they are good to nine digits; the tolerance is for the
    /// single precision of what is tested.
    /// </summary>
    [Theory]
    [InlineData(2, 4, 5, 7, 0f, false)]
    [InlineData(3, 3, 4, 6, 0.4f, false)]
    [InlineData(2, 5, 3, 5, 0f, true)]
    [InlineData(1, 1, 2, 3, 0.5f, true)]
    [InlineData(1, 7, 1, 1, 0f, false)]
    public void GradientsEqualFiniteDifferences(int batch, int time, int inputs, int units, float dropout, bool hardSigmoid)
    {
        var lstm = new Lstm("lstm", (time, inputs), units, dropout, hardSigmoid ? GateActivation.HardSigmoid : GateActivation.Sigmoid, new Workspace());
        var random = new RandomSource(7);
        foreach (Parameter p in (Parameter[])[lstm.Kernel, lstm.RecurrentKernel, lstm.Bias])
            Fill(p.Value.Span, random, 0.7);
        float[] x = Fill(new float[batch * time * inputs], random, 1), upstream = Fill(new float[batch * units], random, 1);
        float[] mask = new float[batch * inputs];
        new RandomSource(5).FillDropoutMask(mask, dropout);

        Result pass = Run(lstm, x, upstream, batch, units, new RandomSource(5));

        double[][] variables = [ToDouble(x), ToDouble(lstm.Kernel.Value.Span), ToDouble(lstm.RecurrentKernel.Value.Span), ToDouble(lstm.Bias.Value.Span)];
        float[][] gradients = [pass.InputGradient, pass.Kernel, pass.Recurrent, pass.Bias];
        double Loss() => ReferenceLstm.Forward(variables[0], variables[1], variables[2], variables[3], mask, batch, time, inputs, units, hardSigmoid)
            .Zip(upstream, (h, u) => h * u).Sum();
        for (int v = 0; v < variables.Length; v++)
            TensorFixture.AssertClose(FiniteDifferences.Of(Loss, variables[v]), gradients[v], Tolerance, $"gradient {v}");
    }

    [Fact]
    public void AllLevelsAndNumbersOfThreadsGiveTheSameBits()
    {
        const int batch = 35, time = 4, inputs = 67, units = 250;
        float[] x = Fill(new float[batch * time * inputs], new RandomSource(1), 1), upstream = Fill(new float[batch * units], new RandomSource(2), 1);
        int before = Workers.Count;
        try
        {
            Result? first = null;
            foreach (SimdLevel level in Simd.Supported)
            {
                foreach (int threads in (int[])[1, 2, 5])
                {
                    Workers.Count = threads;
                    var lstm = new Lstm("lstm", (time, inputs), units, 0.3f, GateActivation.Sigmoid, new Workspace(level));
                    lstm.Initialize(new RandomSource(3));
                    Result pass = Run(lstm, x, upstream, batch, units, new RandomSource(4));
                    first ??= pass;
                    Assert.True(first.All.Zip(pass.All).All(p => p.First.AsSpan().SequenceEqual(p.Second)), $"{level}, {threads} threads");
                }
            }
        }
        finally
        {
            Workers.Count = before;
        }
    }

    [Fact]
    public void ASmallerBatchAfterALargerOneSeesNothingOfIt()
    {
        const int time = 3, inputs = 4, units = 5;
        float[] large = Fill(new float[6 * time * inputs], new RandomSource(1), 1), small = Fill(new float[2 * time * inputs], new RandomSource(2), 1);
        float[] upstream = Fill(new float[6 * units], new RandomSource(3), 1);
        Lstm used = New(), fresh = New();
        Run(used, large, upstream, 6, units, null);
        Result expected = Run(fresh, small, upstream[..(2 * units)], 2, units, null), actual = Run(used, small, upstream[..(2 * units)], 2, units, null);
        Assert.Equal(expected.All, actual.All);

        static Lstm New()
        {
            var lstm = new Lstm("lstm", (time, inputs), units, 0, GateActivation.Sigmoid, new Workspace());
            lstm.Initialize(new RandomSource(9));
            return lstm;
        }
    }

    [Fact]
    public void StartsAsKerasDoes()
    {
        const int inputs = 30, units = 20;
        var lstm = new Lstm("lstm", (2, inputs), units, 0, GateActivation.Sigmoid, new Workspace());
        lstm.Initialize(new RandomSource(1));
        Assert.Equal([.. new float[units], .. Enumerable.Repeat(1f, units), .. new float[2 * units]], lstm.Bias.Value.Span.ToArray());
        double limit = Math.Sqrt(6.0 / (inputs + 4 * units));
        Assert.InRange(lstm.Kernel.Value.Span.ToArray().Max(MathF.Abs), 0.95 * limit, limit);
    }

    [Fact]
    public void RefusesWrongSizes()
    {
        var lstm = new Lstm("lstm", (2, 3), 4, 0, GateActivation.Sigmoid, new Workspace());
        Assert.Throws<ArgumentOutOfRangeException>(() => lstm.Forward(new AlignedBuffer(5), new AlignedBuffer(4), new Pass(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => lstm.Forward(new AlignedBuffer(0), new AlignedBuffer(4), new Pass(0)));
        Assert.Throws<InvalidOperationException>(() => lstm.Backward(new AlignedBuffer(6), new AlignedBuffer(4), new AlignedBuffer(4), null, new Pass(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lstm("lstm", (2, 3), 4, 1f, GateActivation.Sigmoid, new Workspace()));
    }

    private static Result Run(Lstm lstm, float[] x, float[] upstream, int batch, int units, RandomSource? dropout)
    {
        AlignedBuffer input = new(x.Length), output = new(batch * units), gradient = new(batch * units), inputGradient = new(x.Length);
        x.CopyTo(input.Span);
        upstream.CopyTo(gradient.Span);
        var pass = new Pass(batch, dropout);
        lstm.Forward(input, output, pass);
        lstm.Backward(input, output, gradient, inputGradient, pass);
        return new Result(
            output.Span.ToArray(), inputGradient.Span.ToArray(), lstm.Kernel.Gradient.Span.ToArray(), lstm.RecurrentKernel.Gradient.Span.ToArray(), lstm.Bias.Gradient.Span.ToArray());
    }

    private static float[] Fill(float[] values, RandomSource random, double scale)
    {
        Fill(values.AsSpan(), random, scale);
        return values;
    }

    private static void Fill(Span<float> values, RandomSource random, double scale)
    {
        foreach (ref float v in values)
            v = (float)(random.NextNormal() * scale);
    }

    private static double[] ToDouble(ReadOnlySpan<float> values) => [.. values.ToArray().Select(v => (double)v)];

    private sealed record Result(float[] Output, float[] InputGradient, float[] Kernel, float[] Recurrent, float[] Bias)
    {
        public float[][] All => [Output, InputGradient, Kernel, Recurrent, Bias];
    }
}
