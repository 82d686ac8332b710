using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VideoLstm.Core.Formats;

/// <summary>The types of values in tensor files, under safetensors' names, and how each becomes single precision.</summary>
internal static class ValueTypes
{
    /// <summary>Bytes of a value; 0 if the type is unknown.</summary>
    public static int SizeOf(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    /// <summary>Whether <see cref="ToSingle"/> knows the type.</summary>
    public static bool CanRead(string type) => SizeOf(type) > 0 && !type.StartsWith("F8", StringComparison.Ordinal);

    /// <summary>Writes single-precision numbers, little-endian, also more than 2 GB of them.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine is big-endian.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values)
    {
        const int together = 1 << 28;
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("files of weights are written on little-endian machines only");
        for (; values.Length > together; values = values[together..])
            stream.Write(MemoryMarshal.AsBytes(values[..together]));
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    /// <summary>Converts values; numbers that single precision cannot hold exactly are rounded.</summary>
    /// <param name="bytes">The values, as they lie in the file.</param>
    /// <param name="type">Their type.</param>
    /// <param name="values">As many as there are values.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    public static void ToSingle(Span<byte> bytes, string type, Span<float> values, bool bigEndian = false)
    {
        int size = SizeOf(type);
        if (bigEndian == BitConverter.IsLittleEndian)
            Swap(bytes, size);
        switch (type)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case "BF16":
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
            case "BOOL":
                for (int i = 0; i < values.Length; i++)
                    values[i] = bytes[i] != 0 ? 1 : 0;
                break;
            case "F64": Convert<double>(bytes, values); break;
            case "F16": Convert<Half>(bytes, values); break;
            case "I64": Convert<long>(bytes, values); break;
            case "U64": Convert<ulong>(bytes, values); break;
            case "I32": Convert<int>(bytes, values); break;
            case "U32": Convert<uint>(bytes, values); break;
            case "I16": Convert<short>(bytes, values); break;
            case "U16": Convert<ushort>(bytes, values); break;
            case "I8": Convert<sbyte>(bytes, values); break;
            case "U8": Convert<byte>(bytes, values); break;
            default: throw new InvalidDataException($"values of type {type} cannot be read");
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> values) where T : unmanaged, System.Numerics.INumberBase<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < values.Length; i++)
            values[i] = float.CreateTruncating(from[i]);
    }

    private static void Swap(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                Span<ushort> two = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                Span<uint> four = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                Span<ulong> eight = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
        }
    }
}
