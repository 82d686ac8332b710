using System.Text.Encodings.Web;
using System.Text.Json;
using VideoLstm.Core.Compute;
using VideoLstm.Core.Formats;
using VideoLstm.Core.Models;

namespace VideoLstm.Core.Export;

/// <summary>What is the same for all formats.</summary>
internal static class Exports
{
    /// <summary>Umlauts need no escapes.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>[rows, columns]</c> to <c>[columns, rows]</c>.</summary>
    public static ReadOnlyMemory<float> Transposed(NamedTensor tensor) =>
        Tensors.Transposed(tensor.Values, tensor.Shape[0], tensor.Shape[1]);

    /// <summary>
    /// Whether a classifier must be told how many frames of a sequence are real: where sequences may be padded, unless all features are
    /// flattened at once, the zeros of what is not there among them.
    /// </summary>
    /// <exception cref="InputException">What stands where frames are not there counts, and other programs put something else
    /// there.</exception>
    public static bool TakesLengths(NetworkSpec network, CheckpointInfo info)
    {
        if (!info.Sequences.Pad)
            return false;
        LayerSpec[] masked = [.. network.Layers.TakeWhile(l => l.Spec is FlattenSpec || l.PropagatesMask).Select(l => l.Spec)];
        if (!masked.Any(l => l is FlattenSpec { TimeDistributed: false }))
            return true;
        return masked.Any(l => l is RecurrentSpec)
            ? throw new InputException(
                "this classifier takes padded sequences and flattens what a recurrent layer gives for the padding too, where other "
                    + "programs put zeros; it cannot be exported")
            : false;
    }
}
