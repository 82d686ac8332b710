using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics.Optimizers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Models;

public class LstmModelTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void ReadsLikeTheArticle()
    {
        var model = Build(75, 2048, LstmModel.Layers(5));
        Assert.Equal(
            [
                "lstm/kernel 2048 8192", "lstm/recurrent_kernel 2048 8192", "lstm/bias 8192",
                "dense/kernel 2048 512", "dense/bias 512", "dense_1/kernel 512 5", "dense_1/bias 5",
            ],
            model.Parameters.Select(p => $"{p.Name} {string.Join(' ', p.Shape)}"));
    }

    [Theory]
    [InlineData("lstm_classifier", false)]
    [InlineData("lstm_classifier_hard_sigmoid", true)]
    public void ProbabilitiesAndGradientsEqualPyTorch(string name, bool hardSigmoid)
    {
        (Network model, TensorFixture fixture, int[] labels) = Load(name, hardSigmoid);
        float[] probabilities = new float[fixture["probabilities"].Length];
        model.Predict(fixture["x"], labels.Length, probabilities);
        TensorFixture.AssertClose(fixture["probabilities"], probabilities, Tolerance, "probabilities");

        AlignedBuffer inputGradient = new(fixture["x"].Length);
        float loss = model.ComputeGradients(Buffer(fixture["x"]), labels, null, out int correct, dropout: null, xGradient: inputGradient);
        Assert.Equal(model.Loss(probabilities, labels, out int predicted), loss);
        Assert.Equal(predicted, correct);
        TensorFixture.AssertClose(fixture["x/gradient"], inputGradient.Span, Tolerance, "x");
        foreach (Parameter p in model.Parameters)
            TensorFixture.AssertClose(fixture[p.Name + "/gradient"], p.Gradient.Span, Tolerance, p.Name);
    }

    [Theory]
    [InlineData("lstm_classifier", false)]
    [InlineData("lstm_classifier_hard_sigmoid", true)]
    public void ThreeStepsWithDropoutEqualPyTorch(string name, bool hardSigmoid)
    {
        (Network model, TensorFixture fixture, int[] labels) = Load(name, hardSigmoid);
        var random = new RandomSource(42);
        var adam = new Adam(0.001, decay: 0.01);
        for (int t = 1; t <= 3; t++)
        {
            float loss = Train(model, Buffer(fixture["x"]), labels, random, adam);
            Assert.Equal(fixture["losses"][t - 1], loss, Tolerance * fixture["losses"][t - 1]);
            if (t == 2)
                continue;
            foreach (Parameter p in model.Parameters)
            {
                TensorFixture.AssertClose(fixture[$"{p.Name}/step{t}"], p.Value.Span, 1e-6, $"{p.Name} after step {t}");
                TensorFixture.AssertClose(
                    Difference(fixture[$"{p.Name}/step{t}"], fixture[p.Name]), Difference(p.Value.Span.ToArray(), fixture[p.Name]), 1e-3, $"change of {p.Name} after step {t}");
            }
        }
    }

    /// <summary>
    /// Along a random direction in each tensor the loss must change as the gradient says. The loss is near 1, has
    /// some 7 digits and moves by 2e-3, so the difference is good to about 1e-4; its curvature adds as much.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void GradientsEqualFiniteDifferences(bool dropout, bool hardSigmoid)
    {
        (Network model, TensorFixture fixture, int[] labels) = Load("lstm_classifier", hardSigmoid);
        AlignedBuffer x = Buffer(fixture["x"]), inputGradient = new(x.Length);
        model.ComputeGradients(x, labels, null, out _, Masks(), xGradient: inputGradient);
        (string Name, Memory<float> Value, float[] Gradient)[] tensors =
        [
            ("x", x.Memory, inputGradient.Span.ToArray()), .. model.Parameters.Select(p => (p.Name, Memory<float>.Empty, p.Gradient.Span.ToArray())),
        ];
        var random = new RandomSource(8);
        for (int i = 0; i < tensors.Length; i++)
        {
            float[] gradient = tensors[i].Gradient;
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(norm > 0, tensors[i].Name);

            // Half along the gradient, half anywhere.
            float[] direction = [.. gradient.Select(g => (float)(g / norm + random.NextNormal() / Math.Sqrt(gradient.Length)))];
            double expected = gradient.Zip(direction, (g, d) => (double)g * d).Sum(), step = 1e-3 / norm;
            double difference = (LossAt(i, direction, step) - LossAt(i, direction, -step)) / (2 * step);
            Assert.True(Math.Abs(difference - expected) < 2e-3 * norm, $"{tensors[i].Name}: gradient {expected}, difference {difference}");
        }

        RandomSource? Masks() => dropout ? new RandomSource(3) : null;

        double LossAt(int index, float[] direction, double step)
        {
            Span<float> value = index == 0 ? x.Span : model.Parameters[index - 1].Value.Span;
            float[] kept = value.ToArray();
            for (int i = 0; i < kept.Length; i++)
                value[i] = (float)(kept[i] + step * direction[i]);
            double loss = model.ComputeGradients(x, labels, null, out _, Masks());
            kept.CopyTo(index == 0 ? x.Span : model.Parameters[index - 1].Value.Span);
            return loss;
        }
    }

    [Fact]
    public void EqualSeedsGiveEqualWeightsWithAnyNumberOfThreads()
    {
        int before = Workers.Count;
        try
        {
            float[][] runs = [.. ((int[])[1, 2, 3]).Select(threads =>
            {
                Workers.Count = threads;
                return Run(seed: 11);
            })];
            Assert.All(runs, r => Assert.True(r.AsSpan().SequenceEqual(runs[0])));
            Assert.False(Run(seed: 12).AsSpan().SequenceEqual(runs[0]));
        }
        finally
        {
            Workers.Count = before;
        }

        static float[] Run(ulong seed)
        {
            const int batch = 33, time = 4, features = 70;
            var model = Build(time, features, LstmModel.Layers(3, units: 256, hidden: 40));
            model.Initialize(new RandomSource(seed));
            (float[] x, int[] labels) = Sequences(batch, time, features, 3);
            var random = new RandomSource(seed, 1);
            var adam = new Adam(1e-3);
            for (int step = 0; step < 3; step++)
                Train(model, Buffer(x), labels, random, adam);
            return [.. model.Parameters.SelectMany(p => p.Value.Span.ToArray())];
        }
    }

    [Fact]
    public void LearnsWhatIsToBeLearnt()
    {
        const int batch = 30, time = 6, features = 20;
        var model = Build(time, features, LstmModel.Layers(3, units: 24, hidden: 16, dropout: 0.3f));
        model.Initialize(new RandomSource(1));
        (float[] x, int[] labels) = Sequences(batch, time, features, 3);
        var random = new RandomSource(2);
        var adam = new Adam(5e-3);
        for (int step = 0; step < 150; step++)
            Train(model, Buffer(x), labels, random, adam);
        float[] probabilities = new float[batch * 3];
        model.Predict(x, batch, probabilities);
        Assert.InRange(model.Loss(probabilities, labels, out int correct), 0, 0.1);
        Assert.Equal(batch, correct);
    }

    [Fact]
    public void PredictsAnyBatchAsItPredictsOneByOne()
    {
        const int batch = 71, time = 3, features = 10;
        var model = Build(time, features, LstmModel.Layers(4, units: 20, hidden: 12));
        model.Initialize(new RandomSource(1));
        (float[] x, _) = Sequences(batch, time, features, 4);
        float[] together = new float[batch * 4], single = new float[4];
        model.Predict(x, batch, together);
        for (int b = 0; b < batch; b++)
        {
            model.Predict(x.AsSpan(b * time * features, time * features), 1, single);
            Assert.Equal(single, together[(b * 4)..(b * 4 + 4)]);
            Assert.Equal(1, single.Sum(), 1e-5);
        }
        model.Predict([], 0, []);
    }

    [Fact]
    public void TrainingAllocatesNothingLargeFromStepToStep()
    {
        const int batch = 16, time = 10, features = 100;
        var model = Build(time, features, LstmModel.Layers(2, units: 128, hidden: 64));
        model.Initialize(new RandomSource(1));
        (float[] x, int[] labels) = Sequences(batch, time, features, 2);
        var adam = new Adam();
        var random = new RandomSource(1);
        AlignedBuffer buffer = Buffer(x);
        Train(model, buffer, labels, random, adam);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Train(model, buffer, labels, random, adam);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void NaNInTheInputShowsInTheLoss()
    {
        var model = Build(2, 3, LstmModel.Layers(2, units: 4, hidden: 4));
        model.Initialize(new RandomSource(1));
        float[] probabilities = new float[2];
        model.Predict([1, 2, float.NaN, 4, 5, 6], 1, probabilities);
        Assert.True(float.IsNaN(model.Loss(probabilities, [0], out _)));
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        var model = Build(2, 3, LstmModel.Layers(2, units: 4, hidden: 4));
        var adam = new Adam();
        var random = new RandomSource(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(model, new AlignedBuffer(6), [2], random, adam));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(model, new AlignedBuffer(6), [-1], random, adam));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(model, new AlignedBuffer(5), [0], random, adam));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(model, new AlignedBuffer(6), [], random, adam));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Predict(new float[6], 1, new float[3]));
        Assert.Throws<ArgumentException>(() => Build(2, 3, LstmModel.Layers(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(0, 3, LstmModel.Layers(2)));
        Assert.Throws<OverflowException>(() => Build(2, 3, LstmModel.Layers(2, units: int.MaxValue)));
    }

    private static Network Build(int time, int features, IReadOnlyList<LayerSpec> layers) =>
        Engine.Build(new NetworkSpec([time, features], layers));

    private static (Network Model, TensorFixture Fixture, int[] Labels) Load(string name, bool hardSigmoid)
    {
        TensorFixture fixture = TensorFixture.Load("Models", name);
        int[] x = fixture.Shape("x"), dense1 = fixture.Shape("dense_1/kernel");
        var model = Build(x[1], x[2],
            LstmModel.Layers(dense1[1], fixture.Shape("lstm/recurrent_kernel")[0], dense1[0], hardSigmoid: hardSigmoid));
        foreach (Parameter p in model.Parameters)
        {
            Assert.Equal(fixture.Shape(p.Name), p.Shape);
            fixture[p.Name].CopyTo(p.Value.Span);
        }
        return (model, fixture, [.. fixture["labels"].Select(l => (int)l)]);
    }

    /// <summary>Noise, in which each class raises features of its own from step to step.</summary>
    private static (float[] X, int[] Labels) Sequences(int batch, int time, int features, int classes)
    {
        var random = new RandomSource(77);
        float[] x = new float[batch * time * features];
        int[] labels = [.. Enumerable.Range(0, batch).Select(b => b % classes)];
        for (int i = 0; i < x.Length; i++)
        {
            int feature = i % features, t = i / features % time, label = labels[i / features / time];
            x[i] = (float)random.NextNormal() * 0.5f + (feature % classes == label ? 0.3f * t : 0);
        }
        return (x, labels);
    }

    private static float Train(Network model, AlignedBuffer x, int[] labels, RandomSource random, Optimizer optimizer)
    {
        float loss = model.ComputeGradients(x, labels, null, out _, random);
        optimizer.Step(model.Parameters);
        return loss;
    }

    private static AlignedBuffer Buffer(float[] values)
    {
        AlignedBuffer buffer = new(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }

    private static float[] Difference(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x - y)];
}
