using System.IO.Compression;
using System.Numerics;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>
/// What torch.save writes of a state_dict: since PyTorch 1.6 a zip archive of <c>data.pkl</c> and one uncompressed entry a storage
/// (torch/serialization.py), before that pickles and raw storages one after the other. No code of the file is run.
/// </summary>
internal sealed class PyTorchFile : TensorFile
{
    private const int LongestPickle = 64 << 20;

    // The magic number 0x1950a86a20f9469cfc6c, pickled: a long number of ten bytes. Before it the pickle protocol, 2 unless
    // torch.save was told another; 4 and 5 go on with a frame's length.
    private static ReadOnlySpan<byte> OldMagic => [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    private static ReadOnlySpan<byte> ZipMagic => "PK\u0003\u0004"u8;

    private readonly FileStream _stream;
    private readonly ZipArchive? _archive;
    private readonly string _prefix = "";
    private readonly Dictionary<string, long> _oldStorages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickleTensor> _tensors = new(StringComparer.Ordinal);
    private PickleGlobal? _foreign;

    private PyTorchFile(string path, FileStream stream, string? key) : base(path)
    {
        _stream = stream;
        Span<byte> start = stackalloc byte[16];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        object? root;
        if (IsOld(start[..read]))
        {
            root = ReadOld();
        }
        else
        {
            _archive = OpenArchive();
            ZipArchiveEntry pickle = _archive.Entries.FirstOrDefault(e => e.Name == "data.pkl") ?? throw NoPickle(_archive);
            _prefix = pickle.FullName[..^"data.pkl".Length];
            if (_archive.GetEntry(_prefix + "constants.pkl") is not null)
                throw Broken("is a TorchScript program (torch.jit.save), which only PyTorch can run");
            if (_archive.GetEntry(_prefix + "byteorder") is { } order
                && !ReadEntry(order, LongestPickle).AsSpan().SequenceEqual("little"u8))
                throw Broken("was written on a big-endian machine");
            root = Load(new TensorUnpickler(new MemoryStream(ReadEntry(pickle, LongestPickle)), path));
        }
        StateDict weights = StateDict.Find(root, key, what => _foreign is { } foreign
            ? new InvalidDataException(
                $"{Path}: {what}; wants to run {Printable.Short($"{foreign.Module}.{foreign.Name}", 60)}, but only tensors are read; "
                    + "expected a state_dict saved by torch.save")
            : Broken(what));
        foreach ((string name, PickleTensor tensor) in weights.Tensors)
        {
            _tensors.Add(name, tensor);
            Add(new TensorEntry(name, tensor.Storage.Type, tensor.Shape));
        }
        if (weights.Key.Length > 0)
            TrySay("under key", weights.Key);
        if (weights.Wrapper.Length > 0)
            TrySay("left out", $"{weights.Wrapper} before each name");
    }

    /// <inheritdoc/>
    public override string FormatName => _archive is null ? "PyTorch (before 1.6)" : "PyTorch zip";

    /// <summary>Whether a file that begins so may be one of PyTorch's.</summary>
    public static bool IsPyTorch(ReadOnlySpan<byte> start) => start.StartsWith(ZipMagic) || IsOld(start);

    private static bool IsOld(ReadOnlySpan<byte> start)
    {
        const int protocol = 2, frame = 9, enough = 5;
        if (start.Length < protocol + frame + enough || start[0] != 0x80 || start[1] is < 2 or > 5)
            return false;
        ReadOnlySpan<byte> rest = start[(start[protocol] == 0x95 ? protocol + frame : protocol)..];
        return rest[..enough].SequenceEqual(OldMagic[..enough]);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of a checkpoint under which its weights are, those of nested ones joined by dots; null: the usual
    /// one.</param>
    /// <exception cref="InvalidDataException">It is none of PyTorch's, broken, or holds something else than tensors.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static new PyTorchFile Open(string path, string? key = null) => Open(path, stream => new PyTorchFile(path, stream, key));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _archive?.Dispose();
        _stream.Dispose();
    }

    private protected override float[] ReadValues(TensorEntry entry)
    {
        PickleTensor tensor = _tensors[entry.Name];
        if (entry.Count == 0)
            return [];
        long last = tensor.Offset;
        for (int i = 0; i < tensor.Shape.Length; i++)
            last += (tensor.Shape[i] - 1) * tensor.Strides[i];
        float[] stored = ReadStorage(tensor.Storage, tensor.Offset, last - tensor.Offset + 1);

        var values = new float[entry.Count];
        var index = new long[tensor.Shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long at = 0;
            for (int d = 0; d < index.Length; d++)
                at += index[d] * tensor.Strides[d];
            values[i] = stored[at];
            for (int d = index.Length - 1; d >= 0 && ++index[d] == tensor.Shape[d]; d--)
                index[d] = 0;
        }
        return values;
    }

    private float[] ReadStorage(PickleStorage storage, long first, long count)
    {
        int size = ValueTypes.SizeOf(storage.Type);
        if (storage.Count > Array.MaxLength / size)
            throw Broken($"has a storage of {storage.Count} values");
        Span<byte> bytes;
        if (_archive is null)
        {
            byte[] part = new byte[count * size];
            _stream.Position = _oldStorages[storage.Key] + first * size;
            _stream.ReadExactly(part);
            bytes = part;
        }
        else
        {
            ZipArchiveEntry entry = _archive.GetEntry($"{_prefix}data/{storage.Key}") ?? throw Broken("lacks a storage");
            byte[] whole = ReadEntry(entry, storage.Count * size);
            bytes = whole.Length == storage.Count * size
                ? whole.AsSpan((int)(first * size), (int)(count * size))
                : throw Broken("has a storage of another size than stated");
        }
        var values = new float[count];
        ValueTypes.ToSingle(bytes, storage.Type, values);
        return values;
    }

    private ZipArchive OpenArchive()
    {
        try
        {
            var archive = new ZipArchive(_stream, ZipArchiveMode.Read, leaveOpen: true);
            // Entries are listed only now, from the archive's end.
            _ = archive.Entries.Count;
            return archive;
        }
        catch (InvalidDataException)
        {
            throw Broken("is a zip archive that is cut off or damaged");
        }
    }

    private byte[] ReadEntry(ZipArchiveEntry entry, long most)
    {
        // torch.save does not compress, so nothing can be larger than the file.
        if (entry.Length > most || entry.CompressedLength != entry.Length || entry.Length > _stream.Length)
            throw Broken("has an entry that torch.save does not write");
        try
        {
            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Broken("has an entry that is damaged");
        }
    }

    private object? ReadOld()
    {
        _stream.Position = 0;
        object? Next() => new TensorUnpickler(_stream, Path).Load();
        if (Next() is not BigInteger || Next() is not 1001L || Next() is not PickleDictionary system)
            throw Broken("is of an unknown old format");
        if (system.Items.FirstOrDefault(i => i.Key is "little_endian").Value is not true)
            throw Broken("was written on a big-endian machine");
        var unpickler = new TensorUnpickler(_stream, Path);
        object? root = Load(unpickler);
        if (Next() is not List<object?> keys)
            throw Broken("lacks the list of its storages");

        // The storages follow in the order of their keys, each with its number of values before it. Their types are in the pickle,
        // those of an optimizer's tensors beside the state_dict included.
        IReadOnlyDictionary<string, PickleStorage> counted = unpickler.Storages;
        Span<byte> count = stackalloc byte[sizeof(long)];
        foreach (object? key in keys)
        {
            if (key is not string name || !counted.TryGetValue(name, out PickleStorage? storage)
                || _stream.ReadAtLeast(count, count.Length, throwOnEndOfStream: false) < count.Length
                || BitConverter.ToInt64(count) != storage.Count)
                throw Broken("has a storage that no tensor uses, or of another size");
            int size = ValueTypes.SizeOf(storage.Type);
            if (storage.Count > (_stream.Length - _stream.Position) / size)
                throw Broken("is cut off");
            _oldStorages[name] = _stream.Position;
            _stream.Position += storage.Count * size;
        }
        return counted.Keys.All(_oldStorages.ContainsKey) ? root : throw Broken("lacks a storage");
    }

    private object? Load(TensorUnpickler unpickler)
    {
        object? root = unpickler.Load();
        _foreign = unpickler.Foreign;
        return root;
    }

    private InvalidDataException NoPickle(ZipArchive archive)
    {
        string[] arrays = [.. archive.Entries.Select(e => e.FullName).Where(n => n.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))];
        return arrays.Length > 0
            ? new InvalidDataException($"{Path}: is a NumPy archive (.npz), it holds "
                + $"{Printable.Short(string.Join(", ", arrays.Take(8).Select(n => n[..^4])), 100)}{(arrays.Length > 8 ? ", ..." : "")}; "
                + $"expected one array in a .npy: np.save('NAME.npy', np.load('FILE.npz')['{Printable.Short(arrays[0][..^4], 40)}'])")
            : Broken("is a zip archive without data.pkl");
    }

    private InvalidDataException Broken(string what) => new($"{Path}: {what}; expected a state_dict saved by torch.save");
}
