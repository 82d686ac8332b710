using VideoLstm.Core.Features;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Tests;
using Tensor = (string Name, int[] Shape, System.ReadOnlyMemory<float> Values);

namespace VideoLstm.Core.Tests.Features;

public class InceptionWeightsTests
{
    private static readonly InceptionWeights _random = InceptionWeights.Random(7);

    /// <summary>The digest that tests/references/inception.py prints, which makes the same weights in NumPy.</summary>
    [Fact]
    public void Random_weights_are_the_same_everywhere()
    {
        Assert.Equal("sha256:813282c39689c10bb6827b7d2f797faecfd6b8a10df15922900f685136bd7fea", _random.Digest);
        Assert.Equal("sha256:fe641fd79a1be91196fd65d0c071dbb78f7fc9eb843f7a64cc734eb5f5580eb5", _random.WithDialect(InceptionDialect.Torchvision).Digest);
        Assert.Equal(("random:7", InceptionDialect.Keras), (_random.Source, _random.Dialect));
        Assert.NotEqual(_random.Digest, InceptionWeights.Random(8).Digest);
    }

    [Theory]
    [InlineData(InceptionDialect.Keras)]
    [InlineData(InceptionDialect.Torchvision)]
    public void Saved_weights_are_read_back_with_their_dialect_and_digest(InceptionDialect dialect)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("weights.safetensors");
        InceptionWeights saved = _random.WithDialect(dialect);
        using (FileStream stream = File.Create(path))
            saved.Save(stream);
        InceptionWeights loaded = InceptionWeights.Load(path);
        Assert.Equal((dialect, saved.Digest, path), (loaded.Dialect, loaded.Digest, loaded.Source));
    }

    /// <summary>Keras numbers layers from wherever it stands, the first without a number, and files them in another order.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(95, 189)]
    public void Keras_layers_pair_by_their_numbers(int firstConvolution, int firstBatchNorm)
    {
        using TemporaryFolder folder = new();
        List<Tensor> tensors = [];
        for (int i = 0; i < InceptionV3.Convolutions.Count; i++)
        {
            InceptionConvolution shape = InceptionV3.Convolutions[i];
            float[] Values(string part) => _random.Tensors[$"{shape.Name}.{part}"].Values.ToArray();
            string convolution = Number("conv2d", firstConvolution + i), batchNorm = Number("batch_normalization", firstBatchNorm + i);
            tensors.Add(($"{convolution}/{convolution}/kernel:0", [shape.KernelHeight, shape.KernelWidth, shape.Channels, shape.Filters], FilterMinor(Values("conv.weight"), shape)));
            if (Values("bn.weight")[0] != 1)
                tensors.Add(($"{batchNorm}/{batchNorm}/gamma:0", [shape.Filters], Values("bn.weight")));
            tensors.Add(($"{batchNorm}/{batchNorm}/beta:0", [shape.Filters], Values("bn.bias")));
            tensors.Add(($"{batchNorm}/{batchNorm}/moving_mean:0", [shape.Filters], Values("bn.running_mean")));
            tensors.Add(($"{batchNorm}/{batchNorm}/moving_variance:0", [shape.Filters], Values("bn.running_var")));
        }
        tensors.Add(("predictions/predictions/kernel:0", [1, 1], new float[1]));
        tensors.Add(("optimizer_weights/Adam/m/conv2d_3/kernel:0", [1], new float[1]));
        string path = Write(folder, tensors.OrderBy(t => t.Name, StringComparer.Ordinal));

        InceptionWeights loaded = InceptionWeights.Load(path);

        Assert.Equal((InceptionDialect.Keras, _random.Digest), (loaded.Dialect, loaded.Digest));
        static string Number(string name, int number) => number == 0 ? name : $"{name}_{number}";
    }

    [Fact]
    public void Torchvisions_names_may_have_a_prefix_and_company()
    {
        using TemporaryFolder folder = new();
        List<Tensor> tensors = [("backbone.fc.weight", [1, 1], new float[1]), ("backbone.AuxLogits.conv0.conv.weight", [1], new float[] { float.NaN })];
        foreach (Tensor tensor in _random.Tensors.ToWrite())
            tensors.Add(("backbone." + tensor.Name, tensor.Shape, tensor.Values));
        InceptionWeights loaded = InceptionWeights.Load(Write(folder, tensors, new Dictionary<string, string> { ["format"] = "pt" }));
        Assert.Equal(InceptionDialect.Torchvision, loaded.Dialect);
        Assert.Equal(_random.Digest, loaded.WithDialect(InceptionDialect.Keras).Digest);
    }

    [Fact]
    public void What_is_no_InceptionV3_is_refused_in_one_line_that_names_the_file_and_the_tensor()
    {
        using TemporaryFolder folder = new();
        const string kernel = "Conv2d_1a_3x3.conv.weight", mean = "Conv2d_1a_3x3.bn.running_mean", variance = "Conv2d_1a_3x3.bn.running_var";
        Tensor[] all = [.. _random.Tensors.ToWrite()];

        AssertRefused([("features.weight", [2], new float[2])], "no weights of an InceptionV3", kernel);
        AssertRefused([(kernel, [32, 3, 3], new float[288])], kernel, "[32, 3, 3]", "[32, 3, 3, 3]");
        AssertRefused(all[..2], "expected tensor Conv2d_1a_3x3.bn.bias of shape [32], found none");
        AssertRefused(all[..5], "expected tensor Conv2d_2a_3x3.conv.weight of shape [32, 32, 3, 3], found none");
        AssertRefused(Replace(mean, i => i == 5 ? float.PositiveInfinity : 0), mean);
        AssertRefused(Replace(kernel, i => i == 700 ? float.NaN : 0), kernel, "NaN");
        AssertRefused(Replace(variance, i => i == 3 ? -0.5f : 1), variance, "-0.5");
        AssertRefused([("conv2d_1/kernel:0", [1], new float[1])], "1 convolutions and 0 batch norms", "94");
        AssertRefused([("layers/conv2d_1/vars/0", [1], new float[1])], "Keras 3");
        AssertRefused(all[..5], "dialect \"caffe\"", ("dialect", "caffe"));

        Tensor[] Replace(string name, Func<int, float> value) =>
            [.. all.Select(t => t.Name == name ? (t.Name, t.Shape, Enumerable.Range(0, t.Values.Length).Select(value).ToArray()) : t)];

        void AssertRefused(IEnumerable<Tensor> tensors, params object[] parts)
        {
            Dictionary<string, string>? metadata = parts[^1] is ValueTuple<string, string> pair ? new() { ["format"] = InceptionWeights.Format, [pair.Item1] = pair.Item2 } : null;
            string path = Write(folder, tensors, metadata);
            InputException refusal = Assert.Throws<InputException>(() => InceptionWeights.Load(path));
            Assert.StartsWith(path + ": ", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
            Assert.All(parts.OfType<string>(), part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        }
    }

    private static string Write(TemporaryFolder folder, IEnumerable<Tensor> tensors, Dictionary<string, string>? metadata = null)
    {
        string path = folder.File("weights.safetensors");
        using FileStream stream = File.Create(path);
        SafetensorsWriter.Write(stream, tensors, metadata);
        return path;
    }

    /// <summary><c>[filters, channels, height, width]</c> to <c>[height, width, channels, filters]</c>.</summary>
    private static float[] FilterMinor(float[] source, InceptionConvolution shape)
    {
        int taps = shape.KernelHeight * shape.KernelWidth;
        float[] target = new float[source.Length];
        for (int i = 0; i < source.Length; i++)
        {
            (int filter, int channel, int tap) = (i / shape.Reduction, i / taps % shape.Channels, i % taps);
            target[(tap * shape.Channels + channel) * shape.Filters + filter] = source[i];
        }
        return target;
    }
}
