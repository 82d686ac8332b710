using System.Text.Json.Serialization;
using VideoLstm.Core.Media;
using VideoLstm.Numerics.Inference;

namespace VideoLstm.Core.Samples;

/// <summary>All that decides what the features of a clip are, apart from the clip.</summary>
/// <param name="Length">Frames in a sequence.</param>
/// <param name="Height">Height of the pictures that the network sees, pixels.</param>
/// <param name="Width">Their width, pixels.</param>
/// <param name="Sampling">Which frames of the clip are taken.</param>
/// <param name="Fit">How a frame is brought to that size.</param>
/// <param name="WeightsDigest">Digest of the network's weights.</param>
/// <param name="Precision">What the network computes with.</param>
/// <param name="Pad">Whether clips and windows with fewer frames than <paramref name="Length"/> are kept, with zeros behind their
/// features.</param>
/// <remarks>As JSON it is part of what names of runs are a digest of: what is there, in this order, must stay.</remarks>
public sealed record SequenceSpec(
    int Length, int Height, int Width, FrameSampling Sampling, FrameFit Fit, string WeightsDigest, Precision Precision = Precision.Float,
    [property: JsonPropertyOrder(1)] bool Pad = false)
{
    /// <summary>
    /// With <see cref="FrameSampling.Sliding"/>: how long a stretch of the clip a sequence stands for, seconds; else 0, as
    /// where windows are of nearly the whole clip.
    /// </summary>
    public double WindowSeconds { get; init; }

    /// <summary>With <see cref="FrameSampling.Sliding"/>: from the start of a window to that of the next, seconds; else 0, as
    /// where it is a frame.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Values that the extractor gives for a frame; 0 where there is none, or it is not chosen yet.</summary>
    [JsonIgnore]
    public int Features { get; init; }

    /// <summary>Which network takes the features, where it is one of an ONNX file: <see cref="WeightsDigest"/> is its digest. Else
    /// null.</summary>
    [JsonIgnore]
    public OnnxSettings? Onnx { get; init; }

    /// <summary>What computes the features, if not the CPU engine: else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Backend { get; init; }
}
