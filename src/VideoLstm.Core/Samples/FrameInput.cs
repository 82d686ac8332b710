namespace VideoLstm.Core.Samples;

/// <summary>What a network sees of the frames of a clip.</summary>
public enum FrameInput
{
    /// <summary>The frames.</summary>
    Rgb,

    /// <summary>The frames without colour.</summary>
    Gray,

    /// <summary>How much each pixel's brightness differs from the one in the next frame.</summary>
    Diff,

    /// <summary>How far each pixel moves to the next frame: direction as hue, distance as brightness.</summary>
    Flow,

    /// <summary>A frame and the next one, half of each, where pixels move: times the blurred picture of the flow.</summary>
    FlowMask,

    /// <summary>The same where brightness changes: times the blurred picture of the differences.</summary>
    DiffMask,
}
