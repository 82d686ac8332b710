using System.Buffers.Binary;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>
/// Reads what HDF5 libraries write by default ("HDF5 File Format Specification Version 3.0", The HDF Group): superblocks 0 to 3,
/// object headers 1 and 2, groups as symbol tables or as links, links and attributes in the object header or in a heap.
/// Every address and size is checked against the file before it is followed, and no structure is followed for ever.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    private const long Undefined = -1;
    private const int LongestBlock = 64 << 20;
    private const int MostBlocks = 1_000_000;

    private readonly FileStream _stream;
    private int _blocks;
    private long _bytes;

    /// <summary>Takes a stream over, also where it is no HDF5 file.</summary>
    /// <param name="path">What it is called in messages.</param>
    /// <param name="stream">The file.</param>
    public Hdf5File(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
        try
        {
            Root = new Hdf5Object(this, ReadSuperblock());
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The first bytes of every file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    public string Path { get; }

    public Hdf5Object Root { get; }

    public long Length => _stream.Length;

    public void Dispose() => _stream.Dispose();

    /// <summary>Whether an address points to something; all ones mean nothing.</summary>
    public static bool IsDefined(long address) => address != Undefined;

    /// <summary>Reads a block of the file.</summary>
    public Hdf5Cursor At(long address, long length)
    {
        if (length > LongestBlock)
            throw Broken($"has a block of {length} bytes");
        byte[] block = new byte[CheckPlace(address, length)];
        // Far more than any real file has: only one that leads in circles, or to the same place again and again, gets here.
        _bytes += length;
        if (++_blocks > MostBlocks || _bytes > 4 * Length + LongestBlock)
            throw Broken("leads in circles");
        _stream.Position = address;
        _stream.ReadExactly(block);
        return new Hdf5Cursor(this, block);
    }

    /// <summary>Reads values straight into their place.</summary>
    public void Read(long address, Span<byte> bytes)
    {
        CheckPlace(address, bytes.Length);
        _stream.Position = address;
        _stream.ReadExactly(bytes);
    }

    public InvalidDataException Broken(string what) =>
        new($"{Path}: is a broken HDF5 file, it {Printable.Short(what)}; get the file again");

    public InvalidDataException Unsupported(string what) =>
        new($"{Path}: uses {Printable.Short(what)}, which is not supported; save the weights again with h5py's default settings, or as "
            + "safetensors");

    private long CheckPlace(long address, long length)
    {
        if (address < 0 || length < 0 || address > Length || length > Length - address)
            throw Broken($"points to {length} bytes at {address}, but has only {Length}");
        return length;
    }

    private long ReadSuperblock()
    {
        const int shortest = 48;
        Hdf5Cursor block = At(0, Math.Min(Length, 2 * shortest));
        if (!block.Bytes(Signature.Length).SequenceEqual(Signature))
            throw new InvalidDataException($"{Path}: is no HDF5 file");
        int version = block.Byte();
        if (version > 3)
            throw Unsupported($"superblock version {version}");
        if (version >= 2)
        {
            CheckSizes(block.Byte(), block.Byte());
            block.Skip(1 + 3 * 8);
            return block.Int64();
        }
        block.Skip(4);
        CheckSizes(block.Byte(), block.Byte());
        block.Skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0) + 4 * 8 + 8);
        return block.Int64();
    }

    private void CheckSizes(int offsets, int lengths)
    {
        if (offsets != 8 || lengths != 8)
            throw Unsupported($"offsets of {offsets} and lengths of {lengths} bytes");
    }
}
