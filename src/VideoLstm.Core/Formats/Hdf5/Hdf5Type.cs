namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>Type of the values of a dataset or attribute: numbers, or text of fixed or of any length.</summary>
/// <param name="Number">Name of the numbers' type in <see cref="ValueTypes"/>; null for text and for what cannot be read.</param>
/// <param name="Size">Bytes of a value.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
/// <param name="IsText">Whether it is text of fixed length.</param>
/// <param name="IsVariableText">Whether it is text of any length, kept in a global heap.</param>
/// <param name="Class">Number of the class in the specification, for messages.</param>
internal sealed record Hdf5Type(string? Number, int Size, bool IsBigEndian, bool IsText, bool IsVariableText, int Class)
{
    public static Hdf5Type Read(Hdf5Cursor message)
    {
        int kind = message.Byte() & 0x0F;
        int bits = message.Byte(), signAt = message.Byte();
        message.Skip(1);
        long size = message.UInt32();
        bool bigEndian = (bits & 1) != 0, signed = (bits & 8) != 0;
        string? number = (kind, size, signed) switch
        {
            (0, 1, true) => "I8",
            (0, 1, false) => "U8",
            (0, 2, true) => "I16",
            (0, 2, false) => "U16",
            (0, 4, true) => "I32",
            (0, 4, false) => "U32",
            (0, 8, true) => "I64",
            (0, 8, false) => "U64",
            (1, 2, _) => "F16",
            (1, 4, _) => "F32",
            (1, 8, _) => "F64",
            _ => null,
        };
        // Of all numbers that the format can describe, only those of IEEE 754 and of two's complement without padding are read.
        if (number is not null
            && !(kind == 1 ? IsIeee(message, bits, signAt, size) : (message.UInt16(), message.UInt16()) == (0, 8 * size)))
            number = null;
        return new Hdf5Type(number, (int)Math.Min(size, int.MaxValue), bigEndian, kind == 3, kind == 9 && (bits & 0x0F) == 1, kind);
    }

    // The leading 1 of the mantissa implied, no padding, little or big endian, not VAX's.
    private static bool IsIeee(Hdf5Cursor message, int bits, int signAt, long size)
    {
        var found = (message.UInt16(), message.UInt16(), message.Byte(), message.Byte(), message.Byte(), message.Byte(), message.UInt32());
        var expected = size switch
        {
            2 => (0, 16, 10, 5, 0, 10, 15L),
            4 => (0, 32, 23, 8, 0, 23, 127L),
            _ => (0, 64, 52, 11, 0, 52, 1023L),
        };
        return found == expected && signAt == 8 * size - 1 && (bits & 0x70) == 0x20;
    }
}
