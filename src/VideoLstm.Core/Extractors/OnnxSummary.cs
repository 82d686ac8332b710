using VideoLstm.Core.Formats;
using VideoLstm.Core.Formats.Onnx;

namespace VideoLstm.Core.Extractors;

/// <summary>What an ONNX file is, in words; without ONNX Runtime.</summary>
/// <param name="Producer">Which program wrote it, and with which sets of operators.</param>
/// <param name="Inputs">What goes in, a line each.</param>
/// <param name="Outputs">What comes out.</param>
/// <param name="Operators">How often each operator occurs, the most frequent first.</param>
/// <param name="Weights">How many numbers its weights are.</param>
/// <param name="External">Files in which weights lie besides.</param>
public sealed record OnnxSummary(
    string Producer, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<(string Name, long Count)> Operators,
    double Weights, IReadOnlyList<string> External)
{
    /// <summary>Values that can be outputs, the last first.</summary>
    public required IReadOnlyList<string> Computed { get; init; }

    /// <summary>What the file says besides.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>How pictures would be given to it and features taken, in a line; null: see <see cref="Fault"/>.</summary>
    public string? Assumed { get; init; }

    /// <summary>Why it cannot take features of pictures; null: it can, as far as can be told.</summary>
    public Finding? Fault { get; init; }

    /// <inheritdoc cref="OnnxFile.IsLikely"/>
    public static bool IsLikely(string path) => OnnxFile.IsLikely(path);

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It is no ONNX file, is damaged, or its weights lie where they may not.</exception>
    public static OnnxSummary Read(string path)
    {
        var file = OnnxFile.Read(path);
        string? assumed = null;
        Finding? fault = null;
        try
        {
            assumed = OnnxPictureNetwork.Assume(file, OnnxChoices.None).Assumed;
        }
        catch (InputException e)
        {
            fault = e.Finding;
        }
        string sets = string.Join(", ", file.OperatorSets.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => $"{(s.Key.Length == 0 ? "operator set" : Printable.Short(s.Key, 40))} {s.Value}"));
        return new OnnxSummary(
            file.Producer.Length > 0 ? $"{Printable.Short(file.Producer, 80)}, {sets}" : sets, [.. file.Inputs.Select(i => $"{i}")],
            [.. file.Outputs.Select(o => $"{o}")],
            [.. file.Operators.OrderByDescending(o => o.Value).ThenBy(o => o.Key, StringComparer.Ordinal)
                .Select(o => (Printable.Short(o.Key, 60), o.Value))],
            file.Weights, [.. file.ExternalFiles.Select(f => Printable.Short(f))])
        {
            Computed = [.. file.Computed.Reverse()],
            Metadata = file.Metadata,
            Assumed = assumed,
            Fault = fault,
        };
    }
}
