using System.Numerics;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>
/// The heap in which newer libraries keep many, or large, links and attributes of an object: rows of blocks, each row's twice as
/// large as those of the row before, found through blocks of addresses; what is too large for a block lies in the file by itself.
/// </summary>
internal sealed class Hdf5FractalHeap
{
    private const int DeepestTree = 16;

    private readonly Hdf5File _file;
    private readonly long _startSize, _largestDirect, _root;
    private readonly int _width, _rootRows, _offsetSize, _lengthSize;
    private readonly Lazy<Dictionary<long, (long Address, long Length)>> _large;

    public Hdf5FractalHeap(Hdf5File file, long address)
    {
        _file = file;
        Hdf5Cursor head = file.At(address, 144);
        head.Expect("FRHP"u8);
        if (head.Byte() is var version && version != 0)
            throw file.Unsupported($"heap version {version}");
        head.Skip(2);
        if (head.UInt16() > 0)
            throw file.Unsupported("compressed links or attributes");
        head.Skip(1);
        long largestManaged = head.UInt32();
        head.Skip(8);
        long large = head.Int64();
        head.Skip(10 * 8);
        _width = head.UInt16();
        _startSize = head.Int64();
        _largestDirect = head.Int64();
        _offsetSize = (head.UInt16() + 7) / 8;
        head.Skip(2);
        _root = head.Int64();
        _rootRows = head.UInt16();
        _lengthSize = Hdf5Tree2.BytesFor(Math.Min(_largestDirect, largestManaged));
        // Sizes are powers of two; rows double, so 64 are more than any file has.
        if (_width == 0 || _startSize <= 0 || !BitOperations.IsPow2(_startSize) || !BitOperations.IsPow2(_largestDirect)
            || _largestDirect < _startSize || _rootRows > 64 || _offsetSize is 0 or > 8)
            throw file.Broken("has a heap of impossible size");
        _large = new(() => ReadLarge(large));
    }

    /// <summary>The object of an identifier.</summary>
    public Hdf5Cursor Read(Hdf5Cursor identifier)
    {
        int kind = identifier.Byte();
        switch (kind >> 4 & 3)
        {
            case 0:
                long offset = identifier.Unsigned(_offsetSize), length = identifier.Unsigned(_lengthSize);
                return _file.At(Locate(offset), length);
            case 1:
                return _large.Value.TryGetValue(identifier.Unsigned(identifier.Left), out var place)
                    ? _file.At(place.Address, place.Length)
                    : throw _file.Broken("lacks an attribute");
            case 2:
                return identifier.Part((kind & 0x0F) + 1);
            default:
                throw _file.Broken("has an object of unknown kind in a heap");
        }
    }

    private Dictionary<long, (long Address, long Length)> ReadLarge(long tree)
    {
        const int indirectly = 1;
        var found = new Dictionary<long, (long, long)>();
        foreach (Hdf5Cursor record in Hdf5File.IsDefined(tree) ? Hdf5Tree2.Read(_file, tree, indirectly) : [])
        {
            (long address, long length) = (record.Int64(), record.Int64());
            found[record.Int64()] = (address, length);
        }
        return found;
    }

    // The heap's blocks, one after the other, are one range of offsets; a block's own head is part of it.
    private long Locate(long offset)
    {
        if (_rootRows == 0)
            return offset >= 0 && offset < _startSize ? Inside(_root, offset) : throw Outside();
        long block = _root;
        int rows = _rootRows;
        for (int depth = 0; depth < DeepestTree; depth++)
        {
            int row = 0;
            long start = 0, size = _startSize;
            while (row < rows && offset >= start + size * _width)
            {
                start += size * _width;
                size = row == 0 ? size : checked(size * 2);
                row++;
            }
            if (offset < 0 || row >= rows)
                throw Outside();
            (long column, long rest) = Math.DivRem(offset - start, size);
            int head = 4 + 1 + 8 + _offsetSize;
            long child = _file.At(block + head + (row * (long)_width + column) * 8, 8).Int64();
            _file.At(block, 4).Expect("FHIB"u8);
            if (size <= _largestDirect)
                return Inside(child, rest);
            (block, offset) = (child, rest);
            rows = BitOperations.Log2((ulong)size) - BitOperations.Log2((ulong)(_startSize * _width)) + 1;
        }
        throw _file.Broken("leads in circles");
    }

    private long Inside(long block, long offset)
    {
        _file.At(block, 4).Expect("FHDB"u8);
        return block + offset;
    }

    private InvalidDataException Outside() => _file.Broken("has a name outside its heap");
}
