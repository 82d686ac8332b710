using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>Whole sequences, masks and both directions, for LSTM and GRU; single outputs are in <see cref="LstmTests"/>.</summary>
[Collection(nameof(Workers))]
public class RecurrentLayerTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, SimdLevel> Fixtures()
    {
        var data = new TheoryData<string, SimdLevel>();
        foreach (SimdLevel level in Simd.Supported)
        {
            foreach (string kind in (string[])["gru", "lstm"])
            {
                foreach (string name in (string[])["sequence", "masked", "bidirectional"])
                    data.Add($"{kind}_{name}", level);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void OutputsAndGradientsEqualPyTorch(string name, SimdLevel level)
    {
        TensorFixture fixture = TensorFixture.Load("Layers", name);
        (int batch, int time, int inputs) = (fixture.Shape("x")[0], fixture.Shape("x")[1], fixture.Shape("x")[2]);
        var workspace = new Workspace(level);
        RecurrentLayer forward = Load("forward/"), layer = forward;
        RecurrentLayer? backward = name.EndsWith("bidirectional", StringComparison.Ordinal) ? Load("backward/") : null;
        Layer tested = backward is null ? layer : new Bidirectional(forward, backward);
        bool[] mask = [.. fixture["lengths"].SelectMany(length => Enumerable.Range(0, time).Select(t => t < length))];
        var pass = new Pass(batch, Mask: Array.TrueForAll(mask, m => m) ? null : mask);

        AlignedBuffer x = Buffer(fixture["x"]), y = new(fixture["output"].Length), dy = Buffer(fixture["upstream"]), dx = new(x.Length);
        // A mask is no excuse for reading what it hides.
        for (int i = 0; i < mask.Length; i++)
        {
            if (!mask[i])
                x.Span.Slice(i * inputs, inputs).Fill(1000f);
        }
        tested.Forward(x, y, pass);
        tested.Backward(x, y, dy, dx, pass);

        TensorFixture.AssertClose(fixture["output"], y.Span, Tolerance, "output");
        TensorFixture.AssertClose(fixture["x_gradient"], dx.Span, Tolerance, "gradient of x");
        Check(forward, "forward/");
        if (backward is not null)
            Check(backward, "backward/");

        RecurrentLayer Load(string prefix)
        {
            int units = fixture.Shape(prefix + "recurrent_kernel")[0];
            RecurrentLayer made = name.StartsWith("gru", StringComparison.Ordinal)
                ? new Gru("gru", (time, inputs), units, 0, workspace, returnSequences: true)
                : new Lstm("lstm", (time, inputs), units, 0, GateActivation.Sigmoid, workspace, returnSequences: true);
            foreach (Parameter p in made.Parameters)
            {
                Assert.Equal(fixture.Shape(prefix + ShortName(p)), p.Shape);
                fixture[prefix + ShortName(p)].CopyTo(p.Value.Span);
            }
            return made;
        }

        void Check(RecurrentLayer made, string prefix)
        {
            foreach (Parameter p in made.Parameters)
                TensorFixture.AssertClose(fixture[$"{prefix}{ShortName(p)}_gradient"], p.Gradient.Span, Tolerance, prefix + p.Name);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheLastOutputIsTheLastOfTheSequence(bool gru)
    {
        const int batch = 3, time = 5, inputs = 4, units = 6;
        float[] values = Random(batch * time * inputs, 1);
        bool[] mask = [.. Enumerable.Range(0, batch * time).Select(i => i % time < 2 + i / time)];
        RecurrentLayer all = Create(gru, time, inputs, units, returnSequences: true), last = Create(gru, time, inputs, units, returnSequences: false);
        AlignedBuffer x = Buffer(values), sequence = new(batch * time * units), single = new(batch * units);
        all.Forward(x, sequence, new Pass(batch, Mask: mask));
        last.Forward(x, single, new Pass(batch, Mask: mask));
        for (int b = 0; b < batch; b++)
            Assert.Equal(sequence.Span.Slice((b * time + time - 1) * units, units), single.Span.Slice(b * units, units));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PaddingChangesNotABitOfAShorterSequence(bool gru)
    {
        const int batch = 2, time = 4, padded = 7, inputs = 5, units = 20;
        float[] values = Random(batch * time * inputs, 3);
        RecurrentLayer exact = Create(gru, time, inputs, units, returnSequences: false), longer = Create(gru, padded, inputs, units, returnSequences: false);
        AlignedBuffer x = Buffer(values), wide = new(batch * padded * inputs), y = new(batch * units), same = new(batch * units);
        for (int b = 0; b < batch; b++)
            x.Span.Slice(b * time * inputs, time * inputs).CopyTo(wide.Span[(b * padded * inputs)..]);
        exact.Forward(x, y, new Pass(batch));
        longer.Forward(wide, same, new Pass(batch, Mask: [.. Enumerable.Range(0, batch * padded).Select(i => i % padded < time)]));
        Assert.Equal(y.Span, same.Span);

        // Nor of the gradients.
        AlignedBuffer dy = Buffer(Random(batch * units, 4)), dySame = Buffer(Random(batch * units, 4)), dx = new(x.Length), dxSame = new(wide.Length);
        exact.Backward(x, y, dy, dx, new Pass(batch));
        longer.Backward(wide, same, dySame, dxSame, new Pass(batch, Mask: [.. Enumerable.Range(0, batch * padded).Select(i => i % padded < time)]));
        for (int b = 0; b < batch; b++)
        {
            Assert.Equal(dx.Span.Slice(b * time * inputs, time * inputs), dxSame.Span.Slice(b * padded * inputs, time * inputs));
            Assert.True(dxSame.Span.Slice((b * padded + time) * inputs, (padded - time) * inputs).IndexOfAnyExcept(0f) < 0);
        }
        for (int p = 0; p < exact.Parameters.Count; p++)
            TensorFixture.AssertClose(exact.Parameters[p].Gradient.Span.ToArray(), longer.Parameters[p].Gradient.Span, 1e-6, exact.Parameters[p].Name);
    }

    [Fact]
    public void GruStartsAsKerasDoes()
    {
        RecurrentLayer gru = Create(gru: true, 2, 30, 20, returnSequences: false);
        Assert.True(gru.Bias.Value.Span.IndexOfAnyExcept(0f) < 0);
        double limit = Math.Sqrt(6.0 / (30 + 60));
        Assert.InRange(gru.Kernel.Value.Span.ToArray().Max(MathF.Abs), 0.95 * limit, limit);
        for (int i = 0; i < 20; i++)
            Assert.Equal(1, gru.RecurrentKernel.Value.Span.Slice(i * 60, 60).ToArray().Sum(w => (double)w * w), 1e-5);
    }

    [Fact]
    public void RefusesAMaskThatIsTooShort() => Assert.Throws<ArgumentOutOfRangeException>(() =>
        Create(gru: true, 3, 2, 2, returnSequences: false).Forward(new AlignedBuffer(12), new AlignedBuffer(4), new Pass(2, Mask: new bool[5])));

    private static RecurrentLayer Create(bool gru, int time, int inputs, int units, bool returnSequences)
    {
        RecurrentLayer layer = gru
            ? new Gru("gru", (time, inputs), units, 0, new Workspace(), returnSequences)
            : new Lstm("lstm", (time, inputs), units, 0, GateActivation.Sigmoid, new Workspace(), returnSequences);
        layer.Initialize(new RandomSource(5));
        return layer;
    }

    private static string ShortName(Parameter parameter) => parameter.Name[(parameter.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static float[] Random(int count, ulong seed)
    {
        var random = new RandomSource(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }

    private static AlignedBuffer Buffer(float[] values)
    {
        AlignedBuffer buffer = new(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }
}
