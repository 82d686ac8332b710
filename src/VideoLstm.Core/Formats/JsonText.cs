using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace VideoLstm.Core.Formats;

/// <summary>
/// The one door for JSON that others wrote. What is no text, half a surrogate pair as an escape or bytes that are no UTF-8, becomes
/// U+FFFD before anything is parsed, so that no name and no value behind the door can throw for it; and the accessors take an element
/// of any kind: what is not there, null, or of another kind is null or empty.
/// </summary>
internal static class JsonText
{
    // No file that this program reads as JSON comes near; a parsed document takes several times its length.
    private const int Longest = 64 << 20;

    /// <summary>Parses a document.</summary>
    /// <exception cref="JsonException">It is no JSON, nested too deeply, or too long.</exception>
    public static JsonDocument Parse(string json, JsonDocumentOptions options = default) => JsonDocument.Parse(Bytes(json), options);

    /// <inheritdoc cref="Parse(string, JsonDocumentOptions)"/>
    public static JsonDocument Parse(ReadOnlySpan<byte> utf8, JsonDocumentOptions options = default) =>
        JsonDocument.Parse(Clean(utf8), options);

    /// <summary>Reads an object.</summary>
    /// <exception cref="JsonException">It is no JSON, too long, or describes no such object.</exception>
    public static T? Deserialize<T>(string json, JsonSerializerOptions? options = null) =>
        JsonSerializer.Deserialize<T>(Bytes(json), options);

    /// <inheritdoc cref="Deserialize{T}(string, JsonSerializerOptions)"/>
    public static T? Deserialize<T>(ReadOnlySpan<byte> utf8, JsonSerializerOptions? options = null) =>
        JsonSerializer.Deserialize<T>(Clean(utf8), options);

    /// <summary>A document to be read piece by piece, for what is too long to be held as a whole.</summary>
    /// <exception cref="JsonException">It is too long.</exception>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8, JsonReaderOptions options = default) => new(Clean(utf8), options);

    /// <summary>A property of an object that is there and not null.</summary>
    public static JsonElement? Property(this JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value)
            && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The text of a property; null where it is none.</summary>
    public static string? Text(this JsonElement element, string key) =>
        element.Property(key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The whole number of a property; null where it is none.</summary>
    public static int? Integer(this JsonElement element, string key) =>
        element.Property(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : null;

    /// <summary>The whole number that the text of a property is, as ffprobe writes them, at least 0; null where it is none.</summary>
    public static long? Whole(this JsonElement element, string key) =>
        long.TryParse(element.Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The finite number that the text of a property is; null where it is none.</summary>
    public static double? Real(this JsonElement element, string key) =>
        double.TryParse(element.Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : null;

    /// <summary>The elements of a property that is an array; none where it is not.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string key) =>
        element.Property(key) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    // Half pairs that are no escapes, the encoder replaces.
    private static byte[] Bytes(string json)
    {
        if (json.Length > Longest)
            throw TooLong();
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        ReplaceHalfPairs(utf8);
        return utf8;
    }

    private static byte[] Clean(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
            throw TooLong();
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        byte[] clean = Utf8.IsValid(utf8) ? utf8.ToArray() : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8));
        ReplaceHalfPairs(clean);
        return clean;
    }

    // Whether a backslash stands in a text need not be known: elsewhere it is no JSON, or in a comment that is passed over.
    private static void ReplaceHalfPairs(Span<byte> json)
    {
        while (json.IndexOf((byte)'\\') is >= 0 and int at && at + 1 < json.Length)
        {
            json = json[at..];
            int length = 2;
            if (Escape(json) is { } unit)
            {
                length = 6;
                if (char.IsHighSurrogate(unit) && Escape(json[6..]) is { } next && char.IsLowSurrogate(next))
                    length = 12;
                else if (char.IsSurrogate(unit))
                    "\\uFFFD"u8.CopyTo(json);
            }
            json = json[length..];
        }
    }

    // The unit of UTF-16 that an escape such as \u00e9 stands for, if one is here.
    private static char? Escape(ReadOnlySpan<byte> json) =>
        json.Length >= 6 && json[0] == '\\' && json[1] == 'u'
            && System.Buffers.Text.Utf8Parser.TryParse(json[2..6], out ushort unit, out int used, 'x') && used == 4
            ? (char)unit : null;

    private static JsonException TooLong() => new($"longer than {Longest} characters");
}
