namespace VideoLstm.Core.Media;

/// <summary>Text on a stretch of a video.</summary>
/// <param name="FirstFrame">Number of its first frame, from 0.</param>
/// <param name="EndFrame">Number of the frame after its last.</param>
/// <param name="StartSeconds">Time of its first frame, seconds.</param>
/// <param name="EndSeconds">Time of the frame after its last, seconds.</param>
/// <param name="Lines">The text, one line under the other.</param>
public sealed record FrameLabel(long FirstFrame, long EndFrame, double StartSeconds, double EndSeconds, IReadOnlyList<string> Lines)
{
    /// <summary>How long the bar beside each line is, 0 to 1, where bars are drawn; null in the list or altogether: none.</summary>
    public IReadOnlyList<double?>? Bars { get; init; }
}
