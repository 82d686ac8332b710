using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;
using VideoLstm.Numerics;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Models;

/// <summary>
/// Recipes that see frames. Weights and pictures are those of tests/references/recipes.py, which makes them of the same hash;
/// of the gradients there are sums and products.
/// </summary>
public class FrameRecipeTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("convnet_gru", "convnet-gru")]
    [InlineData("convnet_lstm", "convnet-lstm")]
    [InlineData("convnet_flatten", "convnet-flatten")]
    [InlineData("mobilenet_gru", "mobilenet-gru")]
    [InlineData("mobilenet_flatten", "mobilenet-flatten")]
    [InlineData("mobilenet", "mobilenet")]
    [InlineData("lrcn", "lrcn")]
    [InlineData("lrcn_2017", "lrcn", true)]
    [InlineData("conv3d", "conv3d")]
    [InlineData("c3d", "c3d")]
    [InlineData("c3d_2017", "c3d", true)]
    [InlineData("i3d", "i3d")]
    public void ParametersProbabilitiesAndGradientsEqualPyTorch(string name, string recipe, bool isFirstEdition = false)
    {
        TensorFixture fixture = TensorFixture.Load("Models", name);
        int[] shape = [.. fixture["shape"].Select(s => (int)s)];
        (int batch, int time, int height, int width, int classes) = (shape[0], shape[1], shape[2], shape[3], shape[4]);
        Network network = Engine.Build(new ModelSpec(recipe, time, 0, classes) { Height = height, Width = width, Alpha = recipe.StartsWith("mobilenet", StringComparison.Ordinal) ? 0.5 : 1, TrainableLayers = 1000, Edition = isFirstEdition ? null : Recipes.Find(recipe)!.Edition });
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Parameter p = network.Parameters[i];
            Assert.Equal(fixture[p.Name], p.Shape.Select(s => (float)s));
            Fill(p, i + 1);
        }

        AlignedBuffer x = new(batch * network.InputSize);
        Noise((int)fixture["pictures"][0], x.Span);
        (float scale, float offset) = Recipes.Find(recipe)!.Pixels;
        foreach (ref float value in x.Span)
            value = MathF.Floor((value + 1) * 128) * scale + offset;
        float[] probabilities = new float[batch * classes];
        network.Predict(x.Span, batch, probabilities);
        TensorFixture.AssertClose(fixture["probabilities"], probabilities, Tolerance, "probabilities");

        network.ComputeGradients(x, [.. Enumerable.Range(0, batch).Select(b => b % classes)], null, out _, dropout: null);
        for (int i = 0; i < network.Parameters.Count; i++)
        {
            Parameter p = network.Parameters[i];
            if (!p.Trainable)
                continue;
            float[] expected = fixture[p.Name + "/gradient"], first = new float[p.Length], second = new float[p.Length];
            Noise(5000 + i, first);
            Noise(9000 + i, second);
            double norm = Math.Sqrt(expected[1]);
            ReadOnlySpan<float> gradient = p.Gradient.Span;
            double sum = 0, squares = 0, along = 0, across = 0;
            for (int k = 0; k < gradient.Length; k++)
            {
                sum += gradient[k];
                squares += (double)gradient[k] * gradient[k];
                along += (double)gradient[k] * first[k];
                across += (double)gradient[k] * second[k];
            }
            Assert.Equal(norm, Math.Sqrt(squares), Tolerance * norm);
            // Errors of single numbers add up like random ones: by the root of their number.
            double limit = Tolerance * norm;
            Assert.Equal(expected[2], along, limit);
            Assert.Equal(expected[3], across, limit);
            Assert.Equal(expected[0], sum, limit * Math.Sqrt(gradient.Length));
        }
    }

    [Theory]
    [InlineData("lrcn", 2, 20, 20)]
    [InlineData("conv3d", 10, 80, 80)]
    [InlineData("c3d", 7, 80, 80)]
    public void RefusesFramesThatAreTooSmallOrTooFew(string recipe, int time, int height, int width)
    {
        InputException refused = Assert.Throws<InputException>(() => Engine.Build(new ModelSpec(recipe, time, 0, 2) { Height = height, Width = width }));
        Assert.Contains($"{time} frames of {height} x {width}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void TheLastNineLayersOfMobileNetAreTrained()
    {
        ITrainableNetwork network = MobileNet(2);
        Assert.Equal(
            ["conv_pw_12/kernel", "conv_pw_12_bn/gamma", "conv_pw_12_bn/beta", "conv_dw_13/depthwise_kernel", "conv_dw_13_bn/gamma", "conv_dw_13_bn/beta", "conv_pw_13/kernel", "conv_pw_13_bn/gamma", "conv_pw_13_bn/beta"],
            network.Spec.Layers.Where(MobileNetGruModel.IsMobileNets).SelectMany(l => l.Parameters).Where(p => p.Trainable).Select(p => p.Name));
        // What keras.applications.mobilenet without top has, all in all.
        Assert.Equal(3_228_864, network.Spec.Layers.Where(MobileNetGruModel.IsMobileNets).SelectMany(l => l.Parameters).Sum(p => p.Shape.Aggregate(1, (a, b) => a * b)));
    }

    /// <summary>What it is, files did not say before there was a second edition.</summary>
    [Fact]
    public void AClassifierOfLrcnsFirstEditionStillLoads()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("first.bin"), newer = folder.File("newer.bin");
        const string said = """
            {"version":2,"model":"lrcn","model_options":{"units":4,"layers":1,"bidirectional":false,"hard_sigmoid":false,"alpha":1},"classes":["A","B"],"sequence_length":2,"height":80,"width":80,"sampling":"Even","fit":"Resize","pad":false,"window_seconds":0,"step_seconds":0,"clip_frames":12,"input":"Rgb","augmentation":"","backend":"cpu","epoch":1,"val_loss":0.5,"val_acc":1}
            """;
        using ITrainableNetwork network = Recipes.Build(new ModelSpec("lrcn", 2, 0, 2) { Height = 80, Width = 80, Units = 4 }, Engine.Backend);
        network.Initialize(1);
        using (FileStream stream = File.Create(path))
            SafetensorsWriter.Write(stream, network.Export().ToWrite(), new Dictionary<string, string> { ["format"] = "vlstm-classifier", ["classifier"] = said });

        ClassifierFile file = ClassifierFile.Open(path, new ClassifierHints());
        using ITrainableNetwork loaded = file.Load(Engine.Backend);
        Assert.DoesNotContain(loaded.Spec.Layers, l => l.Spec is BatchNormalizationSpec);
        Assert.Null(network.Export().FirstUnlike(loaded.Export()));
        Assert.Equal(network.Export().SelectMany(t => t.Values.ToArray()), loaded.Export().SelectMany(t => t.Values.ToArray()));

        ModelSpec spec = ModelSpec.Of(LrcnModel.Recipe, file.Info.Sequences, 2);
        using ITrainableNetwork second = Recipes.Build(spec, Engine.Backend);
        Checkpoint.Save(newer, second, file.Info with { Model = spec });
        using ITrainableNetwork reloaded = ClassifierFile.Open(newer, new ClassifierHints()).Load(Engine.Backend);
        Assert.Equal(10, reloaded.Spec.Layers.Count(l => l.Spec is BatchNormalizationSpec));
        Assert.Throws<InputException>(() => Recipes.Network(spec with { Edition = 2017 }));
    }

    [Theory]
    [InlineData("mobilenet-flatten", 2, 32, 1)]
    [InlineData("c3d", 16, 80, 8)]
    public void FilesThatNameNoEditionGoWithoutBatchNorm(string recipe, int time, int side, int count)
    {
        ModelSpec spec = new(recipe, time, 0, 2) { Height = side, Width = side };
        int Own(int? edition) => Recipes.Network(spec with { Edition = edition }).Layers.Count(l => l.Spec is BatchNormalizationSpec && !MobileNetGruModel.IsMobileNets(l));
        Assert.Equal(0, Own(null));
        Assert.Equal(count, Own(Recipes.Find(recipe)!.Edition));
        Assert.Throws<InputException>(() => Own(2025));
    }

    /// <summary>A step an epoch is what a few dozen clips give: moving statistics that lag behind call all clips the same.</summary>
    [Fact]
    public void AfterAFewStepsLrcnTellsApartWhatItLearnt()
    {
        const int Batch = 4;
        using ITrainableNetwork network = Recipes.Build(
            new ModelSpec("lrcn", 2, 0, 2) { Height = 80, Width = 80, Units = 8, Edition = LrcnModel.Recipe.Edition }, Engine.Backend);
        network.Initialize(1);
        int[] labels = [0, 1, 0, 1];
        float[] x = new float[Batch * 2 * 80 * 80 * 3], probabilities = new float[Batch * 2];
        Noise(1, x);
        for (int i = 0; i < x.Length; i++)
            x[i] = 0.5f + 0.1f * x[i] + (labels[i / (x.Length / Batch)] == 1 && i / 3 % 80 < 40 ? 0.3f : 0);
        using ITrainingSession session = network.Train(new OptimizerSpec(OptimizerKind.Adam, 1e-3), new LossSpec());
        StepResult last = default;
        for (int step = 0; step < 25; step++)
            last = session.Step(x, labels, null, new RandomSource(1, (ulong)step));
        Assert.Equal(Batch, last.Correct);
        network.Predict(x, Batch, probabilities);
        Assert.All(labels.Index(), l => Assert.True(probabilities[2 * l.Index + l.Item] > 0.8, string.Join(", ", probabilities)));
    }

    [SkippableFact]
    public void ReadsKerasWeightsOfMobileNet()
    {
        MobileNetWeights weights = MobileNetWeights.Open(TestAssets.Require("weights", "mobilenet_7_5_224_tf.h5"));
        Assert.Equal(0.75, weights.Alpha);
        ITrainableNetwork network = MobileNet(1, weights.Alpha);
        weights.Fill(network);
        Assert.All(network.Export().Where(p => p.Name.EndsWith("moving_variance", StringComparison.Ordinal)), p => Assert.DoesNotContain(p.Values.ToArray(), v => v < 0));
        Assert.Throws<InputException>(() => weights.Fill(MobileNet(1)));
    }

    private static ITrainableNetwork MobileNet(int time, double alpha = 1) =>
        Recipes.Build(new ModelSpec("mobilenet-gru", time, 0, 2) { Height = 32, Width = 32, Alpha = alpha }, Engine.Backend);

    private static void Fill(Parameter parameter, int seed)
    {
        Span<float> values = parameter.Value.Span;
        Noise(seed, values);
        string kind = parameter.Name[(parameter.Name.LastIndexOf('/') + 1)..];
        float scale = MathF.Sqrt(6f / (kind == "depthwise_kernel" ? parameter.Shape[0] * parameter.Shape[1] : parameter.Length / parameter.Shape[^1]));
        foreach (ref float value in values)
        {
            value = kind switch
            {
                "gamma" or "moving_variance" => MathF.Abs(value) + 0.5f,
                "bias" or "beta" or "moving_mean" => value * 0.1f,
                _ => value * scale,
            };
        }
    }

    internal static void Noise(int seed, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            uint h = unchecked((uint)(((ulong)i + (ulong)seed * 0x9E3779B9) * 2654435761));
            h ^= h >> 15;
            h *= 2246822519;
            h ^= h >> 13;
            values[i] = (h >> 8) / 8388608f - 1f;
        }
    }
}
