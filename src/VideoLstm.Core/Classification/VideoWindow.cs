using System.Globalization;

namespace VideoLstm.Core.Classification;

/// <summary>A stretch of a video and what the classifier says of it.</summary>
/// <param name="FirstFrame">Number of its first frame, from 0.</param>
/// <param name="EndFrame">Number of the frame after its last.</param>
/// <param name="StartSeconds">Time of its first frame from the start of the video, seconds.</param>
/// <param name="EndSeconds">Time at which it ends, seconds.</param>
/// <param name="Ranking">Every class with its probability, best first.</param>
public sealed record VideoWindow(
    long FirstFrame, long EndFrame, double StartSeconds, double EndSeconds, IReadOnlyList<(string Class, float Probability)> Ranking)
{
    private const int Shown = 5;

    /// <summary>What is drawn and printed: <c>Football: 0.97</c>, best first, at most five.</summary>
    public IReadOnlyList<string> Lines { get; } =
        [.. Ranking.Take(Shown).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Class}: {r.Probability:0.00}"))];
}
