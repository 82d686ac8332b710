using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Timelines;

/// <summary>A format that is JSON. Whatever such a file is called, its content says which one it is.</summary>
/// <param name="extension">What names of such files end with.</param>
/// <param name="clockRate">Steps of the format's clock in a second.</param>
internal abstract class JsonFormat(string extension, int clockRate) : TimelineFormat(extension, clockRate)
{
    /// <summary>Names are written as they are, not as escapes.</summary>
    protected static readonly JsonSerializerOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    // What is recognised by its content; the last one is what there is otherwise.
    private static readonly JsonFormat[] Known =
    [
        new OtioTimeline(), new BorisProjectTimeline(".boris"), new ActivityNetTimeline(), new LabelStudioTimeline(),
        new JsonTimeline(".json"),
    ];

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Whether a document is of this format.</summary>
    public abstract bool Is(JsonElement root);

    /// <summary>Reads a document.</summary>
    /// <exception cref="InputException">It is not what it should be.</exception>
    protected abstract Timeline Read(TimelineText text, JsonElement root);

    /// <inheritdoc/>
    public override Timeline Read(TimelineText text)
    {
        using JsonDocument document = Parse(text);
        JsonElement root = document.RootElement;
        JsonFormat found = Known.First(f => f.Is(root));
        // What no other format knows, the one that it is called says what is missing of.
        return (found is JsonTimeline ? this : found).Read(text, root);
    }

    /// <summary>What a value is, for messages.</summary>
    protected static string Shown(JsonElement value) => Printable.Quote(Printable.Short(value.GetRawText(), 100));

    /// <summary>The number of a property; null where it is none.</summary>
    protected static double? Number(JsonElement element, string key) =>
        element.Property(key) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value)
            && double.IsFinite(value) ? value : null;

    private static JsonDocument Parse(TimelineText text)
    {
        try
        {
            return JsonText.Parse(Json5.ToJson(text.ReadAll()), Lenient);
        }
        catch (JsonException e)
        {
            throw new InputException(
                $"{text.Path}, line {(e.LineNumber ?? 0) + 1}: is no JSON ({Printable.Short(e.Message.Split(". LineNumber")[0], 200)})", e);
        }
    }
}
