using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VideoLstm.Core.Formats.TensorBoard;

/// <summary>
/// TFRecord, TensorFlow's file of byte strings (tensorflow/core/lib/io/record_writer.h), each framed as
/// <c>uint64 length, uint32 crc of the length, bytes, uint32 crc of the bytes</c>, little-endian.
/// </summary>
internal static class RecordFile
{
    private const int HeaderBytes = 12;
    private const int FooterBytes = 4;
    private const int LongestRecord = 1 << 24;

    /// <summary>Appends a record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> frame = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteInt64LittleEndian(frame, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], MaskedCrc(frame[..8]));
        stream.Write(frame);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, MaskedCrc(data));
        stream.Write(frame[..FooterBytes]);
    }

    /// <summary>Reads the next record; null at the end, and where the file is torn or damaged: what follows cannot be told apart.</summary>
    public static byte[]? Read(Stream stream)
    {
        Span<byte> frame = stackalloc byte[HeaderBytes];
        if (stream.ReadAtLeast(frame, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !HasCrc(frame[..8], frame[8..]))
            return null;
        long length = BinaryPrimitives.ReadInt64LittleEndian(frame);
        if (length is < 0 or > LongestRecord)
            return null;
        byte[] data = new byte[length];
        bool whole = stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) == data.Length
            && stream.ReadAtLeast(frame[..FooterBytes], FooterBytes, throwOnEndOfStream: false) == FooterBytes;
        return whole && HasCrc(data, frame[..FooterBytes]) ? data : null;
    }

    private static bool HasCrc(ReadOnlySpan<byte> data, ReadOnlySpan<byte> crc) =>
        MaskedCrc(data) == BinaryPrimitives.ReadUInt32LittleEndian(crc);

    // CRC-32C (Castagnoli), rotated and shifted, since a CRC of data that holds CRCs is a weak one.
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (ulong eight in MemoryMarshal.Cast<byte, ulong>(data))
            crc = BitOperations.Crc32C(crc, eight);
        foreach (byte one in data[(data.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, one);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
