namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>A group or dataset: its object header, read.</summary>
internal sealed class Hdf5Object
{
    private const int MessageDataspace = 0x01, MessageLinkInfo = 0x02, MessageDatatype = 0x03, MessageLink = 0x06, MessageLayout = 0x08,
        MessageFilters = 0x0B, MessageAttribute = 0x0C, MessageContinuation = 0x10, MessageSymbolTable = 0x11, MessageAttributeInfo = 0x15;

    // Types of the indices of names.
    private const int IndexOfLinks = 5, IndexOfAttributes = 8;

    private readonly Hdf5File _file;
    private readonly Dictionary<string, long> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Hdf5Attribute> _attributes = new(StringComparer.Ordinal);
    private readonly Queue<(long Address, long Length)> _continuations = new();
    private Hdf5Cursor? _layout;
    private Hdf5Cursor? _filters;

    public Hdf5Object(Hdf5File file, long address)
    {
        _file = file;
        Hdf5Cursor start = file.At(address, 16);
        int first = start.Byte();
        if (first == 1)
            ReadVersion1(address, start);
        else if (first == 'O')
            ReadVersion2(address);
        else
            throw file.Broken($"has no object at {address}");
    }

    /// <summary>Names in a group, and the addresses of what they name.</summary>
    public IReadOnlyDictionary<string, long> Links => _links;

    public IReadOnlyDictionary<string, Hdf5Attribute> Attributes => _attributes;

    /// <summary>Sizes of a dataset; null for a group.</summary>
    public long[]? Shape { get; private set; }

    public Hdf5Type? Type { get; private set; }

    public bool IsDataset => Shape is not null && Type is not null && _layout is not null;

    /// <summary>The object of a name in this group, or null.</summary>
    public Hdf5Object? Find(string name) => _links.TryGetValue(name, out long address) ? new Hdf5Object(_file, address) : null;

    /// <summary>The values of a dataset as single-precision numbers.</summary>
    public float[] ReadValues(string name)
    {
        if (Type!.Number is not { } number || !ValueTypes.CanRead(number))
            throw _file.Unsupported($"values of type class {Type.Class} in {name}");
        byte[] bytes = Hdf5Values.Read(_file, name, Shape!, Type.Size, _layout!.Copy(), _filters?.Copy());
        var values = new float[bytes.Length / Type.Size];
        ValueTypes.ToSingle(bytes, number, values, Type.IsBigEndian);
        return values;
    }

    private void ReadVersion1(long address, Hdf5Cursor start)
    {
        const int prefix = 16;
        start.Skip(1);
        int messages = start.UInt16();
        start.Skip(4);
        _continuations.Enqueue((address + prefix, start.UInt32()));
        while (_continuations.TryDequeue(out var place))
        {
            Hdf5Cursor block = _file.At(place.Address, place.Length);
            for (; messages > 0 && block.Left >= 8; messages--)
            {
                int type = block.UInt16(), size = block.UInt16(), flags = block.Byte();
                block.Skip(3);
                ReadMessage(type, flags, block.Part(size));
            }
        }
    }

    private void ReadVersion2(long address)
    {
        const int longestPrefix = 4 + 1 + 1 + 16 + 4 + 8, checksum = 4;
        Hdf5Cursor prefix = _file.At(address, Math.Min(longestPrefix, _file.Length - address));
        int before = prefix.Left;
        prefix.Expect("OHDR"u8);
        if (prefix.Byte() is var version && version != 2)
            throw _file.Unsupported($"object header version {version}");
        int flags = prefix.Byte();
        prefix.Skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
        long size = prefix.Number(1 << (flags & 3));
        ReadMessages2(_file.At(address + before - prefix.Left, size), flags);
        while (_continuations.TryDequeue(out var place))
        {
            Hdf5Cursor block = _file.At(place.Address, place.Length);
            block.Expect("OCHK"u8);
            ReadMessages2(block.Part(block.Left - checksum), flags);
        }
    }

    private void ReadMessages2(Hdf5Cursor block, int headerFlags)
    {
        int head = (headerFlags & 4) != 0 ? 6 : 4;
        while (block.Left >= head)
        {
            int type = block.Byte(), size = block.UInt16(), flags = block.Byte();
            block.Skip(head - 4);
            ReadMessage(type, flags, block.Part(size));
        }
    }

    private void ReadMessage(int type, int flags, Hdf5Cursor message)
    {
        bool shared = (flags & 2) != 0;
        if (shared && type is (MessageDataspace or MessageDatatype))
            throw _file.Unsupported("types shared between datasets");
        switch (type)
        {
            case MessageDataspace:
                Shape = ReadShape(message);
                break;
            case MessageDatatype:
                Type = Hdf5Type.Read(message);
                break;
            case MessageLayout:
                _layout = message;
                break;
            case MessageFilters:
                _filters = message;
                break;
            case MessageContinuation:
                _continuations.Enqueue((message.Int64(), message.Int64()));
                break;
            case MessageSymbolTable:
                Hdf5SymbolTable.Read(_file, message.Int64(), message.Int64(), _links);
                break;
            case MessageLink:
                ReadLink(message);
                break;
            case MessageAttribute:
                ReadAttribute(message);
                break;
            case MessageLinkInfo:
                message.Skip(1);
                message.Skip((message.Byte() & 1) != 0 ? 8 : 0);
                ReadDense(message, IndexOfLinks, ReadLink);
                break;
            case MessageAttributeInfo:
                message.Skip(1);
                message.Skip((message.Byte() & 1) != 0 ? 2 : 0);
                ReadDense(message, IndexOfAttributes, ReadAttribute);
                break;
        }
    }

    /// <summary>Messages that are too many, or too long, for the object's header.</summary>
    private void ReadDense(Hdf5Cursor message, int index, Action<Hdf5Cursor> read)
    {
        const int hash = 4;
        (long heapAddress, long tree) = (message.Int64(), message.Int64());
        if (!Hdf5File.IsDefined(heapAddress))
            return;
        var heap = new Hdf5FractalHeap(_file, heapAddress);
        foreach (Hdf5Cursor record in Hdf5Tree2.Read(_file, tree, index))
        {
            // A link's record is a hash and the identifier; an attribute's the identifier, flags, creation order and a hash.
            bool isLink = index == IndexOfLinks;
            if (isLink)
                record.Skip(hash);
            Hdf5Cursor identifier = record.Part(isLink ? record.Left : record.Left - 1 - 4 - hash);
            if (!isLink && (record.Byte() & 2) != 0)
                throw _file.Unsupported("attributes shared between objects");
            read(heap.Read(identifier));
        }
    }

    private long[] ReadShape(Hdf5Cursor message)
    {
        int version = message.Byte(), rank = message.Byte();
        message.Skip(version == 1 ? 6 : 2);
        if (version is not (1 or 2) || rank > 32)
            throw _file.Broken("has a dataset of unknown shape");
        var shape = new long[rank];
        double count = 1;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = message.Int64();
            count *= shape[i];
            if (shape[i] < 0 || count > long.MaxValue / 16)
                throw _file.Broken("has a dataset of impossible shape");
        }
        return shape;
    }

    private void ReadLink(Hdf5Cursor message)
    {
        message.Skip(1);
        int flags = message.Byte();
        int kind = (flags & 8) != 0 ? message.Byte() : 0;
        message.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
        string name = message.Text(message.Number(1 << (flags & 3)));
        // Soft and external links lead to what is listed elsewhere, or to other files.
        if (kind == 0)
            _links[name] = message.Int64();
    }

    private void ReadAttribute(Hdf5Cursor message)
    {
        int version = message.Byte(), flags = message.Byte();
        if (version is < 1 or > 3)
            throw _file.Broken("has an attribute of unknown version");
        if (version > 1 && (flags & 3) != 0)
            throw _file.Unsupported("attributes of shared types");
        int nameSize = message.UInt16(), typeSize = message.UInt16(), spaceSize = message.UInt16();
        message.Skip(version == 3 ? 1 : 0);
        int Padded(int size) => version == 1 ? (size + 7) / 8 * 8 : size;
        string name = message.Text(Padded(nameSize));
        Hdf5Type type = Hdf5Type.Read(message.Part(Padded(typeSize)));
        long[] shape = ReadShape(message.Part(Padded(spaceSize)));
        _attributes[name] = new Hdf5Attribute(_file, type, shape.Aggregate(1L, (a, b) => a * b), message);
    }
}
