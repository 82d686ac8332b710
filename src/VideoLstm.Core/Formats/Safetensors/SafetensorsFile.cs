using System.Buffers.Binary;
using System.Text.Json;

namespace VideoLstm.Core.Formats.Safetensors;

/// <summary>
/// A safetensors file: the length of a JSON header as a 64-bit little-endian number, the header, the values. The offsets must
/// cover the values without gap or overlap, as the format's specification asks for
/// (github.com/huggingface/safetensors, section Format).
/// </summary>
public sealed class SafetensorsFile : TensorFile
{
    /// <summary>Longest header that the reference implementation takes, bytes.</summary>
    private const long LongestHeader = 100_000_000;

    // What is read of it; models of a hundred thousand tensors have headers of 15 MB.
    private const int LongestRead = 32 << 20;
    private const int MostTensors = 200_000, MostDimensions = 64;

    private const string MetadataKey = "__metadata__";

    private readonly FileStream _stream;
    private readonly Dictionary<string, (long Start, long End)> _places = new(StringComparer.Ordinal);
    private readonly long _valuesStart;

    private SafetensorsFile(string path, FileStream stream) : base(path)
    {
        _stream = stream;
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw Broken("is too short");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader || (long)length > stream.Length - prefix.Length)
            throw Broken($"is cut off or no such file: its header has {length} bytes, the file {stream.Length}");
        if (length > LongestRead)
            throw Broken($"has a header of {length} bytes, more than any model needs ({LongestRead})");
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        _valuesStart = prefix.Length + (long)length;
        try
        {
            ReadHeader(header);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Broken("has a header that is not that of a safetensors file");
        }
        CheckPlaces();
    }

    /// <inheritdoc/>
    public override string FormatName => "safetensors";

    /// <summary>Whether a file that begins so may be one.</summary>
    internal static bool IsSafetensors(ReadOnlySpan<byte> start) =>
        BinaryPrimitives.ReadUInt64LittleEndian(start) <= LongestHeader && start[8] == '{';

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or not whole.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafetensorsFile Open(string path) => Open(path, stream => new SafetensorsFile(path, stream));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _stream.Dispose();

    private protected override float[] ReadValues(TensorEntry entry)
    {
        if (!ValueTypes.CanRead(entry.DataType))
            throw new InvalidDataException(
                $"{Path}: tensor {Printable.Short(entry.Name)} is of type {Printable.Short(entry.DataType)}, which cannot be read");
        (long start, long end) = _places[entry.Name];
        if (end - start > Array.MaxLength)
            throw new InvalidDataException($"{Path}: tensor {Printable.Short(entry.Name)} has {end - start} bytes, too many to read");
        byte[] bytes = new byte[end - start];
        _stream.Position = _valuesStart + start;
        _stream.ReadExactly(bytes);
        var values = new float[entry.Count];
        ValueTypes.ToSingle(bytes, entry.DataType, values);
        return values;
    }

    // Piece by piece: a header of the largest size takes no more memory than what it says.
    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        Utf8JsonReader json = JsonText.Reader(header, new JsonReaderOptions { MaxDepth = 8 });
        Begin(ref json, JsonTokenType.StartObject);
        while (Name(ref json) is { } name)
        {
            if (name == MetadataKey)
                ReadMetadata(ref json);
            else if (_places.Count < MostTensors)
                ReadTensor(ref json, name);
            else
                throw Broken($"has more than {MostTensors} tensors");
        }
        // Only spaces may follow.
        json.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        Begin(ref json, JsonTokenType.StartObject);
        while (Name(ref json) is { } key)
        {
            Begin(ref json, JsonTokenType.String);
            if (!TrySay(key, json.GetString()!))
                throw Broken($"has metadata {key} twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader json, string name)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        Begin(ref json, JsonTokenType.StartObject);
        while (Name(ref json) is { } key)
        {
            switch (key)
            {
                case "dtype":
                    Begin(ref json, JsonTokenType.String);
                    type = json.GetString();
                    break;
                case "shape":
                    shape = Numbers(ref json, name);
                    break;
                case "data_offsets":
                    offsets = Numbers(ref json, name);
                    break;
                default:
                    json.Read();
                    json.Skip();
                    break;
            }
        }
        if (type is null || shape is null || offsets is not [var start, var end])
            throw Broken($"lacks the type, shape or place of tensor {name}");
        var entry = new TensorEntry(name, type, shape);
        int size = ValueTypes.SizeOf(type);
        // Counted for unknown types too: a count that overflows must not wait until somebody asks for it.
        long bytes = checked(entry.Count * size);
        if (shape.Any(s => s < 0) || start < 0 || end < start || (size > 0 && bytes != end - start))
            throw Broken($"has a tensor {name} whose place does not fit its shape [{string.Join(", ", shape)}]");
        if (!_places.TryAdd(name, (start, end)))
            throw Broken($"has a tensor {name} twice");
        Add(entry);
    }

    private long[] Numbers(ref Utf8JsonReader json, string name)
    {
        var numbers = new List<long>();
        Begin(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(json.GetInt64());
            if (numbers.Count > MostDimensions)
                throw Broken($"has a tensor {name} of more than {MostDimensions} dimensions");
        }
        return [.. numbers];
    }

    private static void Begin(ref Utf8JsonReader json, JsonTokenType expected)
    {
        if (!json.Read() || json.TokenType != expected)
            throw new JsonException();
    }

    // The next property's; null at the end of the object.
    private static string? Name(ref Utf8JsonReader json) =>
        json.Read() && json.TokenType == JsonTokenType.PropertyName ? json.GetString() : null;

    private void CheckPlaces()
    {
        long at = 0;
        foreach ((long start, long end) in _places.Values.Order())
        {
            if (start != at)
                throw Broken($"has a gap or overlap at offset {at}");
            at = end;
        }
        if (_valuesStart + at != _stream.Length)
            throw Broken($"is cut off or has something behind its end: expected {_valuesStart + at} bytes, found {_stream.Length}");
    }

    private InvalidDataException Broken(string what) => new($"{Path}: {Printable.Short(what)}; expected a whole safetensors file");
}
