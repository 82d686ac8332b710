using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Samples;

/// <summary>What the frames of a clip are read from.</summary>
public enum SequenceSourceKind
{
    /// <summary>The clip itself.</summary>
    Clip,

    /// <summary>The JPEG frames beside it.</summary>
    Frames,
}
