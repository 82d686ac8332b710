namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>An attribute of which only text is of interest.</summary>
internal sealed class Hdf5Attribute
{
    private readonly Lazy<string[]?> _texts;

    public Hdf5Attribute(Hdf5File file, Hdf5Type type, long count, Hdf5Cursor values) =>
        _texts = new Lazy<string[]?>(() => Read(file, type, count, values));

    /// <summary>Its texts; null if it holds something else.</summary>
    public string[]? Texts => _texts.Value;

    private static string[]? Read(Hdf5File file, Hdf5Type type, long count, Hdf5Cursor values)
    {
        const int reference = 4 + 8 + 4;
        int size = type.IsVariableText ? reference : type.Size;
        if (!type.IsText && !type.IsVariableText)
            return null;
        if (count > values.Left / Math.Max(size, 1))
            throw file.Broken("has an attribute that is cut off");
        var texts = new string[count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = type.IsText ? values.Text(size) : ReadHeap(file, values.UInt32(), values.Int64(), values.UInt32());
        return texts;
    }

    private static string ReadHeap(Hdf5File file, long length, long collection, long index)
    {
        const int head = 16;
        if (length == 0)
            return "";
        Hdf5Cursor start = file.At(collection, head);
        start.Expect("GCOL"u8);
        start.Skip(4);
        Hdf5Cursor heap = file.At(collection + head, start.Int64() - head);
        while (heap.Left >= head)
        {
            int at = heap.UInt16();
            heap.Skip(6);
            long size = heap.Int64();
            if (at == index)
                return heap.Text(Math.Min(length, size));
            // Number 0 is the free space, the last.
            if (at == 0 || size < 0 || size > heap.Left)
                break;
            heap.Skip(Math.Min((size + 7) / 8 * 8, heap.Left));
        }
        throw file.Broken("lacks the text of an attribute");
    }
}
