using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>A network twice, computed by the CPU engine and by torch, with the same random weights.</summary>
internal sealed class Pair
{
    /// <summary>What may differ, as a share of the largest value.</summary>
    public const double Tolerance = 1e-4;

    private readonly ITestOutputHelper _output;
    private readonly RandomSource _random = new(5);

    public Pair(NetworkSpec spec, IBackend torch, ITestOutputHelper output)
    {
        (Spec, _output) = (spec, output);
        (Engine, Torch) = (new CpuBackend().CreateNetwork(spec), torch.CreateNetwork(spec));
        Engine.Initialize(7);
        foreach (NamedTensor tensor in Engine.Export())
        {
            // Biases, gammas and moving statistics are to differ from channel to channel, but not so much that samples and places no longer
            // do: where values are alike, rounding decides which one is the largest of a window.
            bool isKernel = tensor.Name.EndsWith("kernel", StringComparison.Ordinal);
            float gain = tensor.Name.EndsWith("depthwise_kernel", StringComparison.Ordinal) ? 2 * MathF.Sqrt(tensor.Shape[2]) : 1.5f;
            foreach (ref float value in tensor.Values.Span)
                value = isKernel ? gain * value : value + 0.1f * ((float)_random.NextUniform() - 0.5f);
        }
        Torch.Import(Engine.Export());
    }

    public NetworkSpec Spec { get; }

    public ITrainableNetwork Engine { get; }

    public ITrainableNetwork Torch { get; }

    private int InputSize => Spec.InputShape.Aggregate(1, (a, b) => a * b);

    public float[] Inputs(int batch) => [.. Enumerable.Range(0, batch * InputSize).Select(_ => (float)(_random.NextUniform() * 2 - 1))];

    public int[] Labels(int batch) => [.. Enumerable.Range(0, batch).Select(_ => _random.NextIndex(Spec.OutputShape[0]))];

    /// <summary>Real steps and others in any order; of the third sample none is real.</summary>
    public bool[] Mask(int batch) =>
        [.. Enumerable.Range(0, batch * Spec.InputShape[0]).Select(i => i / Spec.InputShape[0] != 2 && _random.NextIndex(3) > 0)];

    public void AssertSamePredictions(int batch, bool[]? mask = null)
    {
        float[] x = Inputs(batch);
        float[] expected = new float[batch * Spec.OutputShape[0]], found = new float[expected.Length];
        Engine.Predict(x, batch, expected, mask);
        Torch.Predict(x, batch, found, mask);
        AssertSame("probabilities", expected, found);
        // Samples that are alike would prove nothing.
        int classes = Spec.OutputShape[0];
        Assert.True(
            Enumerable.Range(0, classes).Max(c => Math.Abs(expected[c] - expected[classes + c])) > 1e-4, string.Join(' ', expected));
    }

    /// <summary>Takes steps on both; afterwards all weights, what the optimizers remember, losses and hits are the same.</summary>
    public void AssertSameSteps(
        OptimizerSpec optimizer, LossSpec loss, int batch, bool masked = false, int steps = 1,
        double tolerance = Tolerance)
    {
        (ITrainingSession engine, ITrainingSession torch) = (Engine.Train(optimizer, loss), Torch.Train(optimizer, loss));
        (RandomSource ofEngine, RandomSource ofTorch) = (new(11), new(11));
        TensorSet before = Copy(Engine.Export());
        for (int step = 0; step < steps; step++)
        {
            float[] x = Inputs(batch);
            int[] labels = Labels(batch);
            bool[]? mask = masked ? Mask(batch) : null;
            (float expectedLoss, int expectedCorrect) = engine.Step(x, labels, mask, ofEngine);
            (float foundLoss, int foundCorrect) = torch.Step(x, labels, mask, ofTorch);
            AssertSame("loss", [expectedLoss], [foundLoss]);
            Assert.Equal(expectedCorrect, foundCorrect);
            // Dropout has drawn the same numbers, as many.
            Assert.Equal(ofEngine.NextBits(), ofTorch.NextBits());
        }
        Assert.Equal(engine.Steps, torch.Steps);
        Assert.Equal(engine.CurrentRate, torch.CurrentRate);
        AssertSame(Engine.Export(), Torch.Export());
        // Shares of softmax do not depend on the keys' bias: its gradient is rounding only.
        AssertSame(Without(engine.State), Without(torch.State), tolerance);
        // Where samples are few, a unit may be silent for all of them.
        ParameterSpec[] trainable = [.. Spec.Parameters.Where(p => p.Trainable)];
        TensorSet after = Torch.Export();
        int changed = trainable.Count(p => !before[p.Name].Values.Span.SequenceEqual(after[p.Name].Values.Span));
        Assert.True(changed > 0.9 * trainable.Length - 2, $"{changed} of {trainable.Length} weights were changed");
        Assert.All(Spec.Parameters.Except(trainable).Where(p => !p.Name.Contains("moving_", StringComparison.Ordinal)), p =>
            Assert.Equal(before[p.Name].Values.ToArray(), after[p.Name].Values.ToArray()));
    }

    public void AssertSame(TensorSet expected, TensorSet found, double tolerance = Tolerance)
    {
        Assert.Equal(
            expected.Select(t => (t.Name, string.Join(", ", t.Shape))), found.Select(t => (t.Name, string.Join(", ", t.Shape))));
        double largest = 0;
        foreach (NamedTensor tensor in expected)
            largest = Math.Max(largest, Difference(tensor.Name, tensor.Values.Span, found[tensor.Name].Values.Span, tolerance));
        _output.WriteLine($"{expected.Count} tensors: {largest:0.0e0}");
    }

    public void AssertSame(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> found) =>
        _output.WriteLine($"{what}: {Difference(what, expected, found, Tolerance):0.0e0}");

    public static TensorSet Copy(TensorSet tensors) => new([.. tensors.Select(t =>
    {
        float[] values = t.Values.ToArray();
        return new NamedTensor(t.Name, t.Shape, () => values);
    })]);

    private static TensorSet Without(TensorSet state) => new(state.Where(t => !t.Name.Contains("key/bias", StringComparison.Ordinal)));

    private static double Difference(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double scale = 0, largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs(expected[i]));
            largest = Math.Max(largest, Math.Abs((double)expected[i] - found[i]));
            Assert.False(float.IsNaN(found[i]), $"{what} has NaN");
        }
        double share = largest == 0 ? 0 : largest / Math.Max(scale, 1e-30);
        Assert.True(share <= tolerance, $"{what} differs by {share:0.0e0} of its largest value");
        return share;
    }
}
