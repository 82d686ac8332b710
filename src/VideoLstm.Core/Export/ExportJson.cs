using System.Text.Encodings.Web;
using System.Text.Json;

namespace VideoLstm.Core.Export;

/// <summary>How texts are written into other programs' files.</summary>
internal static class ExportJson
{
    /// <summary>Umlauts need no escapes.</summary>
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
