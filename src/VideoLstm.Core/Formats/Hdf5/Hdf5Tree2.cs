using System.Numerics;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>The records of a B-tree of version 2, which newer libraries use as an index: all of them, in the tree's order.</summary>
internal static class Hdf5Tree2
{
    private const int DeepestTree = 16;
    private const int Prefix = 6, Checksum = 4;

    /// <summary>Reads all records.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">Of the tree's header.</param>
    /// <param name="type">Which records are expected.</param>
    public static List<Hdf5Cursor> Read(Hdf5File file, long address, int type)
    {
        Hdf5Cursor head = file.At(address, 34);
        head.Expect("BTHD"u8);
        if (head.Byte() is var version && version != 0)
            throw file.Unsupported($"index version {version}");
        if (head.Byte() != type)
            throw file.Broken("has an index of another kind than expected");
        long nodeSize = head.UInt32();
        int recordSize = head.UInt16(), depth = head.UInt16();
        head.Skip(2);
        long root = head.Int64();
        int inRoot = head.UInt16();
        if (depth > DeepestTree || recordSize == 0 || nodeSize <= Prefix + Checksum)
            throw file.Broken("has an index of impossible size");

        // Numbers take as many bytes as the largest that fits: of records in a node, and of records below one.
        long most = (nodeSize - Prefix - Checksum) / recordSize;
        int countSize = BytesFor(most);
        var totalSizes = new int[depth + 1];
        double total = most;
        for (int level = 1; level < depth; level++)
        {
            int pointer = sizeof(long) + countSize + totalSizes[level - 1];
            double records = Math.Floor((nodeSize - Prefix - Checksum - pointer) / (double)(recordSize + pointer));
            total = (records + 1) * total + records;
            totalSizes[level] = total is >= 1 and < long.MaxValue
                ? BytesFor((long)total)
                : throw file.Broken("has an index of impossible size");
        }
        var found = new List<Hdf5Cursor>();
        if (inRoot > 0)
            ReadNode(root, inRoot, depth);
        return found;

        void ReadNode(long at, long records, int level)
        {
            Hdf5Cursor node = file.At(at, nodeSize);
            node.Expect(level == 0 ? "BTLF"u8 : "BTIN"u8);
            node.Skip(2);
            for (long i = 0; i < records; i++)
                found.Add(node.Part(recordSize));
            for (long i = 0; level > 0 && i <= records; i++)
            {
                long child = node.Int64(), inChild = node.Unsigned(countSize);
                node.Skip(totalSizes[level - 1]);
                ReadNode(child, inChild, level - 1);
            }
        }
    }

    /// <summary>Bytes that hold numbers up to one.</summary>
    public static int BytesFor(long largest) => BitOperations.Log2((ulong)Math.Max(largest, 1)) / 8 + 1;
}
