namespace VideoLstm.Core.Clips;

/// <summary>What of a class becomes clips and what does not.</summary>
/// <param name="Class">Folder of the class.</param>
/// <param name="Train">Clips for training.</param>
/// <param name="Test">Clips for the test.</param>
/// <param name="RestSeconds">What was left at the ends of segments, too short for a clip, seconds.</param>
/// <param name="GapClips">Clips left out between those for training and those for the test.</param>
public sealed record ClassClips(string Class, int Train, int Test, double RestSeconds, int GapClips);
