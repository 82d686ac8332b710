using System.IO.Compression;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>The values of a dataset: in one piece, in the object header, or in chunks that may be shuffled and compressed.</summary>
internal static class Hdf5Values
{
    private const int FilterDeflate = 1, FilterShuffle = 2, FilterFletcher32 = 3;
    private const int DeepestTree = 32;
    private const int MostBeyond = 64 << 20;

    // What deflate can reach at best; beyond it a size is a lie.
    private const int LargestCompression = 1100;

    public static byte[] Read(Hdf5File file, string name, long[] shape, int valueSize, Hdf5Cursor layout, Hdf5Cursor? filterMessage)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        long size = checked(count * valueSize);
        if (size > Array.MaxLength || size / LargestCompression > file.Length)
            throw file.Broken($"states {size} bytes for {name}");

        int version = layout.Byte(), kind = layout.Byte();
        if (version is < 3 or > 4)
            throw file.Unsupported($"data layout version {version}");
        if (kind == 2 && version == 4)
            throw file.Unsupported("chunks of the newest layout (libver='latest')");
        switch (kind)
        {
            case 0:
                return Exactly(file, name, layout.Bytes(layout.UInt16()), size);
            case 1:
                long address = layout.Int64();
                if (!Hdf5File.IsDefined(address))
                    return size == 0 ? [] : throw file.Broken($"has no values for {name}");
                byte[] values = new byte[CheckStored(file, address, size)];
                file.Read(address, values);
                return values;
            case 2:
                return ReadChunks(file, name, shape, valueSize, size, layout, ReadFilters(file, filterMessage));
            default:
                throw file.Unsupported($"data layout {kind}");
        }
    }

    private static long CheckStored(Hdf5File file, long address, long size) =>
        address >= 0 && address <= file.Length && size <= file.Length - address ? size : throw file.Broken("is cut off");

    private static byte[] Exactly(Hdf5File file, string name, ReadOnlySpan<byte> bytes, long size) =>
        bytes.Length >= size ? bytes[..(int)size].ToArray() : throw file.Broken($"has too few values for {name}");

    private static int[] ReadFilters(Hdf5File file, Hdf5Cursor? message)
    {
        if (message is null)
            return [];
        int version = message.Byte();
        var filters = new int[message.Byte()];
        message.Skip(version == 1 ? 6 : 0);
        for (int i = 0; i < filters.Length; i++)
        {
            filters[i] = message.UInt16();
            int nameSize = version == 1 || filters[i] >= 256 ? message.UInt16() : 0;
            message.Skip(2);
            int values = message.UInt16();
            message.Skip((version == 1 ? (nameSize + 7) / 8 * 8 : nameSize) + 4L * (version == 1 ? values + values % 2 : values));
            if (filters[i] is not (FilterDeflate or FilterShuffle or FilterFletcher32))
                throw file.Unsupported($"compression filter {filters[i]}");
        }
        return filters;
    }

    private static byte[] ReadChunks(Hdf5File file, string name, long[] shape, int valueSize, long size, Hdf5Cursor layout, int[] filters)
    {
        int rank = layout.Byte() - 1;
        long tree = layout.Int64();
        if (rank != shape.Length || rank < 1)
            throw file.Broken($"has chunks that do not fit {name}");
        var chunk = new long[rank];
        long chunkSize = valueSize;
        for (int i = 0; i < rank; i++)
        {
            chunk[i] = layout.UInt32();
            chunkSize *= chunk[i];
            if (chunk[i] == 0 || chunkSize > Array.MaxLength || chunkSize / LargestCompression > file.Length)
                throw file.Broken($"has chunks of impossible size for {name}");
        }
        // Chunks at the border reach over it, but not far.
        long chunks = 1;
        for (int i = 0; i < rank; i++)
            chunks = checked(chunks * ((shape[i] + chunk[i] - 1) / chunk[i]));
        if (checked(chunks * chunkSize) > 64 * size + MostBeyond)
            throw file.Broken($"has chunks of impossible size for {name}");
        byte[] values = new byte[size];
        var reader = new ChunkReader(file, name, shape, chunk, valueSize, (int)chunkSize, filters, values);
        if (Hdf5File.IsDefined(tree))
            reader.ReadNode(tree, DeepestTree);
        return reader.Found == chunks ? values : throw file.Broken($"lacks chunks of {name}");
    }

    private sealed class ChunkReader(
        Hdf5File file, string name, long[] shape, long[] chunk, int valueSize, int chunkSize, int[] filters, byte[] values)
    {
        private readonly HashSet<long> _seen = [];

        public int Found => _seen.Count;

        public void ReadNode(long address, int depth)
        {
            const int head = 24;
            int entry = 8 + 8 * (shape.Length + 1) + 8;
            Hdf5Cursor node = file.At(address, head);
            node.Expect("TREE"u8);
            int kind = node.Byte(), level = node.Byte(), entries = node.UInt16();
            if (kind != 1 || depth == 0)
                throw file.Broken($"has no tree of chunks for {name}");
            Hdf5Cursor children = file.At(address + head, (long)entries * entry);
            for (int i = 0; i < entries; i++)
            {
                long stored = children.UInt32(), mask = children.UInt32();
                var offsets = new long[shape.Length];
                for (int d = 0; d < offsets.Length; d++)
                    offsets[d] = children.Int64();
                children.Skip(8);
                long child = children.Int64();
                if (level > 0)
                    ReadNode(child, depth - 1);
                else
                    Place(child, stored, mask, offsets);
            }
        }

        private byte[] Unpack(byte[] bytes, long mask)
        {
            for (int i = filters.Length - 1; i >= 0; i--)
            {
                if ((mask >> i & 1) != 0)
                    continue;
                bytes = filters[i] switch
                {
                    FilterFletcher32 => bytes.Length >= 4 ? bytes[..^4] : throw file.Broken($"has a chunk of {name} that is cut off"),
                    FilterShuffle => Unshuffle(bytes),
                    _ => Inflate(bytes),
                };
            }
            return bytes.Length == chunkSize
                ? bytes
                : throw file.Broken($"has a chunk of {name} of {bytes.Length} bytes, expected {chunkSize}");
        }

        private byte[] Inflate(byte[] bytes)
        {
            byte[] inflated = new byte[chunkSize];
            try
            {
                using var stream = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress);
                stream.ReadExactly(inflated);
                return inflated;
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw file.Broken($"has a chunk of {name} that is damaged");
            }
        }

        // Shuffled: first the first byte of every value, then the second of every value, ...
        private byte[] Unshuffle(byte[] bytes)
        {
            int count = bytes.Length / valueSize;
            byte[] result = (byte[])bytes.Clone();
            for (int b = 0; b < valueSize; b++)
            {
                for (int i = 0; i < count; i++)
                    result[i * valueSize + b] = bytes[b * count + i];
            }
            return result;
        }

        // Row by row; chunks at the border reach over it.
        private void Place(long address, long stored, long mask, long[] offsets)
        {
            long number = 0;
            for (int d = 0; d < shape.Length; d++)
            {
                if (offsets[d] < 0 || offsets[d] >= shape[d] || offsets[d] % chunk[d] != 0)
                    throw file.Broken($"has a chunk outside of {name}");
                number = number * ((shape[d] + chunk[d] - 1) / chunk[d]) + offsets[d] / chunk[d];
            }
            if (!_seen.Add(number))
                throw file.Broken($"has a chunk of {name} twice");
            // Deflate makes nothing much longer than it was.
            if (stored > chunkSize + chunkSize / 16 + 1024L)
                throw file.Broken($"has a chunk of {name} of {stored} bytes, expected at most {chunkSize}");
            byte[] packed = new byte[CheckStored(file, address, stored)];
            file.Read(address, packed);
            byte[] bytes = Unpack(packed, mask);

            int last = shape.Length - 1;
            long rows = chunkSize / valueSize / chunk[last];
            long width = Math.Min(chunk[last], shape[last] - offsets[last]) * valueSize;
            for (long row = 0; row < rows; row++)
            {
                long rest = row, target = 0, scale = shape[last];
                bool inside = true;
                for (int d = last - 1; d >= 0; d--)
                {
                    long index = offsets[d] + rest % chunk[d];
                    rest /= chunk[d];
                    inside &= index < shape[d];
                    target += index * scale;
                    scale *= shape[d];
                }
                if (inside)
                    bytes.AsSpan((int)(row * chunk[last] * valueSize), (int)width)
                        .CopyTo(values.AsSpan((int)((target + offsets[last]) * valueSize)));
            }
        }
    }
}
