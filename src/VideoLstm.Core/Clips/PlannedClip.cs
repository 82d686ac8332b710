using VideoLstm.Core.Datasets;

namespace VideoLstm.Core.Clips;

/// <summary>A clip to be cut.</summary>
/// <param name="Name">Its file name without extension: that of the recording and the number of its place in it, in clips from 1.</param>
/// <param name="Set">Train or test.</param>
/// <param name="Class">Folder of its class.</param>
/// <param name="First">Number of its first frame in the recording, from 0.</param>
/// <param name="Frames">How many frames it has.</param>
public sealed record PlannedClip(string Name, ClipSet Set, string Class, int First, int Frames)
{
    /// <summary>Number of the frame after its last.</summary>
    public int End => First + Frames;
}
