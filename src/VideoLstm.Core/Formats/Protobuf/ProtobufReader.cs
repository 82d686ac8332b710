using System.Text;

namespace VideoLstm.Core.Formats.Protobuf;

/// <summary>
/// The fields of a protobuf message, one after the other, as the encoding guide of protobuf.dev describes them. What is not asked for is
/// passed over without being read: tensors of gigabytes cost nothing.
/// </summary>
internal sealed class ProtobufReader
{
    // A message within a message within ...: as deep as protobuf's own readers go.
    private const int MostDepth = 100;

    private readonly Stream _stream;
    private readonly int _depth;
    private readonly long _end;
    private int _kind;

    // Where the value of the field ends; -1: it has not been read.
    private long _next = -1;

    private ProtobufReader(Stream stream, long end, int depth) => (_stream, _end, _depth) = (stream, end, depth);

    /// <summary>A message that a whole file is.</summary>
    public ProtobufReader(Stream stream) : this(stream, stream.Length, 0)
    {
    }

    /// <summary>Number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>Where in the stream the field begins, with its number.</summary>
    public long Start { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False: there is none.</returns>
    /// <exception cref="InvalidDataException">It is no protobuf message.</exception>
    public bool Next()
    {
        if (Field > 0)
            Leave();
        if (_stream.Position >= _end)
            return false;
        Start = _stream.Position;
        ulong key = ReadVarint();
        (Field, _kind) = ((int)Math.Min(key >> 3, int.MaxValue), (int)(key & 7));
        if (Field is 0 or int.MaxValue)
            throw Broken($"a field of number {key >> 3}");
        _next = _kind switch
        {
            0 => -1,
            1 => _stream.Position + 8,
            2 => LengthThenEnd(),
            5 => _stream.Position + 4,
            _ => throw Broken($"a field of kind {_kind}"),
        };
        return _next <= _end ? true : throw Broken("a field ends behind its message");
    }

    /// <summary>The value, an integer or an enumeration.</summary>
    public long Integer()
    {
        Expect(0);
        long value = (long)ReadVarint();
        Field = 0;
        return value;
    }

    /// <summary>The values, integers: of a repeated field, packed or one by one.</summary>
    public IEnumerable<long> Integers()
    {
        if (_kind == 0)
        {
            yield return Integer();
            yield break;
        }
        Expect(2);
        while (_stream.Position < _next)
            yield return (long)ReadVarint();
    }

    /// <summary>The value, a text.</summary>
    /// <param name="longest">More bytes are refused.</param>
    public string Text(int longest = 1 << 16)
    {
        Expect(2);
        long length = _next - _stream.Position;
        if (length > longest)
            throw Broken($"a text of {length} bytes");
        byte[] bytes = new byte[length];
        _stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The field as it stands there, number and all.</summary>
    public byte[] Raw()
    {
        if (_next < 0)
            ReadVarint();
        byte[] bytes = new byte[(_next < 0 ? _stream.Position : _next) - Start];
        _stream.Position = Start;
        _stream.ReadExactly(bytes);
        Field = 0;
        return bytes;
    }

    /// <summary>The value, a message; it is read before the next field is gone to.</summary>
    public ProtobufReader Message()
    {
        Expect(2);
        return _depth < MostDepth ? new ProtobufReader(_stream, _next, _depth + 1) : throw Broken("messages within messages without end");
    }

    private void Leave()
    {
        if (_next < 0)
            ReadVarint();
        else
            _stream.Position = _next;
        Field = 0;
    }

    private long LengthThenEnd()
    {
        ulong length = ReadVarint();
        return length <= (ulong)(_end - _stream.Position) ? _stream.Position + (long)length
            : throw Broken($"a field of {length} bytes where {_end - _stream.Position} are left");
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            int next = _stream.Position < _end ? _stream.ReadByte() : -1;
            if (next < 0)
                throw Broken("a number is cut off");
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw Broken("a number of more than 10 bytes");
    }

    private void Expect(int kind)
    {
        if (_kind != kind)
            throw Broken($"field {Field} is of kind {_kind}, expected {kind}");
    }

    private static InvalidDataException Broken(string what) => new($"no protobuf message: {what}");
}
