using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats.Npy;
using VideoLstm.Core.Media;
using VideoLstm.Core.Models;
using VideoLstm.Core.Samples;
using VideoLstm.Numerics;
using VideoLstm.Numerics.Kernels;
using VideoLstm.Numerics.Layers;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Export;

/// <summary>A small classifier with random weights, samples, and what we make of them.</summary>
internal sealed class ExportSample
{
    private const int Batch = 3, Length = 7, Features = 24;
    private static readonly string[] Classes = ["Fußball \"⚽\"", "Com\nmercial", "日本\u2028🏈\\x"];

    // Models of Keras that are no recipe of ours.
    private static readonly Dictionary<string, LayerSpec[]> Sequentials = new(StringComparer.Ordinal)
    {
        ["mixed"] =
        [
            new LstmSpec(6) { ReturnSequences = true, Bidirectional = true }, new BatchNormalizationSpec { Epsilon = 0.01 },
            ActivationSpec.Tanh, new GruSpec(5),
            new BatchNormalizationSpec { Epsilon = 0.001 }, ActivationSpec.Relu, new DenseSpec(9), ActivationSpec.Tanh, new DenseSpec(3),
        ],
        ["hard"] =
        [
            new GruSpec(6) { ReturnSequences = true, Bidirectional = true, RecurrentActivation = GateActivation.HardSigmoid },
            new GruSpec(5) { ReturnSequences = true, ResetAfter = false },
            new GruSpec(7) { ResetAfter = false, Bidirectional = true, RecurrentActivation = GateActivation.HardSigmoid }, new DenseSpec(3),
        ],
        ["hard6"] =
        [
            new LstmSpec(6) { ReturnSequences = true, RecurrentActivation = GateActivation.HardSigmoid6 },
            new GruSpec(5) { RecurrentActivation = GateActivation.HardSigmoid6 }, new DenseSpec(3),
        ],
        ["pooled"] =
        [
            new DenseSpec(8), ActivationSpec.Tanh, new GruSpec(6) { ReturnSequences = true }, new GlobalMaxPooling1DSpec(),
            new DenseSpec(3),
        ],
        ["averaged"] =
        [
            new DenseSpec(8), ActivationSpec.Tanh, new GruSpec(6) { ReturnSequences = true }, new GlobalAveragePooling1DSpec(),
            new DenseSpec(3),
        ],
        ["flat"] = [new DenseSpec(8), ActivationSpec.Sigmoid, new FlattenSpec(), new DenseSpec(3)],
        ["flat-recurrent"] = [new GruSpec(6) { ReturnSequences = true }, new FlattenSpec(), new DenseSpec(3)],
    };

    private ExportSample(Network model, CheckpointInfo info, float[] x, int[]? lengths)
    {
        (Model, Info, X, Lengths) = (model, info, x, lengths);
        Probabilities = new float[Batch * model.Classes];
        int time = model.InputShape[0];
        model.Predict(x, Batch, Probabilities, lengths is null ? null : [.. Enumerable.Range(0, Batch * time).Select(i => i % time < lengths[i / time])]);
    }

    public Network Model { get; }

    public CheckpointInfo Info { get; }

    public NetworkSpec Spec => Recipes.Network(Info.Model);

    public TensorSet Weights => Engine.Weights(Model);

    /// <summary><c>[3, ...InputShape]</c>; zeros behind what is real.</summary>
    public float[] X { get; }

    public int[] Shape => [Batch, .. Model.InputShape];

    /// <summary><c>[3]</c>: how many frames are real; null where there is no padding.</summary>
    public int[]? Lengths { get; }

    /// <summary><c>[3, classes]</c>, ours.</summary>
    public float[] Probabilities { get; }

    /// <summary>The words of a name are options: a recipe, then <c>bidirectional</c>, <c>2-layers</c>, <c>hard</c>, <c>pad</c>.</summary>
    public static ExportSample Of(string name)
    {
        string[] words = name.Split(' ');
        bool pad = words.Contains("pad");
        var sequences = new SequenceSpec(Length, 75, 75, FrameSampling.Even, FrameFit.Resize, "sha256:0", Pad: pad);
        bool isSequential = Sequentials.TryGetValue(words[0], out LayerSpec[]? layers);
        var spec = new ModelSpec(isSequential ? SequentialModel.Recipe.Name : words[0], Length, Features, Classes.Length)
        {
            Sequential = layers,
            Units = 10, Layers = words.Contains("2-layers") ? 2 : 1, Bidirectional = words.Contains("bidirectional"), HardSigmoid = words.Contains("hard"),
        };
        Network model = Engine.Build(spec);
        var random = new RandomSource(5);
        Randomize(model, random, gain: 2);
        int[]? lengths = pad ? [4, 7, 1] : null;
        return new ExportSample(model, InfoOf(spec, new CheckpointSource(sequences) { WeightsName = "random:1" }), Inputs(model, random, lengths), lengths);
    }

    /// <summary>A recipe that sees frames: bytes, of which <see cref="X"/> is what the network sees.</summary>
    public static (ExportSample Sample, byte[] Frames) OfFrames(string recipe, int length, int height, int width, bool pad)
    {
        var sequences = new SequenceSpec(length, height, width, FrameSampling.Even, FrameFit.Resize, "", Pad: pad);
        var spec = new ModelSpec(recipe, length, 0, Classes.Length) { Height = height, Width = width, Units = 10, Alpha = 0.25, Edition = Recipes.Find(recipe)!.Edition };
        Network model = Engine.Build(spec);
        var random = new RandomSource(6);
        Randomize(model, random, gain: 1.4f);
        int[]? lengths = pad ? [1, length, length - 1] : null;
        // Of different brightness.
        byte[] frames = [.. Enumerable.Range(0, Batch * model.InputSize).Select(i => (byte)(random.NextUniform() * (80 + 80 * (i / model.InputSize))))];
        (float scale, float offset) = Recipes.Find(recipe)!.Pixels;
        float[] x = [.. frames.Select(p => p * scale + offset)];
        Hide(x, lengths, model);
        return (new ExportSample(model, InfoOf(spec, new CheckpointSource(sequences) { Input = FrameInput.Flow }), x, lengths), frames);
    }

    /// <summary>The samples and their lengths as files for NumPy.</summary>
    public string[] Save(TemporaryFolder folder)
    {
        List<string> files = [folder.File("x.npy")];
        using (FileStream stream = File.Create(files[0]))
            NpyFile.Write(stream, X, Shape);
        if (Lengths is not null)
        {
            files.Add(folder.File("lengths.npy"));
            using FileStream stream = File.Create(files[1]);
            NpyFile.Write(stream, [.. Lengths.Select(l => (float)l)], [Batch]);
        }
        return [.. files];
    }

    /// <summary>Numbers that another program printed, one a line.</summary>
    public static float[] Numbers(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => float.Parse(l, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Fails unless another program's probabilities are ours.</summary>
    public void AssertSame(string numbers, double tolerance)
    {
        float[] found = Numbers(numbers);
        Assert.Equal(Probabilities.Length, found.Length);
        double difference = Probabilities.Zip(found).Max(p => Math.Abs((double)p.First - p.Second));
        Assert.True(difference <= tolerance, $"probabilities differ by {difference:E2}");
        // Samples that are alike would prove nothing.
        Assert.True(Enumerable.Range(0, Model.Classes).Max(c => Math.Abs(Probabilities[c] - Probabilities[Model.Classes + c])) > 0.002, string.Join(' ', Probabilities));
    }

    private static void Randomize(Network model, RandomSource random, float gain)
    {
        model.Initialize(random);
        foreach (Parameter parameter in model.Parameters)
        {
            // Variances stay positive; biases, gammas and the like are no longer all alike; kernels large enough to tell samples apart.
            bool isVariance = parameter.Name.EndsWith("variance", StringComparison.Ordinal), isKernel = parameter.Name.EndsWith("kernel", StringComparison.Ordinal);
            float factor = parameter.Name.EndsWith("depthwise_kernel", StringComparison.Ordinal) ? gain * MathF.Sqrt(parameter.Shape[2]) : gain;
            foreach (ref float value in parameter.Value.Span)
                value = isVariance ? 0.5f + (float)random.NextUniform() : isKernel ? factor * value : value + 0.6f * ((float)random.NextUniform() - 0.5f);
        }
    }

    private static float[] Inputs(Network model, RandomSource random, int[]? lengths)
    {
        float[] x = [.. Enumerable.Range(0, Batch * model.InputSize).Select(_ => (float)random.NextUniform() * 2 - 1)];
        Hide(x, lengths, model);
        return x;
    }

    private static void Hide(float[] x, int[]? lengths, Network model)
    {
        int row = model.InputSize / model.InputShape[0];
        for (int b = 0; b < Batch && lengths is not null; b++)
            x.AsSpan(b * model.InputSize + lengths[b] * row, model.InputSize - lengths[b] * row).Clear();
    }

    private static CheckpointInfo InfoOf(ModelSpec model, CheckpointSource source) => new()
    {
        Classes = Classes, Model = model, Source = source, ClipFrames = 50, Epoch = 3, ValidationLoss = 0.25, ValidationAccuracy = 1,
    };
}
