using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Models;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Export;

/// <summary>What is the same for all formats.</summary>
internal static class Exports
{
    /// <summary>Umlauts need no escapes.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Whether a classifier must be told how many frames of a sequence are real: where sequences may be padded, unless all features are
    /// flattened at once, the zeros of what is not there among them.
    /// </summary>
    public static bool TakesLengths(Network model, CheckpointInfo info) => info.Sequences.Pad && model.Layers[0] is not Flatten;
}
