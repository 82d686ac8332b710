namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>The names of a group as older libraries store them: a B-tree (version 1) of symbol nodes, the names in a local heap.</summary>
internal static class Hdf5SymbolTable
{
    private const int DeepestTree = 32;

    public static void Read(Hdf5File file, long tree, long heap, Dictionary<string, long> links)
    {
        Hdf5Cursor head = file.At(heap, 32);
        head.Expect("HEAP"u8);
        head.Skip(4);
        long size = head.Int64();
        head.Skip(8);
        ReadOnlyMemory<byte> names = file.At(head.Int64(), size).Bytes(size).ToArray();
        ReadNode(file, tree, names, links, DeepestTree);
    }

    private static void ReadNode(Hdf5File file, long address, ReadOnlyMemory<byte> names, Dictionary<string, long> links, int depth)
    {
        const int head = 24, entry = 16;
        Hdf5Cursor node = file.At(address, head);
        node.Expect("TREE"u8);
        int kind = node.Byte(), level = node.Byte(), entries = node.UInt16();
        if (kind != 0 || depth == 0)
            throw file.Broken("has a group without its tree");
        Hdf5Cursor children = file.At(address + head, (long)entries * entry);
        for (int i = 0; i < entries; i++)
        {
            children.Skip(8);
            long child = children.Int64();
            if (level > 0)
                ReadNode(file, child, names, links, depth - 1);
            else
                ReadSymbols(file, child, names, links);
        }
    }

    private static void ReadSymbols(Hdf5File file, long address, ReadOnlyMemory<byte> names, Dictionary<string, long> links)
    {
        const int head = 8, entry = 40;
        Hdf5Cursor node = file.At(address, head);
        node.Expect("SNOD"u8);
        node.Skip(2);
        int entries = node.UInt16();
        Hdf5Cursor symbols = file.At(address + head, (long)entries * entry);
        for (int i = 0; i < entries; i++)
        {
            long name = symbols.Int64(), place = symbols.Int64();
            symbols.Skip(24);
            if (name < 0 || name >= names.Length)
                throw file.Broken("has a name outside its heap");
            var text = new Hdf5Cursor(file, names[(int)name..]);
            links[text.Text(text.Left)] = place;
        }
    }
}
