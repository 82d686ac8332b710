namespace VideoLstm.Core.Jobs;

/// <summary>What a page for a person shows.</summary>
/// <param name="Segments">Segments that the timeline had.</param>
/// <param name="Classes">The names of the classes.</param>
/// <param name="Shots">Shots of the video; 0 where nobody has looked for them.</param>
/// <param name="Seconds">Length of the video.</param>
public sealed record ReviewResult(int Segments, IReadOnlyList<string> Classes, int Shots, double Seconds);
