using System.Text;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>
/// A zip archive (PKWARE, "APPNOTE.TXT") of uncompressed entries whose bytes begin at multiples of 64, as torch.save's, so that they
/// can be mapped into memory: System.IO.Compression cannot place them.
/// </summary>
internal sealed class StoredZip(Stream stream)
{
    private const int Alignment = 64, LocalHeader = 30;
    private const ushort Version = 20, Utf8 = 1 << 11, Date1980 = 1 << 5 | 1;

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(TableEntry)];

    private readonly List<byte> _directory = [];
    private ushort _entries;
    private long _position;

    /// <summary>Adds an entry.</summary>
    /// <exception cref="InvalidDataException">The archive would be larger than 4 GB.</exception>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        byte[] path = Encoding.UTF8.GetBytes(name);
        long start = _position, unaligned = start + LocalHeader + path.Length + 4;
        int padding = (int)(-unaligned & (Alignment - 1));
        if (unaligned + padding + content.Length > uint.MaxValue)
            throw new InvalidDataException("these weights are more than the 4 GB that can be written as a PyTorch file");
        uint crc = Crc(content);

        using var header = new MemoryStream();
        using var local = new BinaryWriter(header);
        local.Write("PK\u0003\u0004"u8);
        WriteCommon(local, path, crc, content.Length, (ushort)(4 + padding));
        // An extra field of torch's: "FB", filled up.
        local.Write("FB"u8);
        local.Write((ushort)padding);
        local.Write(new byte[padding]);
        Write(header.ToArray());
        Write(content);

        using var listed = new MemoryStream();
        using var central = new BinaryWriter(listed);
        central.Write("PK\u0001\u0002"u8);
        central.Write(Version);
        WriteCommon(central, path, crc, content.Length, extra: 0, central: (uint)start);
        _directory.AddRange(listed.ToArray());
        _entries++;
    }

    /// <summary>Writes the list of entries.</summary>
    public void Finish()
    {
        long start = _position;
        Write([.. _directory]);
        using var footer = new MemoryStream();
        using var end = new BinaryWriter(footer);
        end.Write("PK\u0005\u0006"u8);
        end.Write(0);
        end.Write(_entries);
        end.Write(_entries);
        end.Write((uint)_directory.Count);
        end.Write((uint)start);
        end.Write((ushort)0);
        Write(footer.ToArray());
    }

    private static void WriteCommon(BinaryWriter writer, byte[] path, uint crc, int size, ushort extra, uint? central = null)
    {
        writer.Write(Version);
        writer.Write(Utf8);
        // Stored, at midnight of the first day that zip knows: equal content gives equal bytes.
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write(Date1980);
        writer.Write(crc);
        writer.Write(size);
        writer.Write(size);
        writer.Write((ushort)path.Length);
        writer.Write(extra);
        if (central is { } offset)
        {
            // No comment, disk 0, no attributes.
            writer.Write(new byte[2 + 2 + 2 + 4]);
            writer.Write(offset);
        }
        writer.Write(path);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }

    // CRC-32 (ISO 3309), the polynomial reversed.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
            crc = CrcTable[(byte)crc ^ b] ^ (crc >> 8);
        return ~crc;
    }

    private static uint TableEntry(int value)
    {
        uint entry = (uint)value;
        for (int bit = 0; bit < 8; bit++)
            entry = (entry & 1) != 0 ? 0xEDB88320 ^ (entry >> 1) : entry >> 1;
        return entry;
    }
}
