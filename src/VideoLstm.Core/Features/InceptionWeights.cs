using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Safetensors;

namespace VideoLstm.Core.Features;

/// <summary>The 94 convolutions of InceptionV3 and their batch norms, from whatever file they came.</summary>
public sealed class InceptionWeights : DescribedNetwork
{
    /// <summary>The value of <c>format</c> in the metadata of files that <see cref="Save"/> writes.</summary>
    public const string Format = "vlstm-inception-v3";

    private readonly Lazy<string> _digest;

    internal InceptionWeights(InceptionDialect dialect, string source, TensorSet tensors)
    {
        (Dialect, Source, Tensors) = (dialect, source, tensors);
        _digest = new Lazy<string>(ComputeDigest);
    }

    /// <summary>Whose average pools the network computes.</summary>
    public InceptionDialect Dialect { get; }

    /// <inheritdoc/>
    public override string Name => InceptionV3.Name;

    /// <inheritdoc/>
    public override string Title => "InceptionV3";

    /// <inheritdoc/>
    public override string Source { get; }

    /// <inheritdoc/>
    public override (int Height, int Width) UsualSize => (299, 299);

    /// <summary>All tensors in the order of the network, under torchvision's names.</summary>
    public TensorSet Tensors { get; }

    /// <summary>
    /// <c>sha256:</c> and 64 hexadecimal digits over the dialect and all tensors: equal for equal networks, whatever file they came in.
    /// </summary>
    public override string Digest => _digest.Value;

    /// <inheritdoc/>
    public override int Features(int height, int width) => InceptionV3.Features;

    /// <summary>
    /// Reads Keras' weights (with or without top), torchvision's and timm's, and what <see cref="Save"/> wrote. Heads and the
    /// auxiliary classifier are passed over. Whether a timm file was ported from TensorFlow (<c>tf_</c>, <c>adv_</c>) or Gluon
    /// is not written in it; all are computed as timm computes them, with pixels / 127.5 - 1.
    /// </summary>
    /// <exception cref="InputException">The file holds another network, misses a tensor, or one of another shape, with NaN or
    /// infinity.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as what it begins like.</exception>
    public static InceptionWeights Load(string path) => Load(path, null);

    /// <summary>Reads the weights out of a checkpoint of PyTorch that holds several.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where in it they are; null: where they usually are.</param>
    /// <exception cref="InputException">The file holds another network, misses a tensor, or one of another shape, with NaN or
    /// infinity.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as what it begins like.</exception>
    public static InceptionWeights Load(string path, string? key)
    {
        using TensorFile file = TensorFile.Open(path, key);
        (InceptionDialect dialect, Func<ParameterSpec, StoredTensor> find) = InceptionKerasFile.Find(file) is { } keras
            ? (InceptionDialect.Keras, keras)
            : (InceptionTorchFile.Dialect(file), InceptionTorchFile.Find(file));
        TensorSet tensors = TensorSet.Read(
            file, Parameters,
            fault => new InputException($"{path}: {fault}; expected the weights of an InceptionV3"),
            name => new InputException($"{path}: tensor {name} holds NaN or infinite values; the file is damaged or its training diverged"),
            find).ToMemory();
        foreach (NamedTensor tensor in tensors.Where(t => t.Name.EndsWith(ConvolutionBlockSpec.Variance, StringComparison.Ordinal)))
        {
            if (System.Numerics.Tensors.TensorPrimitives.Min(tensor.Values.Span) is < 0 and var least)
                throw new InputException($"{path}: {tensor.Name}, read from {find(new(tensor.Name, tensor.Shape)).Entry}, holds the " +
                    $"negative variance {least}; the file is damaged");
        }
        return new(dialect, path, tensors);
    }

    /// <summary>
    /// A network that has learned nothing, the same for equal seeds on every machine: for trying things out, and for
    /// telling apart what differs in plain ways.
    /// </summary>
    public static InceptionWeights Random(ulong seed) =>
        new(InceptionDialect.Keras, string.Create(CultureInfo.InvariantCulture, $"random:{seed}"), InceptionRandom.Tensors(seed));

    /// <summary>Writes safetensors with torchvision's names; the dialect is in the metadata.</summary>
    public void Save(Stream s)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["dialect"] = InceptionTorchFile.Name(Dialect),
            ["source"] = System.IO.Path.GetFileName(Source),
        };
        SafetensorsWriter.Write(s, Tensors.ToWrite(), metadata);
    }

    /// <inheritdoc/>
    public override ExtractorSpec Spec(int height, int width) => new(InceptionV3.Spec(height, width, Dialect), Tensors, 127.5f, -1);

    /// <summary>The same weights computed as another dialect does.</summary>
    internal InceptionWeights WithDialect(InceptionDialect dialect) => new(dialect, Source, Tensors);

    internal static IReadOnlyList<ParameterSpec> Parameters { get; } =
        InceptionV3.Spec(InceptionV3.MinimumSize, InceptionV3.MinimumSize, InceptionDialect.Keras).Parameters;

    private string ComputeDigest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{Format} {InceptionTorchFile.Name(Dialect)}\n"));
        foreach (NamedTensor tensor in Tensors)
        {
            ReadOnlyMemory<float> values = tensor.Values;
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name + "\n"));
            if (BitConverter.IsLittleEndian)
                hash.AppendData(MemoryMarshal.AsBytes(values.Span));
            else
                foreach (float value in values.Span)
                    hash.AppendData(BitConverter.GetBytes(BitConverter.SingleToInt32Bits(value)).Reverse().ToArray());
        }
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
