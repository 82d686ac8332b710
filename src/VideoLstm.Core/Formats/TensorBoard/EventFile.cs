using VideoLstm.Core.Formats.Protobuf;
using VideoLstm.Core.Storage;

namespace VideoLstm.Core.Formats.TensorBoard;

/// <summary>
/// TensorBoard's event file: a <see cref="RecordFile"/> of protobuf messages, of which these fields are written
/// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto):
/// <code>
/// message Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
/// message Summary { repeated Value value = 1; }
/// message Value   { string tag = 1; float simple_value = 2; }
/// </code>
/// On disk after each <see cref="Add"/>.
/// </summary>
internal sealed class EventFile : IDisposable
{
    /// <summary>What the names of all event files begin with, and TensorBoard knows them by.</summary>
    public const string NamePrefix = "events.out.tfevents.";

    private const string Version = "brain.Event:2";

    // Kinds of value on the wire.
    private const int Varint = 0, EightBytes = 1, Bytes = 2, FourBytes = 5;

    private readonly FileStream _stream;

    private EventFile(FileStream stream) => _stream = stream;

    /// <summary>Begins a file <c>events.out.tfevents.TIME.HOST</c> in a folder, which is made; TIME in seconds since 1970.</summary>
    public static EventFile Create(string folder)
    {
        Directory.CreateDirectory(folder);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        // A host may call itself what no file system likes.
        string host = string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        string path = Path.Combine(folder, $"{NamePrefix}{now.ToUnixTimeSeconds():D10}.{host}");
        var file = new EventFile(StoreFault.Outlast(() => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read)));
        file.Write(now, step: 0, message => message.Add(3, Version));
        return file;
    }

    /// <summary>Goes on with a file: what follows <paramref name="lastStep"/>, and a torn or damaged tail, is cut off first.</summary>
    public static EventFile Resume(string path, long lastStep)
    {
        FileStream stream = StoreFault.Outlast(() => new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
        try
        {
            long end = 0;
            while (RecordFile.Read(stream) is { } record && StepOf(record) <= lastStep)
                end = stream.Position;
            stream.SetLength(end);
            stream.Position = end;
            var file = new EventFile(stream);
            if (end == 0)
                file.Write(DateTimeOffset.UtcNow, step: 0, message => message.Add(3, Version));
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds values at a step, the time being now.</summary>
    public void Add(long step, params ReadOnlySpan<(string Tag, double Value)> scalars)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var summary = new ProtobufMessage();
        foreach ((string tag, double value) in scalars)
            summary.Add(1, new ProtobufMessage().Add(1, tag).Add(2, (float)value));
        Write(DateTimeOffset.UtcNow, step, message => message.Add(5, summary));
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Write(DateTimeOffset time, long step, Action<ProtobufMessage> what)
    {
        ProtobufMessage message = new ProtobufMessage().Add(1, (time - DateTimeOffset.UnixEpoch).TotalSeconds);
        // Zero goes without saying, as in all of protobuf.
        if (step > 0)
            message.Add(2, step);
        what(message);
        using var bytes = new MemoryStream();
        message.WriteTo(bytes);
        RecordFile.Write(_stream, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        _stream.Flush(flushToDisk: true);
    }

    // A field of value 0 may be left out; one that cannot be read counts as behind every step, and is cut off.
    private static long StepOf(byte[] message)
    {
        long step = 0;
        using var stream = new MemoryStream(message);
        using var reader = new BinaryReader(stream);
        try
        {
            while (stream.Position < stream.Length)
            {
                int key = reader.Read7BitEncodedInt();
                if (key == ((2 << 3) | Varint))
                    step = reader.Read7BitEncodedInt64();
                else
                    Skip(reader, key & 7);
            }
            return step;
        }
        catch (Exception e) when (e is IOException or FormatException or InvalidDataException)
        {
            return long.MaxValue;
        }
    }

    private static void Skip(BinaryReader reader, int kind)
    {
        long size = kind switch
        {
            Varint => reader.Read7BitEncodedInt64() & 0,
            EightBytes => 8,
            Bytes => reader.Read7BitEncodedInt64(),
            FourBytes => 4,
            _ => -1,
        };
        if (size < 0 || size > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"no protobuf message: a field of kind {kind}, {size} bytes");
        reader.BaseStream.Position += size;
    }
}
