using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>
/// Writes the pickle (protocol 2) of a state_dict: an OrderedDict of tensors of single precision, contiguous, a storage each.
/// </summary>
internal static class PickleWriter
{
    /// <summary>The pickle; storages are called 0, 1, ... in the order of the tensors.</summary>
    public static byte[] Write(IReadOnlyList<(string Name, int[] Shape, ReadOnlyMemory<float> Values)> tensors)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2]);
        pickle.Write("ccollections\nOrderedDict\n)R("u8);
        for (int i = 0; i < tensors.Count; i++)
        {
            (string name, int[] shape, ReadOnlyMemory<float> values) = tensors[i];
            WriteText(pickle, name);
            pickle.Write("ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\n"u8);
            WriteText(pickle, i.ToString(CultureInfo.InvariantCulture));
            WriteText(pickle, "cpu");
            WriteInteger(pickle, values.Length);
            // The persistent name of the storage, the offset in it, shape, strides, no gradient, no hooks.
            pickle.Write("tQK\0"u8);
            WriteTuple(pickle, shape);
            WriteTuple(pickle, Strides(shape));
            pickle.WriteByte(0x89);
            pickle.Write("ccollections\nOrderedDict\n)RtR"u8);
        }
        pickle.Write("u."u8);
        return pickle.ToArray();
    }

    private static int[] Strides(int[] shape)
    {
        int[] strides = new int[shape.Length];
        int stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private static void WriteTuple(Stream pickle, int[] values)
    {
        pickle.WriteByte((byte)'(');
        foreach (int value in values)
            WriteInteger(pickle, value);
        pickle.WriteByte((byte)'t');
    }

    private static void WriteInteger(Stream pickle, int value) => WriteNumber(pickle, 'J', value);

    private static void WriteText(Stream pickle, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(pickle, 'X', bytes.Length);
        pickle.Write(bytes);
    }

    private static void WriteNumber(Stream pickle, char code, int value)
    {
        Span<byte> number = stackalloc byte[5];
        number[0] = (byte)code;
        BinaryPrimitives.WriteInt32LittleEndian(number[1..], value);
        pickle.Write(number);
    }
}
