using System.Text;

namespace VideoLstm.Core.Formats.Protobuf;

/// <summary>
/// A protobuf message that is being written: fields by number, as the encoding guide of protobuf.dev describes them. Numbers of
/// tensors are not copied.
/// </summary>
internal sealed class ProtobufMessage
{
    // Kinds of value on the wire.
    private const int Varint = 0, EightBytes = 1, Bytes = 2, FourBytes = 5;

    private readonly List<(byte[]? Bytes, ReadOnlyMemory<float> Floats)> _parts = [];

    /// <summary>Bytes of the message.</summary>
    public long Length { get; private set; }

    /// <summary>An integer or an enumeration.</summary>
    public ProtobufMessage Add(int field, long value) => Append(w =>
    {
        WriteKey(w, field, Varint);
        w.Write7BitEncodedInt64(value);
    });

    /// <summary>A number of single precision.</summary>
    public ProtobufMessage Add(int field, float value) => Append(w =>
    {
        WriteKey(w, field, FourBytes);
        w.Write(value);
    });

    /// <summary>A number of double precision.</summary>
    public ProtobufMessage Add(int field, double value) => Append(w =>
    {
        WriteKey(w, field, EightBytes);
        w.Write(value);
    });

    /// <summary>A text.</summary>
    public ProtobufMessage Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes.</summary>
    public ProtobufMessage Add(int field, byte[] bytes) => Append(w =>
    {
        WriteKey(w, field, Bytes);
        w.Write7BitEncodedInt(bytes.Length);
        w.Write(bytes);
    });

    /// <summary>Little-endian numbers of single precision as bytes; they are read when the message is written.</summary>
    public ProtobufMessage Add(int field, ReadOnlyMemory<float> values)
    {
        AppendHead(field, values.Length * (long)sizeof(float));
        _parts.Add((null, values));
        Length += values.Length * (long)sizeof(float);
        return this;
    }

    /// <summary>A message, complete.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage message)
    {
        AppendHead(field, message.Length);
        return Append(message);
    }

    /// <summary>All fields of another message behind those of this one.</summary>
    public ProtobufMessage Append(ProtobufMessage message)
    {
        _parts.AddRange(message._parts);
        Length += message.Length;
        return this;
    }

    /// <summary>Fields as they stand in another message.</summary>
    public ProtobufMessage AddRaw(byte[] fields)
    {
        _parts.Add((fields, default));
        Length += fields.Length;
        return this;
    }

    /// <summary>Writes the message.</summary>
    public void WriteTo(Stream stream)
    {
        foreach ((byte[]? bytes, ReadOnlyMemory<float> floats) in _parts)
        {
            if (bytes is null)
                ValueTypes.Write(stream, floats.Span);
            else
                stream.Write(bytes);
        }
    }

    private static void WriteKey(BinaryWriter writer, int field, int kind) => writer.Write7BitEncodedInt((field << 3) | kind);

    private void AppendHead(int field, long length) => Append(w =>
    {
        WriteKey(w, field, Bytes);
        w.Write7BitEncodedInt64(length);
    });

    private ProtobufMessage Append(Action<BinaryWriter> write)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        write(writer);
        byte[] bytes = buffer.ToArray();
        _parts.Add((bytes, default));
        Length += bytes.Length;
        return this;
    }
}
