using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Numerics.Tests.Layers;

/// <summary>Layers one after the other, as a network runs them, with all values kept.</summary>
internal sealed class LayerRun
{
    private readonly Layer[] _layers;
    private readonly AlignedBuffer[] _values;

    /// <summary>Runs layers forward and backward.</summary>
    public LayerRun(Layer[] layers, float[] x, float[] yGradient, int batch, bool training = true)
    {
        _layers = layers;
        Pass pass = new(batch, training ? new RandomSource(1) : null);
        // What is not written shows.
        _values = [Buffer(batch * layers[0].InputSize), .. layers.Select(l => Buffer(batch * l.OutputSize))];
        x.CopyTo(_values[0].Span);
        for (int i = 0; i < layers.Length; i++)
            layers[i].Forward(_values[i], _values[i + 1], pass);
        Y = _values[^1].Span.ToArray();
        foreach (Parameter parameter in layers.SelectMany(l => l.Parameters).Where(p => p.Trainable))
            parameter.Gradient.Span.Fill(float.NaN);
        AlignedBuffer gradient = Buffer(yGradient.Length);
        yGradient.CopyTo(gradient.Span);
        for (int i = layers.Length - 1; i >= 0; i--)
        {
            AlignedBuffer next = Buffer(batch * layers[i].InputSize);
            layers[i].Backward(_values[i], _values[i + 1], gradient, next, pass);
            gradient = next;
        }
        XGradient = gradient.Span.ToArray();
    }

    public float[] Y { get; }

    public float[] XGradient { get; }

    /// <summary>Numbers of both signs that are exactly those of a float.</summary>
    public static float[] Values(int length, ulong seed, float scale = 1)
    {
        RandomSource random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.NextNormal() * scale)];
    }

    /// <summary>
    /// Runs the layers at every level, connected and not, and compares with the definition in double precision and its
    /// gradients by finite differences.
    /// </summary>
    /// <param name="make">The layers, on a workspace.</param>
    /// <param name="define">x and all parameters to y.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="training">Whether it is a pass of training.</param>
    /// <param name="tolerance">Of the largest value.</param>
    public static void AssertEqualsDefinition(Func<Workspace, Layer[]> make, Func<double[], double[][], double[]> define, int batch, bool training = true, double tolerance = 2e-5)
    {
        Layer[] shapes = make(new Workspace());
        float[] x = Values(batch * shapes[0].InputSize, 5), dy = Values(batch * shapes[^1].OutputSize, 6);
        float[][] weights = [.. shapes.SelectMany(l => l.Parameters).Select((p, i) => Values(p.Length, (ulong)i + 7, 0.5f).Select(w => p.Trainable ? w : Math.Abs(w) + 0.1f).ToArray())];
        double[] doubleX = [.. x.Select(v => (double)v)];
        double[][] doubleWeights = [.. weights.Select(w => w.Select(v => (double)v).ToArray())];
        double Loss() => define(doubleX, doubleWeights).Zip(dy, (a, b) => a * b).Sum();
        float[] y = [.. define(doubleX, doubleWeights).Select(v => (float)v)], dx = FiniteDifferences.Of(Loss, doubleX);
        float[][] gradients = [.. doubleWeights.Select(w => FiniteDifferences.Of(Loss, w))];
        foreach (SimdLevel level in Simd.Supported)
            foreach (bool connected in (bool[])[false, true])
            {
                Layer[] layers = make(new Workspace(level));
                if (connected)
                    Layer.Connect(layers);
                Parameter[] parameters = [.. layers.SelectMany(l => l.Parameters)];
                for (int i = 0; i < parameters.Length; i++)
                    weights[i].CopyTo(parameters[i].Value.Span);
                LayerRun run = new(layers, x, dy, batch, training);
                string where = $"{level}, {(connected ? "connected" : "alone")}: ";
                TensorFixture.AssertClose(y, run.Y, tolerance, where + "y");
                TensorFixture.AssertClose(dx, run.XGradient, tolerance, where + "gradient of x");
                for (int i = 0; i < parameters.Length; i++)
                    if (parameters[i].Trainable)
                        TensorFixture.AssertClose(gradients[i], parameters[i].Gradient.Span, tolerance, where + "gradient of " + parameters[i].Name);
            }
    }

    private static AlignedBuffer Buffer(int length)
    {
        AlignedBuffer buffer = new(length);
        buffer.Span.Fill(float.NaN);
        return buffer;
    }
}
