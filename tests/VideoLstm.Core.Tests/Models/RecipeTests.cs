using VideoLstm.Core.Compute;
using VideoLstm.Core.Models;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Models;

public class RecipeTests
{
    public static TheoryData<string> Names() => [.. Recipes.All.Where(r => !r.SeesFrames).Select(r => r.Name)];

    [Theory]
    [InlineData("gru", "gru/kernel 2048 48, gru/recurrent_kernel 16 48, gru/bias 2 48, gru_1/kernel 16 24, gru_1/recurrent_kernel 8 24, gru_1/bias 2 24, dense/kernel 8 8, dense/bias 8, dense_1/kernel 8 5, dense_1/bias 5")]
    [InlineData("mlp", "dense/kernel 40960 512, dense/bias 512, dense_1/kernel 512 512, dense_1/bias 512, dense_2/kernel 512 5, dense_2/bias 5")]
    public void HasItsSourcesParameters(string name, string expected)
    {
        Network network = Engine.Build(new ModelSpec(name, 20, 2048, 5));
        Assert.Equal(expected, string.Join(", ", network.Parameters.Select(p => $"{p.Name} {string.Join(' ', p.Shape)}")));
    }

    /// <summary>The follow-up of the Keras example states how many its sequence model has, for 5 classes and one for unknown words.</summary>
    [Fact]
    public void TheGruHasAsManyParametersAsTheKerasExampleSays() =>
        Assert.Equal(99_918, Engine.Build(new ModelSpec("gru", 20, 2048, 6)).Parameters.Sum(p => p.Length));

    [Theory]
    [InlineData("gru_model")]
    [InlineData("mlp_model")]
    [InlineData("linear_model")]
    [InlineData("attention_model")]
    public void ProbabilitiesAndGradientsEqualPyTorch(string name)
    {
        TensorFixture fixture = TensorFixture.Load("Models", name);
        int[] shape = fixture.Shape("x");
        int classes = fixture.Shape("probabilities")[1];
        IReadOnlyList<LayerSpec> layers = name switch
        {
            "gru_model" => GruModel.Layers(classes, units: 8),
            "mlp_model" => MlpModel.Layers(classes, units: 12),
            "linear_model" => LinearModel.Layers(classes),
            _ => AttentionModel.Layers(classes),
        };
        Network network = Engine.Build(new NetworkSpec([shape[1], shape[2]], layers));
        foreach (Parameter p in network.Parameters)
        {
            Assert.Equal(fixture.Shape(p.Name), p.Shape);
            fixture[p.Name].CopyTo(p.Value.Span);
        }
        float[] probabilities = new float[fixture["probabilities"].Length];
        network.Predict(fixture["x"], shape[0], probabilities);
        TensorFixture.AssertClose(fixture["probabilities"], probabilities, 1e-5, "probabilities");

        AlignedBuffer x = new(fixture["x"].Length), dx = new(fixture["x"].Length);
        fixture["x"].CopyTo(x.Span);
        network.ComputeGradients(x, [.. fixture["labels"].Select(l => (int)l)], null, out _, dropout: null, xGradient: dx);
        TensorFixture.AssertClose(fixture["x/gradient"], dx.Span, 1e-4, "x");
        foreach (Parameter p in network.Parameters)
        {
            // What is added to all keys cancels out: the gradient is 0, but for rounding.
            if (p.Name.EndsWith("key/bias", StringComparison.Ordinal))
                Assert.All(p.Gradient.Span.ToArray(), g => Assert.InRange(g, -1e-6f, 1e-6f));
            else
                TensorFixture.AssertClose(fixture[p.Name + "/gradient"], p.Gradient.Span, 1e-4, p.Name);
        }
        Assert.Equal(fixture["x"], x.Span);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void LearnsWhatIsToBeLearnt(string name)
    {
        const int batch = 24, time = 5, features = 12, classes = 3;
        Network network = Engine.Build(new ModelSpec(name, time, features, classes) { Units = name == "gru" ? 32 : 24 });
        network.Initialize(new RandomSource(1));
        var random = new RandomSource(2);
        AlignedBuffer x = new(batch * time * features);
        int[] labels = [.. Enumerable.Range(0, batch).Select(b => b % classes)];
        for (int i = 0; i < x.Length; i++)
            x.Span[i] = (float)random.NextNormal() * 0.3f + (i % features % classes == labels[i / features / time] ? 1 : 0);
        var adam = new Numerics.Optimizers.Adam(5e-3);
        for (int step = 0; step < 250; step++)
        {
            network.ComputeGradients(x, labels, null, out _, random);
            adam.Step(network.Parameters);
        }
        float[] probabilities = new float[batch * classes];
        network.Predict(x.Span, batch, probabilities);
        network.Loss(probabilities, labels, out int correct);
        Assert.Equal(batch, correct);
    }

    /// <summary>Sequences that share a batch, in any order and with any padding, are judged as each would be alone.</summary>
    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("attention")]
    [InlineData("linear")]
    public void AMaskedSequenceIsJudgedAsIfItWereShort(string name)
    {
        const int time = 9, real = 4, features = 6;
        ModelSpec spec = new(name, time, features, 3) { Units = 10, Bidirectional = true };
        Network padded = Engine.Build(spec), exact = Engine.Build(spec with { SequenceLength = real });
        padded.Initialize(new RandomSource(4));
        // Places have weights of their own, of which the short one has the first few.
        foreach ((Parameter from, Parameter to) in padded.Parameters.Zip(exact.Parameters))
            from.Value.Span[..to.Length].CopyTo(to.Value.Span);
        var random = new RandomSource(5);
        float[] x = new float[2 * time * features], first = new float[3], both = new float[6];
        foreach (ref float value in x.AsSpan())
            value = (float)random.NextNormal();
        exact.Predict(x.AsSpan(0, real * features), 1, first);
        padded.Predict(x, 2, both, [.. Enumerable.Range(0, 2 * time).Select(i => i < real || i >= time)]);
        TensorFixture.AssertClose(first, both.AsSpan(0, 3), 1e-6, "probabilities");
    }

    [Fact]
    public void RefusesWhatItDoesNotKnow() => Assert.Throws<InputException>(() => Engine.Build(new ModelSpec("magic", 2, 3, 2)));
}
