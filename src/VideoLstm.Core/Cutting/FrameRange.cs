namespace VideoLstm.Core.Cutting;

/// <summary>Frames that follow each other.</summary>
/// <param name="First">Number of the first.</param>
/// <param name="End">Number of the one after the last.</param>
internal readonly record struct FrameRange(int First, int End)
{
    /// <summary>Number of frames.</summary>
    public int Count => End - First;
}
