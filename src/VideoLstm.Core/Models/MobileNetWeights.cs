using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Models;

/// <summary>MobileNet's weights in a file of keras.applications.mobilenet (.h5, with or without top, any width), or of ours.</summary>
public sealed partial class MobileNetWeights
{
    private const int FirstFilters = 32;
    private static readonly double[] Widths = [0.25, 0.5, 0.75, 1];

    private readonly string _path;
    private readonly ulong? _seed;

    private MobileNetWeights(string path, double alpha, string digest, ulong? seed = null) =>
        (_path, Alpha, Digest, _seed) = (path, alpha, digest, seed);

    /// <summary>How wide the network is.</summary>
    public double Alpha { get; }

    /// <summary>Digest of the file, or <c>random:SEED</c>.</summary>
    public string Digest { get; }

    /// <summary>Weights of an untrained network, the same on every machine.</summary>
    public static MobileNetWeights Random(ulong seed) => new("", 1, string.Create(CultureInfo.InvariantCulture, $"random:{seed}"), seed);

    /// <summary>Looks at a file.</summary>
    /// <exception cref="InputException">It holds no MobileNet v1.</exception>
    public static MobileNetWeights Open(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: no such file");
        using TensorFile file = TensorFile.Open(path);
        TensorEntry? first = file.Entries.FirstOrDefault(e => NameOf(e.Name) == "conv1/kernel");
        double alpha = first is { Shape: [3, 3, 3, var filters] } ? Widths.FirstOrDefault(w => (int)(FirstFilters * w) == filters) : 0;
        if (alpha == 0)
            throw new InputException($"{path}: holds no MobileNet v1: expected a tensor conv1/kernel of shape [3, 3, 3, 8, 16, 24 or " +
                $"32]; give a weights file of keras.applications.mobilenet");
        using FileStream stream = File.OpenRead(path);
        return new MobileNetWeights(path, alpha, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    /// <summary>Fills the MobileNet in a network.</summary>
    /// <exception cref="InputException">A tensor is missing, of another shape, or holds values that are no numbers.</exception>
    public void Fill(ITrainableNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (_seed is { } seed)
        {
            network.Initialize(seed, MobileNetGruModel.IsMobileNets);
            return;
        }
        network.Import(Read(network.Spec.Layers.Where(MobileNetGruModel.IsMobileNets)));
    }

    /// <summary>Where the weights came from: the path of a file, or <c>random:SEED</c>.</summary>
    public string Source => _seed is null ? _path : Digest;

    /// <summary>The weights of a network that is all MobileNet, in memory.</summary>
    /// <exception cref="InputException">A tensor is missing, of another shape, or holds values that are no numbers.</exception>
    internal TensorSet Read(NetworkSpec network)
    {
        if (_seed is not { } seed)
            return Read(network.Layers);
        var random = new CpuNetwork(network, CpuBackend.CreateEngine(network));
        random.Initialize(seed);
        return random.Export();
    }

    /// <summary>The weights of layers of a MobileNet, in memory.</summary>
    /// <exception cref="InputException">A tensor is missing, of another shape, or holds values that are no numbers.</exception>
    internal TensorSet Read(IEnumerable<NetworkLayer> layers)
    {
        using TensorFile file = TensorFile.Open(_path);
        Dictionary<string, string> names =
            file.Entries.GroupBy(e => NameOf(e.Name)).ToDictionary(g => g.Key, g => g.First().Name, StringComparer.Ordinal);
        return TensorSet.Read(
            file,
            layers.SelectMany(l => l.Parameters),
            fault => new InputException($"{_path}: {fault}; give a weights file of keras.applications.mobilenet"),
            name => new InputException($"{_path}: tensor {name} holds NaN or infinite values; get the file again"),
            parameter => new StoredTensor(names.GetValueOrDefault(parameter.Name, parameter.Name), parameter)).ToMemory();
    }

    // conv1/conv1/kernel:0 is conv1/kernel.
    private static string NameOf(string name) => Wrapping().Replace(name, "${layer}/${part}");

    [GeneratedRegex(@"^(.*/)?(?<layer>conv(1|_[dp]w_\d{1,2})(_bn)?)/(?<part>[a-z_]+)(:0)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Wrapping();
}
