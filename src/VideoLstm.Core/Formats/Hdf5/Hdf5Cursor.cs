using System.Buffers.Binary;
using System.Text;

namespace VideoLstm.Core.Formats.Hdf5;

/// <summary>Reads a block from front to back and never beyond its end.</summary>
internal sealed class Hdf5Cursor(Hdf5File file, ReadOnlyMemory<byte> block)
{
    private ReadOnlyMemory<byte> _rest = block;

    public int Left => _rest.Length;

    public ReadOnlySpan<byte> Bytes(long count) => Take(count).Span;

    /// <summary>What is left, to be read once more.</summary>
    public Hdf5Cursor Copy() => new(file, _rest);

    /// <summary>The next bytes, as a block of their own.</summary>
    public Hdf5Cursor Part(long count) => new(file, Take(count));

    public void Skip(long count) => Take(count);

    public int Byte() => Bytes(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    /// <summary>An address, or a length. More than 63 bits become negative and fit no file.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(8));

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
    public long Number(int bytes) => bytes switch { 1 => Byte(), 2 => UInt16(), 4 => UInt32(), _ => Int64() };

    /// <summary>A number of up to 8 bytes.</summary>
    public long Unsigned(int bytes)
    {
        long value = 0;
        ReadOnlySpan<byte> read = Bytes(bytes);
        for (int i = Math.Min(bytes, sizeof(long)) - 1; i >= 0; i--)
            value = value << 8 | read[i];
        return value;
    }

    /// <summary>Text of a fixed number of bytes, up to its first zero.</summary>
    public string Text(long bytes)
    {
        ReadOnlySpan<byte> text = Bytes(bytes);
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }

    public void Expect(ReadOnlySpan<byte> signature)
    {
        if (!Bytes(signature.Length).SequenceEqual(signature))
            throw file.Broken($"lacks a block {Encoding.ASCII.GetString(signature)}");
    }

    private ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
            throw file.Broken("ends in the middle of a block");
        ReadOnlyMemory<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
