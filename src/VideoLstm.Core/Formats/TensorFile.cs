using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Formats;

/// <summary>A file of named tensors: opened, its header read and checked, its values read on demand.</summary>
public abstract class TensorFile : IDisposable
{
    private readonly List<TensorEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private Dictionary<string, TensorEntry>? _byName;

    private protected TensorFile(string path) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What a person calls the format.</summary>
    public abstract string FormatName { get; }

    /// <summary>The tensors, in the file's order.</summary>
    public IReadOnlyList<TensorEntry> Entries => _entries;

    /// <summary>What the file says besides its tensors, as text.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public TensorEntry this[string name] => ByName.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new InvalidDataException($"{Path}: holds no tensor {Printable.Short(name)}");

    private Dictionary<string, TensorEntry> ByName => _byName ??= Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);

    /// <summary>Whether there is a tensor of the name.</summary>
    public bool Contains(string name) => ByName.ContainsKey(name);

    /// <summary>The values of a tensor, row by row, as single-precision numbers.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its type or size is none that can be read.</exception>
    public float[] ReadSingle(string name)
    {
        TensorEntry entry = this[name];
        if (entry.Count > Array.MaxLength)
            throw new InvalidDataException($"{Path}: tensor {Printable.Short(name)} has {entry.Count} values, too many to read");
        return ReadValues(entry);
    }

    private protected void Add(TensorEntry entry) => _entries.Add(entry);

    private protected bool TrySay(string key, string text) => _metadata.TryAdd(key, text);

    /// <summary>Opens a file; it is closed if it cannot be read.</summary>
    private protected static T Open<T>(string path, Func<FileStream, T> read)
    {
        FileStream stream = StoreFault.Outlast(() => File.OpenRead(path));
        try
        {
            return read(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file of any format known, told apart by its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where in a checkpoint of PyTorch the weights are; null: where they usually are.</param>
    /// <exception cref="InvalidDataException">It is of none of them, or broken.</exception>
    /// <exception cref="InputException">There is no choice of weights, or it has not been made.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static TensorFile Open(string path, string? key = null)
    {
        ReadOnlySpan<byte> start = StartOf(path);
        if (key is null && start.StartsWith(Hdf5.Hdf5File.Signature))
            return Hdf5.KerasFile.Open(path);
        if (key is null && Hdf5.KerasArchive.Is(start, path))
            return Hdf5.KerasFile.OpenArchive(path);
        if (PyTorch.PyTorchFile.IsPyTorch(start))
            return PyTorch.PyTorchFile.Open(path, key);
        if (key is not null)
            throw new InputException($"{path}: has no keys to choose from", Remedy.DoNotChooseWeights);
        if (Safetensors.SafetensorsFile.IsSafetensors(start))
            return Safetensors.SafetensorsFile.Open(path);
        throw new InvalidDataException(
            $"{path}: is no file of tensors; expected Keras (.h5, .hdf5, .keras), PyTorch (.pth) or safetensors");
    }

    /// <summary>Whether a file is one of tensors by its first bytes; it may be broken, or be a zip archive of something else.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static bool IsLikely(string path)
    {
        ReadOnlySpan<byte> start = StartOf(path);
        return start.StartsWith(Hdf5.Hdf5File.Signature) || PyTorch.PyTorchFile.IsPyTorch(start)
            || Safetensors.SafetensorsFile.IsSafetensors(start);
    }

    // Zeros behind its end.
    private static byte[] StartOf(string path)
    {
        byte[] start = new byte[16];
        using FileStream stream = StoreFault.Outlast(() => File.OpenRead(path));
        _ = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    private protected abstract float[] ReadValues(TensorEntry entry);
}
