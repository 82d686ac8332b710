using VideoLstm.Core.Samples;

namespace VideoLstm.Core.Extractors;

/// <summary>What a user says of a network in an ONNX file; null: what the file says, or what is usual.</summary>
public sealed record OnnxChoices
{
    /// <summary>Nothing.</summary>
    public static OnnxChoices None { get; } = new();

    /// <summary>Name of the output: any value that the network computes.</summary>
    public string? Output { get; init; }

    /// <summary>What is taken of several tokens.</summary>
    public TokenPooling? Pooling { get; init; }

    /// <summary>Name of one of <see cref="OnnxPreprocessing.Presets"/>.</summary>
    public string? Preprocessing { get; init; }

    /// <summary>What is subtracted, by channel.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>What is divided by then, by channel.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>What a byte is multiplied by first.</summary>
    public double? Scale { get; init; }

    /// <summary>Whether the channels are blue, green, red.</summary>
    public bool? Bgr { get; init; }

    /// <summary>Frames that it sees at once.</summary>
    public int? ClipFrames { get; init; }

    /// <summary>From one of them to the next, frames of the video.</summary>
    public int? ClipStride { get; init; }
}
