using System.Globalization;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>
/// Weights as Keras writes them with h5py: the layers listed in the attribute <c>layer_names</c> of the root or of the group
/// <c>model_weights</c>, the weights of each in the attribute <c>weight_names</c> of its group. Any other HDF5 file is listed by its
/// datasets' paths, which is how Keras 3 finds them, in a file of its own or inside a <c>.keras</c> archive (<see cref="KerasArchive"/>).
/// </summary>
public sealed class KerasFile : TensorFile
{
    private const int DeepestGroup = 64;

    private readonly Hdf5File _file;
    private readonly Dictionary<string, Hdf5Object> _datasets = new(StringComparer.Ordinal);
    private readonly List<(string Layer, IReadOnlyList<string> Weights)> _layers = [];

    private KerasFile(string path, Hdf5File file, IReadOnlyDictionary<string, string>? archived) : base(path)
    {
        _file = file;
        foreach (string key in (string[])["keras_version", "backend", ModelConfig])
        {
            if (archived?.GetValueOrDefault(key) is { } said)
                TrySay(key, said);
            else if (file.Root.Attributes.TryGetValue(key, out Hdf5Attribute? attribute) && attribute.Texts is [var text])
                TrySay(key, text);
        }
        Hdf5Object weights = Texts(file.Root, "layer_names") is null && file.Root.Find("model_weights") is { } group ? group : file.Root;
        if (Texts(weights, "layer_names") is { } layers)
        {
            FormatName = "Keras HDF5";
            AddLayers(weights, layers);
        }
        else
        {
            FormatName = archived is null ? "HDF5" : "Keras archive";
            AddAll(weights, "", DeepestGroup);
        }
    }

    /// <summary>
    /// The key of <see cref="TensorFile.Metadata"/> under which a whole model, not only its weights, says what its layers are: JSON.
    /// </summary>
    public const string ModelConfig = "model_config";

    /// <inheritdoc/>
    public override string FormatName { get; }

    /// <summary>
    /// The names of a classifier's classes in the order of its outputs, which Keras does not write but others do, in the attribute
    /// <c>class_names</c>; null: none.
    /// </summary>
    public IReadOnlyList<string>? ClassNames => Texts(_file.Root, "class_names");

    /// <summary>
    /// The layers that the file lists, and the names of each one's <see cref="TensorFile.Entries"/> in the layer's order; none where it
    /// lists only paths.
    /// </summary>
    public IReadOnlyList<(string Layer, IReadOnlyList<string> Weights)> Layers => _layers;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no HDF5 file, broken, or uses what is not supported.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static KerasFile Open(string path) => Open(path, File.OpenRead(path), null);

    /// <summary>Opens a <c>.keras</c> archive. Its weights are unpacked into a temporary file, which goes when this is disposed.</summary>
    /// <exception cref="InvalidDataException">It is none of Keras', broken, or uses what is not supported.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static KerasFile OpenArchive(string path)
    {
        (FileStream weights, IReadOnlyDictionary<string, string> metadata) = KerasArchive.Unpack(path);
        return Open(path, weights, metadata);
    }

    private static KerasFile Open(string path, FileStream stream, IReadOnlyDictionary<string, string>? archived)
    {
        var file = new Hdf5File(path, stream);
        try
        {
            return new KerasFile(path, file, archived);
        }
        catch (OverflowException)
        {
            file.Dispose();
            throw file.Broken("states impossible sizes");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _file.Dispose();

    private protected override float[] ReadValues(TensorEntry entry) => _datasets[entry.Name].ReadValues(entry.Name);

    private void AddLayers(Hdf5Object weights, string[] layers)
    {
        foreach (string layer in layers)
        {
            Hdf5Object group = Follow(weights, layer) ?? throw _file.Broken($"lacks the layer {layer}");
            var names = new List<string>();
            foreach (string name in Texts(group, "weight_names") ?? [])
            {
                Hdf5Object dataset = Follow(group, name) is { IsDataset: true } found
                    ? found
                    : throw _file.Broken($"lacks the weights {layer}/{name}");
                // Two layers may use one name for theirs.
                names.Add(_datasets.ContainsKey(name) ? $"{layer}/{name}" : name);
                Add(names[^1], dataset);
            }
            _layers.Add((layer, names));
        }
    }

    private void AddAll(Hdf5Object group, string path, int depth)
    {
        if (depth == 0)
            throw _file.Broken("leads in circles");
        foreach ((string name, long address) in group.Links)
        {
            var child = new Hdf5Object(_file, address);
            if (child.IsDataset)
                Add(path + name, child);
            else
                AddAll(child, $"{path}{name}/", depth - 1);
        }
    }

    private void Add(string name, Hdf5Object dataset)
    {
        if (!_datasets.TryAdd(name, dataset))
            throw _file.Broken($"has the weights {name} twice");
        Add(new TensorEntry(name, dataset.Type!.Number ?? $"class {dataset.Type.Class}", dataset.Shape!));
    }

    private static Hdf5Object? Follow(Hdf5Object start, string path)
    {
        Hdf5Object? at = start;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            at = at?.Find(name);
        return at;
    }

    // Keras splits a list that is too long for one attribute into name0, name1, ...
    private static string[]? Texts(Hdf5Object group, string name)
    {
        if (group.Attributes.TryGetValue(name, out Hdf5Attribute? whole))
            return whole.Texts;
        var parts = new List<string>();
        int part = 0;
        while (group.Attributes.TryGetValue(name + part.ToString(CultureInfo.InvariantCulture), out Hdf5Attribute? attribute))
        {
            parts.AddRange(attribute.Texts ?? []);
            part++;
        }
        return part > 0 ? [.. parts] : null;
    }
}
