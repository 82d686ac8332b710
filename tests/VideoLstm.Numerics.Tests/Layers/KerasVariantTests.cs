using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>What Keras' recurrent layers were and are besides their present defaults, compared with the equations in double precision.</summary>
public class KerasVariantTests
{
    private const int Batch = 3, Time = 4, Inputs = 5, Units = 19;

    public static TheoryData<GateActivation> Gates() => [.. Enum.GetValues<GateActivation>()];

    [Theory]
    [MemberData(nameof(Gates))]
    public void AnLstmHasTheGatesItIsGiven(GateActivation gates) => LayerRun.AssertEqualsDefinition(
        workspace => [new Lstm("lstm", (Time, Inputs), Units, 0, gates, workspace, returnSequences: true)],
        (x, w) => Sequences(x, (row, h, c) =>
        {
            double Sum(int gate, int u) => w[2][gate * Units + u] + Product(row, w[0], 4, gate * Units + u) + Product(h, w[1], 4, gate * Units + u);
            double[] cell = [.. Enumerable.Range(0, Units).Select(u => Gate(gates, Sum(1, u)) * c[u] + Gate(gates, Sum(0, u)) * Math.Tanh(Sum(2, u)))];
            return ([.. cell.Select((value, u) => Gate(gates, Sum(3, u)) * Math.Tanh(value))], cell);
        }),
        Batch);

    [Theory]
    [MemberData(nameof(Gates))]
    public void AGruHasTheGatesItIsGiven(GateActivation gates) => LayerRun.AssertEqualsDefinition(
        workspace => [new Gru("gru", (Time, Inputs), Units, 0, workspace, returnSequences: true, gates)],
        (x, w) => Sequences(x, (row, h, _) =>
        {
            double Input(int gate, int u) => w[2][gate * Units + u] + Product(row, w[0], 3, gate * Units + u);
            double Recurrent(int gate, int u) => w[2][(3 + gate) * Units + u] + Product(h, w[1], 3, gate * Units + u);
            return ([.. Enumerable.Range(0, Units).Select(u =>
            {
                double update = Gate(gates, Input(0, u) + Recurrent(0, u)), reset = Gate(gates, Input(1, u) + Recurrent(1, u));
                return update * h[u] + (1 - update) * Math.Tanh(Input(2, u) + reset * Recurrent(2, u));
            })], h);
        }),
        Batch);

    [Theory]
    [MemberData(nameof(Gates))]
    public void AGruMayResetBeforeTheProduct(GateActivation gates) => LayerRun.AssertEqualsDefinition(
        workspace => [new Gru("gru", (Time, Inputs), Units, 0, workspace, returnSequences: true, gates, resetAfter: false)],
        (x, w) => Sequences(x, (row, h, _) =>
        {
            double Sum(double[] past, int gate, int u) => w[2][gate * Units + u] + Product(row, w[0], 3, gate * Units + u) + Product(past, w[1], 3, gate * Units + u);
            double[] reset = [.. Enumerable.Range(0, Units).Select(u => Gate(gates, Sum(h, 1, u)) * h[u])];
            return ([.. Enumerable.Range(0, Units).Select(u =>
            {
                double update = Gate(gates, Sum(h, 0, u));
                return update * h[u] + (1 - update) * Math.Tanh(Sum(reset, 2, u));
            })], h);
        }),
        Batch);

    /// <summary>A sequence with masked steps is computed as one without them.</summary>
    [Fact]
    public void AGruThatResetsBeforeHeedsTheMask()
    {
        Gru padded = new("gru", (Time + 2, Inputs), Units, 0, new Workspace(), resetAfter: false), exact = new("gru", (Time, Inputs), Units, 0, new Workspace(), resetAfter: false);
        float[] values = LayerRun.Values(Batch * (Time + 2) * Inputs, 3), upstream = LayerRun.Values(Batch * Units, 4);
        foreach ((Parameter a, Parameter b) in padded.Parameters.Zip(exact.Parameters))
        {
            LayerRun.Values(a.Length, 5).CopyTo(a.Value.Span);
            a.Value.Span.CopyTo(b.Value.Span);
        }
        bool[] mask = [.. Enumerable.Range(0, Batch * (Time + 2)).Select(i => i % (Time + 2) is not (1 or 4))];
        float[] real = [.. values.Where((_, i) => mask[i / Inputs])];
        (float[] y, float[] dx) = Run(padded, values, new Pass(Batch, Mask: mask));
        (float[] expected, float[] expectedGradient) = Run(exact, real, new Pass(Batch));
        Assert.Equal(expected, y);
        TensorFixture.AssertClose(expectedGradient, dx.Where((_, i) => mask[i / Inputs]).ToArray(), 1e-6, "gradient of x");
        Assert.All(dx.Where((_, i) => !mask[i / Inputs]), g => Assert.Equal(0, g));
        foreach ((Parameter a, Parameter b) in padded.Parameters.Zip(exact.Parameters))
            TensorFixture.AssertClose(b.Gradient.Span, a.Gradient.Span, 1e-5, a.Name);

        (float[] Y, float[] XGradient) Run(Layer layer, float[] input, Pass pass)
        {
            AlignedBuffer x = new(input.Length), output = new(Batch * Units), gradient = new(Batch * Units), xGradient = new(input.Length);
            input.CopyTo(x.Span);
            upstream.CopyTo(gradient.Span);
            layer.Forward(x, output, pass);
            layer.Backward(x, output, gradient, xGradient, pass);
            return (output.Span.ToArray(), xGradient.Span.ToArray());
        }
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Relu6)]
    public void AnActivationIsItsDefinition(Activation activation) => LayerRun.AssertEqualsDefinition(
        workspace => [new ActivationLayer([37], activation, workspace)],
        (x, _) => [.. x.Select(v => activation switch
        {
            Activation.Tanh => Math.Tanh(v),
            Activation.Sigmoid => 1 / (1 + Math.Exp(-v)),
            Activation.Relu => Math.Max(0, v),
            _ => Math.Clamp(v, 0, 6),
        })],
        Batch, tolerance: 1e-6);

    private static double Gate(GateActivation gates, double v) => gates switch
    {
        GateActivation.HardSigmoid => Math.Clamp(0.2 * v + 0.5, 0, 1),
        GateActivation.HardSigmoid6 => Math.Clamp(v / 6 + 0.5, 0, 1),
        _ => 1 / (1 + Math.Exp(-v)),
    };

    private static double Product(double[] row, double[] matrix, int gates, int column)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
            sum += row[i] * matrix[i * gates * Units + column];
        return sum;
    }

    private static double[] Sequences(double[] x, Func<double[], double[], double[], (double[] Output, double[] Cell)> step)
    {
        var outputs = new List<double>();
        foreach (double[] sequence in x.Chunk(Time * Inputs))
        {
            (double[] h, double[] c) = (new double[Units], new double[Units]);
            foreach (double[] row in sequence.Chunk(Inputs))
            {
                (h, c) = step(row, h, c);
                outputs.AddRange(h);
            }
        }
        return [.. outputs];
    }
}
