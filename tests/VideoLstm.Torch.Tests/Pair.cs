using VideoLstm.Core.Compute;
using VideoLstm.Numerics;
using Xunit.Abstractions;

namespace VideoLstm.Torch.Tests;

/// <summary>A network twice, computed by the CPU engine and by torch, with the same random weights.</summary>
internal sealed class Pair : IDisposable
{
    /// <summary>What may differ, as a share of the largest value.</summary>
    public const double Tolerance = 1e-4;

    private readonly ITestOutputHelper? _output;
    private readonly RandomSource _random;

    /// <param name="spec">What it is.</param>
    /// <param name="torch">Computes it the second time.</param>
    /// <param name="output">Told how near they are.</param>
    /// <param name="weights">Its weights; null: random ones.</param>
    /// <param name="seed">Of all that is random but the kernels.</param>
    public Pair(NetworkSpec spec, IBackend torch, ITestOutputHelper? output, TensorSet? weights = null, ulong seed = 5)
    {
        (Spec, _output, _random) = (spec, output, new(seed));
        (Engine, Torch) = (new CpuBackend().CreateNetwork(spec), torch.CreateNetwork(spec));
        if (weights is not null)
        {
            Engine.Import(weights);
            Torch.Import(weights);
            return;
        }
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

    /// <summary>
    /// Inputs at which the gradient does not jump: none of the millions of values is so near to 0, or to another one of its window, that
    /// rounding would decide whether ReLU or a pooling lets it through.
    /// </summary>
    public float[] SmoothInputs(int[] labels)
    {
        TensorSet before = Copy(Engine.Export());
        // Steps that go nowhere, but for moving statistics: what remains of them is the gradient.
        using ITrainingSession session = Engine.Train(new OptimizerSpec(OptimizerKind.Sgd, 1e-20), new LossSpec());
        for (int draw = 1; draw <= 60; draw++)
        {
            float[] x = Inputs(labels.Length), apart = [.. x.Select(_ => 4e-6f * ((float)_random.NextUniform() - 0.5f))];
            TensorSet here = Gradient(x);
            // Of two values that are nearly the same, one is the larger here or there.
            if (IsNear(here, Gradient([.. x.Zip(apart, (v, d) => v + d)])) && IsNear(here, Gradient([.. x.Zip(apart, (v, d) => v - d)])))
            {
                Tell($"draw {draw}");
                Engine.Import(before);
                return x;
            }
        }
        throw new InvalidOperationException("rounding decides for all inputs");

        bool IsNear(TensorSet here, TensorSet there) =>
            here.Zip(there).All(t => Share(t.First.Values.Span, t.Second.Values.Span) < Tolerance / 2);

        TensorSet Gradient(float[] x)
        {
            session.Step(x, labels, null, new RandomSource(11));
            return Copy(session.State);
        }
    }

    public void Dispose()
    {
        Engine.Dispose();
        Torch.Dispose();
    }

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
        OptimizerSpec optimizer, LossSpec loss, int batch, bool masked = false, int steps = 1, bool smooth = false)
    {
        using ITrainingSession engine = Engine.Train(optimizer, loss), torch = Torch.Train(optimizer, loss);
        (RandomSource ofEngine, RandomSource ofTorch) = (new(11), new(11));
        TensorSet before = Copy(Engine.Export());
        for (int step = 0; step < steps; step++)
        {
            int[] labels = Labels(batch);
            float[] x = smooth ? SmoothInputs(labels) : Inputs(batch);
            bool[]? mask = masked ? Mask(batch) : null;
            StepResult expected = engine.Step(x, labels, mask, ofEngine), found = torch.Step(x, labels, mask, ofTorch);
            AssertSame("loss", [expected.Loss], [found.Loss]);
            Assert.Equal((expected.Correct, expected.CorrectInTop), (found.Correct, found.CorrectInTop));
            // Dropout has drawn the same numbers, as many.
            Assert.Equal(ofEngine.NextBits(), ofTorch.NextBits());
        }
        Assert.Equal(engine.Steps, torch.Steps);
        Assert.Equal(engine.CurrentRate, torch.CurrentRate);
        AssertSame(Engine.Export(), Torch.Export());
        AssertSame(Without(engine.State), Without(torch.State));
        // Where samples are few, a unit may be silent for all of them.
        ParameterSpec[] trainable = [.. Spec.Parameters.Where(p => p.Trainable)], learnt = [.. trainable.Where(p => !IsRounding(p.Name))];
        TensorSet after = Torch.Export();
        int changed = learnt.Count(p => !before[p.Name].Values.Span.SequenceEqual(after[p.Name].Values.Span));
        Assert.True(changed > 0.9 * learnt.Length - 2, $"{changed} of {learnt.Length} weights were changed");
        Assert.All(Spec.Parameters.Except(trainable).Where(p => !p.Name.Contains("moving_", StringComparison.Ordinal)), p =>
            Assert.Equal(before[p.Name].Values.ToArray(), after[p.Name].Values.ToArray()));
    }

    public void AssertSame(TensorSet expected, TensorSet found)
    {
        Assert.Equal(
            expected.Select(t => (t.Name, string.Join(", ", t.Shape))), found.Select(t => (t.Name, string.Join(", ", t.Shape))));
        double largest = 0;
        foreach (NamedTensor tensor in expected)
            largest = Math.Max(largest, Difference(tensor.Name, tensor.Values.Span, found[tensor.Name].Values.Span));
        Tell($"{expected.Count} tensors: {largest:0.0e0}");
    }

    public void AssertSame(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> found) =>
        Tell($"{what}: {Difference(what, expected, found):0.0e0}");

    public static TensorSet Copy(TensorSet tensors) => new([.. tensors.Select(t =>
    {
        float[] values = t.Values.ToArray();
        return new NamedTensor(t.Name, t.Shape, () => values);
    })]);

    private void Tell(string line) => _output?.WriteLine(line);

    private TensorSet Without(TensorSet state) => new(state.Where(t => !IsRounding(t.Name)));

    // Whether the gradient of a parameter is rounding only: shares of softmax do not depend on the keys' bias, and batch norm takes away
    // again what a bias before it adds.
    private bool IsRounding(string name) =>
        name.Contains("key/bias", StringComparison.Ordinal) || Spec.Layers.Zip(Spec.Layers.Skip(1)).Any(l =>
            l is { First.Spec: Conv2DSpec { Activation: ActivationKind.Linear }, Second.Spec: BatchNormalizationSpec }
                && name.StartsWith(l.First.Paths[0] + "/bias", StringComparison.Ordinal));

    private static double Difference(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        Assert.Equal(expected.Length, found.Length);
        double share = Share(expected, found);
        Assert.True(share <= Tolerance, $"{what} differs by {share:0.0e0} of its largest value");
        return share;
    }

    // The largest difference, as a share of the largest value; where there is no number, no number.
    private static double Share(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double scale = 0, largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs(expected[i]));
            largest = Math.Max(largest, Math.Abs((double)expected[i] - found[i]));
        }
        return largest == 0 ? 0 : largest / Math.Max(scale, 1e-30);
    }
}
