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
    internal const long LongestHeader = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private readonly FileStream _stream;
    private readonly Dictionary<string, (long Start, long End)> _places = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
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
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        _valuesStart = prefix.Length + (long)length;
        try
        {
            using JsonDocument json = JsonText.Parse(header, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            ReadHeader(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw Broken("has a header that is not that of a safetensors file");
        }
        CheckPlaces();
    }

    /// <inheritdoc/>
    public override string FormatName => "safetensors";

    /// <inheritdoc/>
    public override IReadOnlyList<TensorEntry> Entries => _entries;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, or not whole.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static new SafetensorsFile Open(string path)
    {
        FileStream stream = File.OpenRead(path);
        try
        {
            return new SafetensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _stream.Dispose();

    private protected override float[] ReadValues(TensorEntry entry)
    {
        if (!ValueTypes.CanRead(entry.DataType))
            throw new InvalidDataException($"{Path}: tensor {Printable(entry.Name)} is of type {Printable(entry.DataType)}, which cannot be read");
        (long start, long end) = _places[entry.Name];
        if (end - start > Array.MaxLength)
            throw new InvalidDataException($"{Path}: tensor {Printable(entry.Name)} has {end - start} bytes, too many to read");
        byte[] bytes = new byte[end - start];
        _stream.Position = _valuesStart + start;
        _stream.ReadExactly(bytes);
        var values = new float[entry.Count];
        ValueTypes.ToSingle(bytes, entry.DataType, values);
        return values;
    }

    private void ReadHeader(JsonElement header)
    {
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                foreach (JsonProperty item in property.Value.EnumerateObject())
                    _metadata[item.Name] = item.Value.GetString() ?? throw Broken($"has metadata {item.Name} that is no text");
                continue;
            }
            JsonElement offsets = property.Value.GetProperty("data_offsets");
            string type = property.Value.GetProperty("dtype").GetString() ?? "";
            long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
            var entry = new TensorEntry(property.Name, type, shape);
            (long start, long end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            int size = ValueTypes.SizeOf(type);
            // Counted for unknown types too: a count that overflows must not wait until somebody asks for it.
            long bytes = checked(entry.Count * size);
            if (offsets.GetArrayLength() != 2 || shape.Any(s => s < 0) || start < 0 || end < start || (size > 0 && bytes != end - start))
                throw Broken($"has a tensor {entry.Name} whose place does not fit its shape [{string.Join(", ", shape)}]");
            _entries.Add(entry);
            _places[entry.Name] = (start, end);
        }
    }

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

    private InvalidDataException Broken(string what) => new($"{Path}: {Printable(what)}; expected a whole safetensors file");
}
