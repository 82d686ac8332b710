using System.Text;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>
/// Writes HDF5 as its oldest readers know it ("HDF5 File Format Specification Version 3.0", The HDF Group): superblock 0, groups as symbol
/// tables, object headers 1, texts of fixed length, contiguous datasets of single precision. First the values, then what describes them.
/// </summary>
internal sealed class Hdf5Writer
{
    private const int Superblock = 96, Alignment = 8;
    private const int MessageDataspace = 0x01, MessageDatatype = 0x03, MessageFillValue = 0x05, MessageLayout = 0x08,
        MessageAttribute = 0x0C, MessageSymbolTable = 0x11;
    private const ulong Undefined = ulong.MaxValue;

    // Names that a node of a group's tree holds: twice this. Each group is one node, so that the largest decides.
    private const int InternalK = 16;
    private readonly int _leafK;

    private readonly List<byte> _descriptions = [];
    private readonly List<ReadOnlyMemory<float>> _values = [];
    private readonly long _start;
    private long _nextValues = Superblock;

    private Hdf5Writer(Hdf5Group root)
    {
        _leafK = Math.Max(4, (LargestGroup(root) + 1) / 2);
        _start = Aligned(Superblock + ValueBytes(root));
    }

    /// <summary>Writes a file.</summary>
    public static void Write(Stream stream, Hdf5Group root)
    {
        var writer = new Hdf5Writer(root);
        (long header, long tree, long heap) = writer.Group(root);
        stream.Write(writer.SuperblockOf(header, tree, heap));
        foreach (ReadOnlyMemory<float> values in writer._values)
        {
            ValueTypes.Write(stream, values.Span);
            stream.Write(new byte[Aligned(values.Length * (long)sizeof(float)) - values.Length * (long)sizeof(float)]);
        }
        stream.Write([.. writer._descriptions]);
    }

    private static int LargestGroup(Hdf5Group group) =>
        group.Groups.Values.Select(LargestGroup).Append(group.Groups.Count + group.Datasets.Count).Max();

    private static long ValueBytes(Hdf5Group group) =>
        group.Groups.Values.Sum(ValueBytes) + group.Datasets.Values.Sum(d => Aligned(d.Values.Length * (long)sizeof(float)));

    private static long Aligned(long size) => (size + Alignment - 1) / Alignment * Alignment;

    /// <summary>Appends a block and says where it will be.</summary>
    private long Place(Action<BinaryWriter> write)
    {
        long address = _start + _descriptions.Count;
        byte[] block = Bytes(write);
        _descriptions.AddRange(block);
        _descriptions.AddRange(new byte[Aligned(block.Length) - block.Length]);
        return address;
    }

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        write(writer);
        return buffer.ToArray();
    }

    private byte[] SuperblockOf(long root, long tree, long heap) => Bytes(w =>
    {
        w.Write(Hdf5File.Signature);
        // Versions of superblock, free space, root group and shared messages; addresses and lengths of 8 bytes.
        w.Write([0, 0, 0, 0, 0, 8, 8, 0]);
        w.Write((ushort)_leafK);
        w.Write((ushort)InternalK);
        w.Write(0);
        w.Write(0L);
        w.Write(Undefined);
        w.Write(_start + _descriptions.Count);
        w.Write(Undefined);
        WriteSymbol(w, name: 0, root, (tree, heap));
    });

    private static void WriteSymbol(BinaryWriter w, long name, long header, (long Tree, long Heap)? group)
    {
        w.Write(name);
        w.Write(header);
        // Whether what a group's header says is repeated here.
        w.Write(group is null ? 0 : 1);
        w.Write(0);
        w.Write(group?.Tree ?? 0L);
        w.Write(group?.Heap ?? 0L);
    }

    private (long Header, long Tree, long Heap) Group(Hdf5Group group)
    {
        List<(string Name, long Header, (long, long)? Group)> members = [];
        foreach ((string name, Hdf5Group child) in group.Groups)
        {
            (long childHeader, long childTree, long childHeap) = Group(child);
            members.Add((name, childHeader, (childTree, childHeap)));
        }
        foreach ((string name, (int[] shape, ReadOnlyMemory<float> values)) in group.Datasets)
            members.Add((name, Dataset(shape, values), null));
        // The library looks names up by their bytes.
        var sorted = members.Select(m => (Bytes: Encoding.UTF8.GetBytes(m.Name), m.Header, m.Group)).ToList();
        sorted.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));

        // The names' heap begins with an empty one.
        List<byte> names = [.. new byte[Alignment]];
        List<long> offsets = [];
        foreach ((byte[] name, _, _) in sorted)
        {
            offsets.Add(names.Count);
            names.AddRange(name);
            names.AddRange(new byte[Aligned(name.Length + 1) - name.Length]);
        }
        long heapValues = Place(w => w.Write([.. names]));
        long heap = Place(w =>
        {
            const long noFreeBlock = 1;
            w.Write("HEAP\0\0\0\0"u8);
            w.Write((long)names.Count);
            w.Write(noFreeBlock);
            w.Write(heapValues);
        });
        long? node = sorted.Count == 0 ? null : Place(w =>
        {
            w.Write("SNOD\u0001\0"u8);
            w.Write((ushort)sorted.Count);
            foreach (((_, long member, (long, long)? child), long offset) in sorted.Zip(offsets))
                WriteSymbol(w, offset, member, child);
            for (int i = sorted.Count; i < 2 * _leafK; i++)
                WriteSymbol(w, 0, 0, null);
        });
        long tree = Place(w =>
        {
            // A leaf of a group's tree, without neighbours.
            w.Write("TREE\0\0"u8);
            w.Write((ushort)(node is null ? 0 : 1));
            w.Write(Undefined);
            w.Write(Undefined);
            // A key before and behind each child: the greatest name so far.
            long[] entries = new long[4 * InternalK + 1];
            if (node is { } only)
                (entries[1], entries[2]) = (only, offsets[^1]);
            foreach (long entry in entries)
                w.Write(entry);
        });
        long header = Header([(MessageSymbolTable, Bytes(w => { w.Write(tree); w.Write(heap); })),
            .. group.Attributes.Select(a => (MessageAttribute, Attribute(a.Name, a.Texts, a.IsList)))]);
        return (header, tree, heap);
    }

    private long Dataset(int[] shape, ReadOnlyMemory<float> values)
    {
        long address = _nextValues, size = values.Length * (long)sizeof(float);
        _values.Add(values);
        _nextValues += Aligned(size);
        byte[] single = Bytes(w =>
        {
            // Class 1 (floating point) version 1; little-endian, the mantissa's first bit implied; sign, exponent, mantissa, bias of IEEE
            // 754.
            w.Write([0x11, 0x20, 31, 0]);
            w.Write(sizeof(float));
            w.Write((ushort)0);
            w.Write((ushort)32);
            w.Write([23, 8, 0, 23]);
            w.Write(127);
        });
        byte[] layout = Bytes(w =>
        {
            // Version 3, contiguous.
            w.Write([3, 1]);
            w.Write(address);
            w.Write(size);
        });
        return Header([(MessageDataspace, Dataspace(shape)), (MessageDatatype, single), (MessageFillValue, [2, 2, 2, 1, 0, 0, 0, 0]),
            (MessageLayout, layout)]);
    }

    private long Header(IReadOnlyList<(int Type, byte[] Body)> messages) => Place(w =>
    {
        const int messageHead = 8;
        w.Write([1, 0]);
        w.Write((ushort)messages.Count);
        w.Write(1);
        w.Write((uint)messages.Sum(m => messageHead + Aligned(m.Body.Length)));
        w.Write(0);
        foreach ((int type, byte[] body) in messages)
        {
            w.Write((ushort)type);
            w.Write((ushort)Aligned(body.Length));
            w.Write(0);
            w.Write(body);
            w.Write(new byte[Aligned(body.Length) - body.Length]);
        }
    });

    private static byte[] Dataspace(int[] shape) => Bytes(w =>
    {
        w.Write([1, (byte)shape.Length, 0, 0, 0, 0, 0, 0]);
        foreach (int size in shape)
            w.Write((long)size);
    });

    private static byte[] Attribute(string name, string[] texts, bool isList)
    {
        byte[] nameBytes = [.. Encoding.UTF8.GetBytes(name), 0], space = Dataspace(isList ? [texts.Length] : []);
        // A text has at least one byte.
        int length = Math.Max(1, texts.Select(Encoding.UTF8.GetByteCount).DefaultIfEmpty(0).Max());
        byte[] type = Bytes(w =>
        {
            // Class 3 (text) version 1, filled up with zeros, UTF-8.
            w.Write([0x13, 0x11, 0, 0]);
            w.Write(length);
        });
        return Bytes(w =>
        {
            w.Write([1, 0]);
            w.Write((ushort)nameBytes.Length);
            w.Write((ushort)type.Length);
            w.Write((ushort)space.Length);
            foreach (byte[] part in (byte[][])[nameBytes, type, space])
            {
                w.Write(part);
                w.Write(new byte[Aligned(part.Length) - part.Length]);
            }
            foreach (string text in texts)
            {
                byte[] bytes = new byte[length];
                Encoding.UTF8.GetBytes(text, bytes);
                w.Write(bytes);
            }
        });
    }
}
