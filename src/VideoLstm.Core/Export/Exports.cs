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
    /// <exception cref="InputException">What stands where frames are not there counts, and other programs put something else there.</exception>
    public static bool TakesLengths(Network model, CheckpointInfo info)
    {
        if (!info.Sequences.Pad)
            return false;
        Layer[] masked = [.. model.Layers.TakeWhile(l => l is Flatten || l.PropagatesMask)];
        if (!masked.Any(l => l is Flatten { PropagatesMask: false }))
            return true;
        return masked.Any(l => l is RecurrentLayer or Bidirectional)
            ? throw new InputException("this classifier takes padded sequences and flattens what a recurrent layer gives for the padding too, where other programs put zeros; it cannot be exported")
            : false;
    }
}
