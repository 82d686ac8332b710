using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Safetensors;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Features;

/// <summary>The 94 convolutions of InceptionV3 and their batch norms, from whatever file they came.</summary>
public sealed class InceptionWeights
{
    /// <summary>The value of <c>format</c> in the metadata of files that <see cref="Save"/> writes.</summary>
    public const string Format = "vlstm-inception-v3";

    // Of Keras' and torchvision's InceptionV3 alike.
    private const double Epsilon = 1e-3;


    private readonly Dictionary<string, InceptionLayer> _layers;
    private readonly Lazy<string> _digest;

    internal InceptionWeights(InceptionDialect dialect, string source, Dictionary<string, InceptionLayer> layers)
    {
        (Dialect, Source, _layers) = (dialect, source, layers);
        _digest = new Lazy<string>(ComputeDigest);
    }

    /// <summary>Whose average pools the network computes.</summary>
    public InceptionDialect Dialect { get; }

    /// <summary>Where the weights came from: the path of a file, or <c>random:SEED</c>.</summary>
    public string Source { get; }

    /// <summary>
    /// <c>sha256:</c> and 64 hexadecimal digits over the dialect and all tensors: equal for equal networks, whatever file they came in.
    /// </summary>
    public string Digest => _digest.Value;

    /// <summary>
    /// Reads Keras' weights (with or without top), torchvision's and timm's, and what <see cref="Save"/> wrote. Heads and the
    /// auxiliary classifier are passed over. Whether a timm file was ported from TensorFlow (<c>tf_</c>, <c>adv_</c>) or Gluon
    /// is not written in it; all are computed as timm computes them, with pixels / 127.5 - 1.
    /// </summary>
    /// <exception cref="InputException">The file holds another network, misses a tensor, or one of another shape, with NaN or infinity.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as what it begins like.</exception>
    public static InceptionWeights Load(string path) => Load(path, null);

    /// <summary>Reads the weights out of a checkpoint of PyTorch that holds several.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where in it they are; null: where they usually are.</param>
    /// <exception cref="InputException">The file holds another network, misses a tensor, or one of another shape, with NaN or infinity.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as what it begins like.</exception>
    public static InceptionWeights Load(string path, string? key)
    {
        using TensorFile file = TensorFile.Open(path, key);
        return InceptionKerasFile.FindNames(file) is { } names
            ? new(InceptionDialect.Keras, path, InceptionKerasFile.Read(file, names))
            : new(InceptionTorchFile.Dialect(file), path, InceptionTorchFile.Read(file));
    }

    /// <summary>
    /// A network that has learned nothing, the same for equal seeds on every machine: for trying things out, and for
    /// telling apart what differs in plain ways.
    /// </summary>
    public static InceptionWeights Random(ulong seed) =>
        new(InceptionDialect.Keras, string.Create(CultureInfo.InvariantCulture, $"random:{seed}"), InceptionRandom.Layers(seed));

    /// <summary>Writes safetensors with torchvision's names; the dialect is in the metadata.</summary>
    public void Save(Stream s)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["dialect"] = InceptionTorchFile.Name(Dialect),
            ["source"] = System.IO.Path.GetFileName(Source),
        };
        SafetensorsWriter.Write(s, Tensors(), metadata);
    }

    /// <summary>The same weights computed as another dialect does.</summary>
    internal InceptionWeights WithDialect(InceptionDialect dialect) => new(dialect, Source, _layers);

    /// <summary>A convolution with its batch norm folded in. In training a batch norm's outputs had the mean beta and the deviation gamma.</summary>
    internal ConvolutionParameters Fold(InceptionConvolution shape)
    {
        InceptionLayer layer = _layers[shape.Name];
        float[] weights = new float[shape.Length];
        float[] bias = new float[shape.Filters], deviation = new float[shape.Filters];
        for (int filter = 0; filter < shape.Filters; filter++)
        {
            double factor = layer.Gamma[filter] / Math.Sqrt(layer.Variance[filter] + Epsilon);
            bias[filter] = (float)(layer.Beta[filter] - layer.Mean[filter] * factor);
            deviation[filter] = Math.Abs(layer.Gamma[filter]);
            for (int i = filter * shape.Reduction; i < (filter + 1) * shape.Reduction; i++)
                weights[i] = (float)(layer.Kernel[i] * factor);
        }
        return new(weights, bias, layer.Beta, deviation);
    }

    /// <summary>A layer as it was in the file.</summary>
    internal InceptionLayer Layer(string name) => _layers[name];

    /// <summary>All tensors in the order of the network, under torchvision's names.</summary>
    internal IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> Tensors()
    {
        foreach (InceptionConvolution shape in InceptionV3.Convolutions)
        {
            InceptionLayer layer = _layers[shape.Name];
            int[] filters = [shape.Filters];
            yield return ($"{shape.Name}.conv.weight", [shape.Filters, shape.Channels, shape.KernelHeight, shape.KernelWidth], layer.Kernel);
            yield return ($"{shape.Name}.bn.weight", filters, layer.Gamma);
            yield return ($"{shape.Name}.bn.bias", filters, layer.Beta);
            yield return ($"{shape.Name}.bn.running_mean", filters, layer.Mean);
            yield return ($"{shape.Name}.bn.running_var", filters, layer.Variance);
        }
    }

    private string ComputeDigest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Format} {InceptionTorchFile.Name(Dialect)}\n"));
        foreach ((string name, _, ReadOnlyMemory<float> values) in Tensors())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            if (BitConverter.IsLittleEndian)
                hash.AppendData(MemoryMarshal.AsBytes(values.Span));
            else
                foreach (float value in values.Span)
                    hash.AppendData(BitConverter.GetBytes(BitConverter.SingleToInt32Bits(value)).Reverse().ToArray());
        }
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
